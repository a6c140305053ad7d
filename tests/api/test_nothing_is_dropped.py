"""Whatever a program sends is read, or is an error that names itself: no field, parameter or type is passed over."""

from typing import Any

import pytest
from django.test import Client

from policies.models import NoticeSeen, Person
from policies.notices.on_site import host_tokens
from tests import factories
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.api.test_api import Program
from tests.factories import days_ago

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HASH = "0" * 64
ACT = {"answer": "agreed", "policy": "terms", "version": 1, "text_sha256": HASH, "manifest_sha256": HASH}


@pytest.fixture
def program() -> Any:
    uma()
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    return Program("people:read", "people:write", "acts:read", "acts:write")


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("put", "/people/x", {"adress": "x@example.org"}, "adress"),
        ("put", "/people/x", {"name": 5}, "name"),
        ("put", "/people/x", {"language": None}, "language"),
        ("put", "/people/x", {"language": "de_AT"}, "de_AT"),
        ("put", "/people/x", {"joined_at": None}, "joined_at"),
        ("put", "/people/x", {"joined_at": 0}, "joined_at"),
        ("put", "/people/x", {"joined_at": True}, "joined_at"),
        ("put", "/people/x", {"left_at": "1700000000"}, "left_at"),
        ("put", "/people/x", {"left_at": "yesterday"}, "left_at"),
        ("put", "/people/x", {"audience": ["drumers"]}, "drumers"),
        ("put", "/people/x", {"audience": "pilots"}, "audience"),
        ("put", "/people/x", [], "given"),
        ("post", "/people", {"external_id": "x"}, "given"),
        ("post", "/people", [{"external_id": "x", "audiences": []}], "audiences"),
        ("post", "/people/uma/use", {"on": 0}, "on"),
        ("post", "/people/uma/use", {"on": "2026-11-01", "time": "12:00"}, "time"),
        ("post", "/people/uma/hand-over", {"returnTo": "/"}, "returnTo"),
        ("post", "/people/uma/acts", {**ACT, "version": "1"}, "version"),
        ("post", "/people/uma/acts", {**ACT, "version": True}, "version"),
        ("post", "/people/uma/acts", {**ACT, "displayed_at": 1.5}, "displayed_at"),
        ("post", "/people/uma/acts", {**ACT, "onBehalf": "mother"}, "onBehalf"),
        ("get", "/people?external_id=x", None, "external_id"),
        ("get", "/people?limit=1&limit=2", None, "limit"),
        ("get", "/people/uma?fields=name", None, "fields"),
        ("get", "/people/uma/applied?at=0.5", None, "at"),
        ("get", "/people/uma/applied?at=2026-11-01", None, "offset"),
        ("get", "/policies/public?at=1700000000", None, "at"),
        ("get", "/policies/terms/versions?asof=2026-11-01", None, "asof"),
        ("get", "/policies/terms/redline?before=1&after=1&lang=de", None, "lang"),
        ("get", "/policies/terms/versions/1/answers?state=accepted", None, "state"),
        ("get", "/policies/terms/versions/1/answers/people?state=agreed", None, "state"),
        ("get", "/policies/terms/versions/1/answers/people?audiences=pro", None, "audiences"),
        ("get", "/policies/terms/versions/1/answers?audience=prose", None, "prose"),
        ("get", "/policies/terms/versions/1/answers/people?since=1700000000", None, "since"),
        ("get", "/policies/terms/versions/1/answers/people?since=2026-11-01", None, "offset"),
        ("get", "/policies/terms/versions/1/answers/people?limit=1&limit=2", None, "limit"),
        ("get", "/log/checkpoint?size=3", None, "size"),
    ],
)
def test_what_a_call_does_not_know_is_an_error_that_names_it(
    program: Any, method: str, path: str, body: object, named: str
) -> None:
    answer = program.call(method, path, body, **{"Idempotency-Key": "one-key-1"})
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert named in answer.content.decode()
    assert not Person.objects.filter(external_id="x").exists()


def test_null_empties_what_can_be_empty(program: Any) -> None:
    told = {"name": "Ann", "address": "ann@example.org", "audience": ["studio", "pilots"], "guardian": "uma"}
    factories.make_policy(audiences=("pilots", "studio"))
    program.call("put", "/people/ann", {**told, "left_at": "2027-01-01T00:00:00Z"})
    emptied = program.call("put", "/people/ann", {**dict.fromkeys(told), "left_at": None}).json()
    assert {name: emptied[name] for name in (*told, "left_at")} == {
        **dict.fromkeys(("name", "address"), ""),
        "audience": [],
        **dict.fromkeys(("guardian", "left_at")),
    }


def test_what_was_told_already_is_not_counted_as_changed(program: Any) -> None:
    crowd: list[dict[str, Any]] = [
        {"external_id": f"p-{number}", "name": f"Person {number}", "guardian": "uma"} for number in range(3)
    ]
    assert program.call("post", "/people", crowd).json() == {"created": 3, "changed": 0, "unchanged": 0}
    crowd[1] = {"external_id": "p-1", "name": "Somebody"}
    crowd[2] = {"external_id": "p-2", "guardian": None}
    assert program.call("post", "/people", crowd).json() == {"created": 0, "changed": 2, "unchanged": 1}
    assert Person.objects.get(external_id="p-1").guardian == uma()


@pytest.mark.parametrize(
    "body", ["[]", "{}", "no json", '{"policy": "terms", "version": 1, "noted": "yes"}', '{"policy": "terms", "v": 1}']
)
def test_an_acknowledgement_that_cannot_be_read_is_refused(program: Any, settings: Any, body: str) -> None:
    settings.HOST_KEY = "the host and this site share it" * 2
    token = host_tokens.sign("uma", expires_at=factories.in_days(1))
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client().post("/api/v1/ack", body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"].startswith("http://127.0.0.1:8000/problems/")
    assert not NoticeSeen.objects.exists()


@pytest.mark.parametrize("query", ["installd=1", "installed=x", "language=d"])
def test_a_status_is_asked_with_what_it_knows(program: Any, query: str) -> None:
    answer = Client().get(f"/api/v1/policies/terms/status?{query}")
    assert answer.status_code == 422
    assert answer.json()["title"]
