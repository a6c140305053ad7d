"""A hand-over that comes twice, from several windows or at once: one gets through, the others read why not."""

import re
from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.acceptance import handover
from tests.acceptance.asking import uma
from tests.api.test_simultaneous import at_once

pytestmark = pytest.mark.both_databases

SPENT = "This link does not work any more"


@pytest.fixture
def link(db: None) -> str:
    return link_of_uma()


def link_of_uma() -> str:
    return f"/hand-over/{handover.issue(person=uma(), return_to='', source='Studio', at=clock.now())}/"


def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def press(client: Client, link: str) -> Any:
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(link).content.decode())
    return client.post(link, {"csrfmiddlewaretoken": token[1]} if token else {})


def test_of_twenty_that_come_at_once_one_gets_through_and_all_others_read_that_it_was_used(fresh_database: Any) -> None:
    link = link_of_uma()
    answers = at_once(lambda: press(strict(), link), times=20)
    assert sorted(answer.status_code for answer in answers) == [302] + [410] * 19
    assert all(SPENT in answer.content.decode() for answer in answers if answer.status_code == 410)


def test_a_form_of_another_window_reads_that_the_link_was_used(link: str) -> None:
    press(strict(), link)
    answer = strict().post(link, {"csrfmiddlewaretoken": "x" * 64})
    assert (answer.status_code, SPENT in answer.content.decode()) == (410, True)


def test_a_form_that_comes_from_elsewhere_uses_nothing_up_and_shows_the_page(link: str) -> None:
    answer = strict().post(link, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "Going on accepts nothing" in answer.content.decode()) == (403, True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert press(strict(), link).status_code == 302
