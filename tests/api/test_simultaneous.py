"""Calls that come together, over real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from policies.models import Act, Person, Scope
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.api.test_api import Program, post_act
from tests.factories import days_ago

pytestmark = pytest.mark.both_databases


def at_once(call: Callable[[], Any], *, times: int = 6) -> list[Any]:
    answers = []

    def run() -> None:
        answers.append(call())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_calls_that_add_the_same_person_all_succeed(fresh_database: Any) -> None:
    program = Program(*Scope.values)
    answers = at_once(lambda: program.call("put", "/people/new", {"name": "Ann"}).status_code)
    assert (answers, Person.objects.filter(external_id="new").count()) == ([200] * 6, 1)


def test_one_idempotency_key_is_one_act_for_all_who_come(fresh_database: Any) -> None:
    program = Program(*Scope.values)
    uma()
    version = asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    for answer in ("displayed", "agreed"):
        answers = at_once(lambda: post_act(program, version, key=f"key-of-{answer}", answer=answer).json())  # noqa: B023
        assert {found["reference"] for found in answers} == {str(Act.objects.get(kind=answer).subject_ref)}
