import base64
import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from policies import clock, ledger, publishing
from policies.ledger import tree
from policies.models import Act, ApiKey, Person, Scope, User, Version
from policies.models.access import fingerprint, new_secret
from policies.views.programs.api import authentication
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.factories import GERMAN, MATERIAL, days_ago, in_days, make_person

pytestmark = pytest.mark.django_db

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
    assert program.call("post", "/people", crowd).json() == {"created": 3, "changed": 0, "unchanged": 0}
    bad = [{"external_id": "q-1"}, {"external_id": "q-2", "address": "no address\n"}]
    response = program.call("post", "/people", bad)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not Person.objects.filter(external_id__startswith="q-").exists()


def test_many_people_take_as_many_statements_as_few(program: Any, django_assert_max_num_queries: Any) -> None:
    crowd = [{"external_id": f"p-{n}", "address": f"p{n}@example.org"} for n in range(400)]
    for name, expected in (("", (400, 0, 0)), ("Somebody", (0, 400, 0)), ("Somebody", (0, 0, 400))):
        told = [{**one, "name": name} for one in crowd]
        with django_assert_max_num_queries(16):
            assert tuple(program.call("post", "/people", told).json().values()) == expected


def test_the_same_person_twice_in_one_call_is_refused(program: Any) -> None:
    assert program.call("post", "/people", [{"external_id": "a"}, {"external_id": "a"}]).status_code == 422


def test_two_are_not_each_others_guardian_however_many_stand_between(program: Any) -> None:
    given = [{"external_id": "a", "guardian": "b"}, {"external_id": "b", "guardian": "c"}, {"external_id": "c"}]
    assert program.call("post", "/people", given).status_code == 200
    refused = program.call("put", "/people/c", {"guardian": "a"})
    assert (refused.status_code, "their own guardian" in refused.content.decode()) == (422, True)
    assert program.call("get", "/people/c").json()["guardian"] is None
    both = [{"external_id": "x", "guardian": "y"}, {"external_id": "y", "guardian": "x"}]
    assert program.call("post", "/people", both).status_code == 422


def test_a_name_with_what_nobody_sees_is_refused_and_what_was_known_so_can_still_be_changed(program: Any) -> None:
    assert program.call("put", "/people/a", {"name": "Uma \u202egreB"}).status_code == 422
    Person.objects.filter(pk=make_person().pk).update(external_id="odd\u200b", name="Uma\u202e")
    assert program.call("put", "/people/odd%E2%80%8B", {"language": "de"}).json()["language"] == "de"


def test_a_guardian_may_come_in_the_same_call_and_be_let_go(program: Any) -> None:
    program.call("post", "/people", [{"external_id": "kid", "guardian": "mum"}, {"external_id": "mum"}])
    assert program.call("get", "/people/kid").json()["guardian"] == "mum"
    assert program.call("put", "/people/kid", {"guardian": ""}).json()["guardian"] is None
    assert program.call("put", "/people/kid", {"guardian": "nobody"}).status_code == 404
    assert program.call("put", "/people/kid", {"guardian": "kid"}).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "x"},
        {"audience": "pilots"},
        {"audience": ["a b"]},
        {"audience": ["nobody"]},
        {"audience": [5]},
        {"address": "x"},
        {"name": "a\nb"},
        {"left_at": "1999-01-01T00:00:00Z"},
        {"joined_at": "2020-01-01T00:00:00"},
    ],
)
def test_what_cannot_be_is_refused_with_its_place(program: Any, fields: Any) -> None:
    answer = program.call("put", "/people/ab-1", fields)
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", ["a/b", "a b", "ä", "a%2Fb", "x?y", ".."])
def test_ids_may_hold_what_addresses_do_not(program: Any, name: str) -> None:
    path = f"/people/{quote(name, safe='')}"
    assert program.call("put", path, {"name": "Ann"}).json()["external_id"] == name
    assert program.call("get", f"{path}/outstanding").json() == []


def test_everybody_is_read_in_parts(program: Any) -> None:
    program.call("post", "/people", [{"external_id": f"p-{n}"} for n in range(5)])
    names: list[list[str]] = []
    after: int | None = 0
    while after is not None:
        page = program.call("get", f"/people?limit=2&after={after}").json()
        names.append([item["external_id"] for item in page["items"]])
        after = page["next"]
    assert names == [["p-0", "p-1"], ["p-2", "p-3"], ["p-4"]]


def test_a_body_that_is_too_large_is_a_problem(program: Any) -> None:
    answer = program.call("post", "/people", [{"external_id": "x" * 100, "name": "y" * 3_000_000}])
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nowhere", 404), ("delete", "/people/uma", 405), ("post", "/log/inclusion", 405)],
)
def test_whatever_goes_wrong_below_the_api_is_a_problem(method: str, path: str, status: int) -> None:
    answer = getattr(Client(), method)(BASE + path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Allow" in answer.headers) == (status == 405)


def test_too_many_calls_are_told_when_to_come_back(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "CALLS_PER_MINUTE", 0)
    answer = program.call("get", "/people")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_the_api_changes_no_user(program: Any) -> None:
    user = people.uma()
    program.call("put", "/people/uma", {"address": "thief@example.org", "is_staff": True, "email": "thief@example.org"})
    user.refresh_from_db()
    assert (user.email, user.is_staff, User.objects.count()) == ("uma@example.org", False, User.objects.count())


def test_what_is_outstanding_comes_with_the_page_to_answer_on(program: Any, version: Version) -> None:
    (question,) = program.call("get", "/people/uma/outstanding").json()
    assert (question["policy"], question["version"], question["stage"]) == ("terms", 1, "gate")
    assert question["answer_url"] == "http://127.0.0.1:8000/review/terms/"


def test_what_binds_today_and_what_is_announced_come_each_with_its_own_dates(program: Any, version: Version) -> None:
    announced = asking_version(version.policy, effective_at=in_days(20), published_at=days_ago(1))
    told = program.call("get", "/people/uma/outstanding").json()
    assert [(each["version"], each["stage"]) for each in told] == [(1, "gate"), (2, "upcoming")]
    dates = [datetime.fromisoformat(each["effective_at"]) for each in told]
    for said, of in zip(dates, (version, announced), strict=True):
        assert of.effective_at is not None
        assert abs(said - of.effective_at) < timedelta(milliseconds=1)
    assert [each["due_at"] for each in told] == [each["effective_at"] for each in told]
    assert told[1]["answer_url"].endswith("/review/terms/?version=2")
    assert post_act(program, version).status_code == 201
    assert [each["version"] for each in program.call("get", "/people/uma/outstanding").json()] == [2]


def test_programs_learn_what_changed_in_every_language(program: Any) -> None:
    fields = {"translations": {"de": "Kurz.\n", "fr": "Bref.\n"}, "answers": {"de": GERMAN}, **MATERIAL}
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9), **fields)
    english = {"language": "en", **{name: MATERIAL[name] for name in GERMAN}}
    told = {"en": english, "fr": english, "de": {"language": "de", **GERMAN}}
    for path in ("/policies/terms/versions/1", "/policies/terms/versions"):
        found = program.call("get", path).json()
        (version,) = found.get("items", [found])
        assert {text["language"]: text["summary"] for text in version["texts"]} == told
    for language in ("de", "fr"):
        uma()
        Person.objects.update(language=language)
        (question,) = program.call("get", "/people/uma/outstanding").json()
        assert question["summary"] == told[language]


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
        ({"wording": "a\0b"}, 400, "malformed"),
    ],
)
def test_bad_answers_record_nothing(program: Any, version: Version, fields: Any, status: Any, code: Any) -> None:
    response = post_act(program, version, **fields)
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (status, code)
    assert not Act.objects.exists()


def test_an_overtaken_answer_names_the_newer_version(program: Any, version: Version) -> None:
    now = clock.now()
    asking_version(version.policy, effective_at=now, published_at=now)
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
    (found,) = client.get(f"{BASE}/policies/terms/versions?as_of=2999-01-01T00:00:00Z").json()["items"]
    assert found["texts"][0]["sha256"] == version.text_in("en").sha256
    whole = client.get(f"{BASE}/policies/terms/versions/1").json()
    assert (whole["number"], whole["texts"][0]["markdown"]) == (1, version.text_in("en").body)
    assert client.get(f"{BASE}/policies/terms/redline?before=1&after=1").json()["plain"] == ""
    assert client.get(f"{BASE}/policies/terms/versions?as_of=1999-01-01T00:00:00Z").json()["items"] == []


def test_versions_come_in_parts_by_number(version: Version) -> None:
    for _ in range(4):
        asking_version(version.policy, effective_at=days_ago(1), published_at=days_ago(9))
    numbers, before = [], 2**31 - 1
    while before:
        page = Client().get(f"{BASE}/policies/terms/versions?limit=2&before={before}").json()
        numbers.append([item["number"] for item in page["items"]])
        before = page["next"]
    assert numbers == [[5, 4], [3, 2], [1]]


def test_a_policy_is_found_by_an_address_it_once_had(version: Version) -> None:
    publishing.rename(policy=version.policy, slug="new-terms", by=people.edith(), at=clock.now())
    paths = [path for path in Client().get(f"{BASE}/openapi.json").json()["paths"] if "{slug}" in path]
    assert len(paths) > 2
    for path in paths:
        query = {"before": 1, "after": 1} if path.endswith("/redline") else {}
        there = f"{path.format(slug='terms', label=1).removeprefix(BASE)}?{urlencode(query)}"
        said = Program(*Scope.values).call("get", there)
        assert (said.status_code, "new-terms" in said.content.decode()) == (200, True), path


def test_an_answer_names_a_policy_by_an_address_it_once_had(program: Any, version: Version) -> None:
    publishing.rename(policy=version.policy, slug="new-terms", by=people.edith(), at=clock.now())
    assert post_act(program, version).json()["policy"] == "new-terms"


def test_what_was_public_at_an_instant_is_answered_without_a_key(version: Version) -> None:
    upcoming = {"effective_at": clock.now() + timedelta(days=9), "published_at": days_ago(2)}
    asking_version(version.policy, **upcoming, withdrawn_at=days_ago(1))

    def then(days: float) -> Any:
        at = days_ago(days).isoformat().replace("+00:00", "Z")
        (found,) = Client().get(f"{BASE}/policies/public?at={at}").json()
        return found["in_force"], found["announced"]

    assert [then(20), then(5), then(1.5), then(0.5)] == [(None, None), (None, 1), (None, 2), (1, 1)]


def test_what_applied_says_what_was_announced_too(program: Any, version: Version) -> None:
    at = days_ago(5).isoformat().replace("+00:00", "Z")
    (found,) = program.call("get", f"/people/uma/applied?at={at}").json()
    assert (found["in_force"], found["announced"], found["agreed"]) == (None, 1, None)


@pytest.mark.parametrize("at", ["2027-01-01T00:00:00", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "x"])
def test_an_instant_that_cannot_be_read_is_a_problem(program: Any, version: Version, at: str) -> None:
    for answer in (
        program.call("get", f"/people/uma/applied?at={at}"),
        Client().get(f"{BASE}/policies/public?at={at}"),
    ):
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "malformed")


def test_the_log_is_proved_by_index_and_by_hash(program: Any, version: Version) -> None:
    for number in range(5):
        ledger.append(kind="test", reference=str(number), body={}, at=clock.now())
        ledger.seal(at=clock.now())
    head = Client().get(f"{BASE}/log/checkpoint").json()
    by_index = Client().get(f"{BASE}/log/inclusion?index=2").json()
    by_hash = Client().get(f"{BASE}/log/inclusion?leaf_sha256={by_index['leaf_sha256']}").json()
    assert by_index == by_hash
    path = [base64.b64decode(step) for step in by_index["path"]]
    leaf, root = bytes.fromhex(by_index["leaf_sha256"]), bytes.fromhex(head["root_sha256"])
    assert tree.is_included(leaf=leaf, index=2, size=head["size"], path=path, root=root)
    assert len(Client().get(f"{BASE}/log/consistency?first=2&second=5").json()["path"]) == 2
    for missing in ("inclusion", "inclusion?index=5", "inclusion?index=4&size=3", "consistency?first=5&second=2"):
        assert Client().get(f"{BASE}/log/{missing}").status_code == 404


PRIVATE = [
    ("get", "/policies/terms/versions/1/answers", None, "acts:read"),
    ("get", "/policies/terms/versions/1/answers/people", None, "acts:read"),
    ("get", "/people", None, Scope.PEOPLE_READ),
    ("get", "/people/uma", None, Scope.PEOPLE_READ),
    ("put", "/people/uma", {"name": "X"}, Scope.PEOPLE_WRITE),
    ("post", "/people", [{"external_id": "x"}], Scope.PEOPLE_WRITE),
    ("get", "/people/uma/outstanding", None, Scope.ACTS_READ),
    ("get", "/people/uma/acts", None, Scope.ACTS_READ),
    ("get", "/people/uma/applied?at=2027-01-01T00:00:00Z", None, Scope.ACTS_READ),
    ("get", "/acts/00000000-0000-0000-0000-000000000000/receipt", None, Scope.ACTS_READ),
    ("post", "/people/uma/acts", {}, Scope.ACTS_WRITE),
    ("post", "/people/uma/hand-over", {}, Scope.ACTS_WRITE),
    ("post", "/people/uma/use", {}, Scope.PEOPLE_WRITE),
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
    assert client.post(path).headers["Location"] == "/review/terms/"
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


def test_the_description_is_public_and_says_what_each_call_needs() -> None:
    described = Client().get(f"{BASE}/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert described["paths"]["/api/v1/people"]["post"]["x-scope"] == "people:write"
    scopes = [each.get("x-scope") for methods in described["paths"].values() for each in methods.values()]
    assert len([scope for scope in scopes if scope]) == len(PRIVATE)


def test_the_description_is_a_page_for_people_too(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        page = Client().get(f"{BASE}/docs")
    words = page.content.decode()
    described = Client().get(f"{BASE}/openapi.json").json()
    calls = [each for methods in described["paths"].values() for each in methods.values()]
    assert all(call["summary"] in words for call in calls)
    assert words.count('class="api-call"') == len(calls) == len(set(re.findall(r'<h2 id="([^"]+)"', words)))
    assert not page.cookies
