import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from policies import clock, ledger
from policies.models import Act, ApiKey, Person, Scope, User, Version
from policies.models.api import fingerprint, new_secret
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.factories import days_ago

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BASE = "/api/v1"


class Program:
    """A program with a key."""

    def __init__(self, *scopes: str, **fields: object) -> None:
        self.secret = new_secret()
        ApiKey.objects.create(
            name="Studio",
            prefix="",
            secret_sha256=fingerprint(self.secret),
            scopes=scopes,
            created_at=clock.now(),
            **fields,
        )

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(Client(), method)(
            BASE + path, headers={"Authorization": f"Bearer {self.secret}", **headers}, **given
        )


@pytest.fixture
def program() -> Any:
    return Program(*Scope.values)


@pytest.fixture
def version() -> Any:
    uma()
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


def answer_to(shown: Any, **fields: Any) -> Any:
    text = shown.text_in("en")
    hashes = {"text_sha256": text.sha256, "manifest_sha256": shown.manifest_sha256}
    return {"answer": "agreed", "policy": "terms", "version": shown.number, **hashes, **fields}


def post_act(program: Any, shown: Any, *, key: str = "one-key-1", person: str = "uma", **fields: Any) -> Any:
    return program.call("post", f"/people/{person}/acts", answer_to(shown, **fields), **{"Idempotency-Key": key})


def test_people_are_added_and_changed_by_your_own_key(program: Any) -> None:
    put = program.call("put", "/people/ab-1", {"name": "Ann", "address": "ann@example.org", "language": "de"})
    assert put.json()["name"] == "Ann"
    program.call("put", "/people/ab-1", {"name": "Anna"})
    found = program.call("get", "/people/ab-1").json()
    assert (found["name"], found["address"], found["language"]) == ("Anna", "ann@example.org", "de")


def test_many_people_come_all_or_none(program: Any) -> None:
    crowd = [{"external_id": f"p-{n}", "address": f"p{n}@example.org"} for n in range(3)]
    assert program.call("post", "/people", crowd).json() == {"created": 3, "changed": 0}
    bad = [{"external_id": "q-1"}, {"external_id": "q-2", "address": "no address\n"}]
    response = program.call("post", "/people", bad)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not Person.objects.filter(external_id__startswith="q-").exists()


def test_the_api_changes_no_user(program: Any) -> None:
    user = people.uma()
    program.call("put", "/people/uma", {"address": "thief@example.org", "is_staff": True, "email": "thief@example.org"})
    user.refresh_from_db()
    assert (user.email, user.is_staff, User.objects.count()) == ("uma@example.org", False, User.objects.count())


def test_what_is_outstanding_comes_with_the_page_to_answer_on(program: Any, version: Version) -> None:
    (question,) = program.call("get", "/people/uma/outstanding").json()
    assert (question["policy"], question["version"], question["stage"]) == ("terms", 1, "gate")
    assert question["answer_url"] == "http://127.0.0.1:8000/review/terms/"


def test_an_answer_is_recorded_with_its_source(program: Any, version: Version) -> None:
    response = post_act(program, version, wording="I agree to the Terms.")
    assert response.status_code == 201
    act = Act.objects.get()
    assert (act.method, act.strength, act.source, act.wording) == ("api", "host", "Studio", "I agree to the Terms.")
    assert program.call("get", "/people/uma/outstanding").json() == []


def test_the_same_key_finds_the_same_act_and_takes_no_other(program: Any, version: Version) -> None:
    first = post_act(program, version).json()
    assert post_act(program, version).json() == first
    other = post_act(program, version, answer="declined")
    assert (other.status_code, other.json()["type"][-22:]) == (422, "idempotency-key-reused")
    assert Act.objects.count() == 1


def test_a_second_answer_is_told_that_one_stands(program: Any, version: Version) -> None:
    first = post_act(program, version).json()
    second = post_act(program, version, key="another-key")
    assert (second.status_code, second.json()["act"]) == (409, first["reference"])


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"version": 9}, 404, "not-found"),
        ({"text_sha256": "0" * 64}, 409, "stale-render"),
        ({"manifest_sha256": "0" * 64}, 409, "stale-render"),
        ({"text_sha256": "x"}, 422, "malformed"),
        ({"answer": "withdrawn"}, 422, "malformed"),
        ({"version": 10**12}, 422, "malformed"),
        ({"wording": "a\0b"}, 422, "malformed"),
    ],
)
def test_bad_answers_record_nothing(program: Any, version: Version, fields: Any, status: Any, code: Any) -> None:
    response = post_act(program, version, **fields)
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (status, code)
    assert not Act.objects.exists()


def test_an_overtaken_answer_names_the_newer_version(program: Any, version: Version) -> None:
    asking_version(version.policy, effective_at=clock.now() + timedelta(days=9), published_at=days_ago(0))
    response = post_act(program, version)
    assert (response.status_code, response.json()["current"]["version"]) == (409, 2)


def test_receipts_and_acts_are_read_in_pages(program: Any, version: Version) -> None:
    reference = post_act(program, version).json()["reference"]
    ledger.seal(at=clock.now())
    page = program.call("get", "/people/uma/acts?limit=1").json()
    assert ([act["reference"] for act in page["items"]], page["next"]) == ([reference], None)
    receipt = program.call("get", f"/acts/{reference}/receipt").json()
    assert receipt["proof"]["tree_size"] == 1
    assert program.call("get", "/people/uma/acts?limit=100000").status_code == 422


def test_what_applied_at_an_instant_is_answered(program: Any, version: Version) -> None:
    agreed_at = clock.now()
    post_act(program, version)
    before = program.call("get", f"/people/uma/applied?at={days_ago(0.5).isoformat().replace('+', '%2B')}").json()
    after = program.call(
        "get", f"/people/uma/applied?at={(agreed_at + timedelta(hours=1)).isoformat().replace('+', '%2B')}"
    )
    assert (before[0]["in_force"], before[0]["agreed"], before[0]["basis"]) == (1, None, "published")
    assert (after.json()[0]["agreed"], after.json()[0]["basis"]) == (1, "agreed")


def test_versions_and_redlines_are_public(version: Version) -> None:
    client = Client()
    (found,) = client.get(f"{BASE}/policies/terms/versions?as_of=2999-01-01T00:00:00Z").json()
    assert found["texts"][0]["sha256"] == version.text_in("en").sha256
    assert client.get(f"{BASE}/policies/terms/versions/1").json()["number"] == 1
    assert client.get(f"{BASE}/policies/terms/redline?before=1&after=1").json()["plain"] == ""
    assert client.get(f"{BASE}/policies/terms/versions?as_of=1999-01-01T00:00:00Z").json() == []


PRIVATE = [
    ("get", "/people/uma", None, Scope.PEOPLE_READ),
    ("put", "/people/uma", {"name": "X"}, Scope.PEOPLE_WRITE),
    ("post", "/people", [{"external_id": "x"}], Scope.PEOPLE_WRITE),
    ("get", "/people/uma/outstanding", None, Scope.ACTS_READ),
    ("get", "/people/uma/acts", None, Scope.ACTS_READ),
    ("get", "/people/uma/applied?at=2027-01-01T00:00:00Z", None, Scope.ACTS_READ),
    ("get", "/acts/00000000-0000-0000-0000-000000000000/receipt", None, Scope.ACTS_READ),
    ("post", "/people/uma/acts", {}, Scope.ACTS_WRITE),
    ("post", "/people/uma/hand-over", {}, Scope.ACTS_WRITE),
]


@pytest.mark.parametrize(("method", "path", "body", "scope"), PRIVATE)
def test_every_private_call_needs_its_own_scope(
    version: Version, method: Any, path: Any, body: Any, scope: Any
) -> None:
    others = Program(*set(Scope.values) - {scope})
    assert others.call(method, path, body).status_code == 403
    for bad in (Program(scope, revoked_at=clock.now()), Program(scope, expires_at=clock.now())):
        assert bad.call(method, path, body).status_code == 401
    given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    for headers in ({}, {"Authorization": "Bearer psk_guess"}):
        answer = getattr(Client(), method)(BASE + path, headers=headers, **given)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "body", "scope"), PRIVATE)
def test_being_signed_in_is_no_key(version: Version, method: Any, path: Any, body: Any, scope: Any) -> None:
    client = Client()
    client.force_login(people.edith())
    given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    assert getattr(client, method)(BASE + path, **given).status_code == 401


def test_a_person_is_handed_over_once_and_answers_as_asserted_by_the_host(
    program: Any, version: Version, settings: Any
) -> None:
    settings.HAND_OVER_ORIGINS = ("https://app.example.org",)
    link = program.call("post", "/people/uma/hand-over", {"return_to": "https://app.example.org/back"}).json()["url"]
    path, client = link.removeprefix("http://127.0.0.1:8000"), Client()
    assert "u***@example.org" in client.get(path).content.decode()
    assert client.get("/review/").status_code == 302
    assert client.post(path).headers["Location"] == "/review/"
    assert "https://app.example.org/back" in client.get("/review/").content.decode()
    assert "Terms of Service, version 1" in client.get("/review/terms/").content.decode()
    assert Client().post(path).status_code == 410


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://app.example.org.evil/"]
)
def test_people_return_to_allowed_origins_only(program: Any, version: Version, settings: Any, target: Any) -> None:
    settings.HAND_OVER_ORIGINS = ("https://app.example.org",)
    assert program.call("post", "/people/uma/hand-over", {"return_to": target}).status_code == 422


def test_a_link_is_over_after_two_minutes(program: Any, version: Version, time_machine: Any) -> None:
    link = program.call("post", "/people/uma/hand-over", {}).json()["url"]
    time_machine.move_to(clock.now() + timedelta(minutes=2))
    assert Client().get(link.removeprefix("http://127.0.0.1:8000")).status_code == 410


def test_the_description_is_public() -> None:
    assert Client().get(f"{BASE}/openapi.json").json()["openapi"].startswith("3.1")
