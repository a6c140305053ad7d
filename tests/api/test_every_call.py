"""Every call of the description, sent with what it does not know: each time a problem that names it, and no page."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client

from policies.models import Scope
from policies.notices.on_site import host_tokens
from policies.views.programs.api import api
from policies.views.programs.api.problems import MEDIA_TYPE
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.api.test_api import Program
from tests.factories import days_ago, in_days

pytestmark = pytest.mark.django_db

HASH = "0" * 64
PATH = {"external_id": "uma", "slug": "terms", "number": 1, "label": "1", "index": 0, "reference": HASH[:32]}
NEEDED = {"at": "2027-01-01T00:00:00Z", "before": "1", "after": "1", "size": "1", "first": "1", "second": "1"}
NEEDED |= {"old_size": "1", "new_size": "1", "index": "0"}
GOOD = {
    "answer": "displayed", "policy": "terms", "version": 1, "text_sha256": HASH, "manifest_sha256": HASH,
    "external_id": "x", "on": "2026-11-01", "return_to": "https://app.example.org/", "place": "app",
}  # fmt: skip
# No field takes an object with a field that nobody knows.
WRONG = {"a": {"b": 1}}


def calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="")
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            yield method, path, described


def named(found: Iterable[tuple[str, str, dict[str, Any]]]) -> list[Any]:
    return [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in found]


CALLS = named(calls())
SENDING = named(each for each in calls() if "requestBody" in each[2])


@pytest.fixture
def send(settings: Any) -> Any:
    uma()
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    settings.HOST_KEY = "the host and this site share it" * 2
    key = Program(*Scope.values).secret
    token = host_tokens.sign("uma", expires_at=in_days(1))

    def send(method: str, path: str, described: dict[str, Any], body: object = None, **more: str) -> Any:
        by_token = {"HostToken": []} in described.get("security", [])
        needed = {each["name"] for each in described.get("parameters", []) if each.get("required")} & set(NEEDED)
        query = {name: NEEDED[name] for name in sorted(needed) if f"{{{name}}}" not in path} | more
        url = path if path.startswith(("/api/", "/embed/")) else f"/api/v1{path}"
        for name, value in PATH.items():
            url = url.replace(f"{{{name}}}", str(value))
        headers = {"Authorization": f"Bearer {token if by_token else key}", "Idempotency-Key": "key-of-this-call"}
        given = (
            {} if method == "get" else {"data": body if body is not None else {}, "content_type": "application/json"}
        )
        return getattr(Client(), method)(url, query_params=query, headers=headers, **given)

    return send


def refused(answer: Any, named: str) -> None:
    assert answer.status_code == 422, (answer.status_code, answer.content)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    said = answer.json()
    assert {"type", "title", "status"} <= set(said)
    assert any(named in f"{each['where']} {each['message']}" for each in said["errors"]), said


def shape_of(described: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What a call takes: the fields by their names, and whether it takes a list of such."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="")
    found = described["requestBody"]["content"]["application/json"]["schema"]
    is_list = found.get("type") == "array"
    name = (found["items"] if is_list else found)["$ref"].rpartition("/")[2]
    return schema["components"]["schemas"][name], is_list


def test_the_description_has_every_call_of_programs() -> None:
    paths = {path for _method, path, _described in calls()}
    assert {"/api/v1/ack", "/api/v1/policies/{slug}/status", "/embed/notices.json"} <= paths


@pytest.mark.parametrize(("method", "path", "described"), CALLS)
def test_an_unknown_parameter_is_named(send: Any, method: str, path: str, described: dict[str, Any]) -> None:
    refused(send(method, path, described, unheard_of="1"), "unheard_of")


@pytest.mark.parametrize(("method", "path", "described"), CALLS)
def test_a_parameter_of_another_type_is_named(send: Any, method: str, path: str, described: dict[str, Any]) -> None:
    for each in described.get("parameters", []):
        is_free = each["schema"].get("type") == "string" and not each["schema"].keys() & {"format", "maxLength", "enum"}
        if each["in"] == "query" and not is_free:
            refused(send(method, path, described, **{each["name"]: "no such_value " * 9}), each["name"])


@pytest.mark.parametrize(("method", "path", "described"), SENDING)
def test_an_unknown_field_is_named(send: Any, method: str, path: str, described: dict[str, Any]) -> None:
    shape, is_list = shape_of(described)
    given = {name: GOOD[name] for name in shape.get("required", [])} | {"unheard_of": 1}
    refused(send(method, path, described, [given] if is_list else given), "unheard_of")


@pytest.mark.parametrize(("method", "path", "described"), SENDING)
def test_a_field_of_another_type_or_null_is_named(send: Any, method: str, path: str, described: dict[str, Any]) -> None:
    shape, is_list = shape_of(described)
    good = {name: GOOD[name] for name in shape.get("required", [])}
    for name, field in shape["properties"].items():
        may_be_null = {"type": "null"} in field.get("anyOf", [])
        for wrong in (WRONG, *([] if may_be_null else [None])):
            given = {**good, name: wrong}
            refused(send(method, path, described, [given] if is_list else given), name)


@pytest.mark.parametrize(("method", "path", "described"), SENDING)
@pytest.mark.parametrize("body", ["", "no json", "[", '"text"', "5", "null"])
def test_what_is_no_such_body_is_a_problem(
    send: Any, method: str, path: str, described: dict[str, Any], body: str
) -> None:
    answer = send(method, path, described, body)
    assert (answer.status_code, answer.headers["Content-Type"]) in {(422, MEDIA_TYPE), (400, MEDIA_TYPE)}


HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = [("get", "/p/nowhere/", 404), ("post", "/", 405), ("trace", "/", 405), ("get", "/p/a%00b/", 400)]


@pytest.mark.parametrize(("method", "path", "status"), PAGES)
@pytest.mark.parametrize("taken", ["application/json", "application/problem+json, */*;q=0.1"])
def test_a_program_gets_a_problem_wherever_it_asks(method: str, path: str, status: int, taken: str) -> None:
    answer = getattr(Client(), method)(path, headers={"Accept": taken})
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, MEDIA_TYPE)
    assert answer.json()["status"] == status


@pytest.mark.parametrize(("method", "path", "status"), PAGES[:1])
@pytest.mark.parametrize("taken", [HTML, {}, {"Accept": "*/*"}, {"Accept": "text/html, application/json;q=0.5"}])
def test_everybody_else_gets_a_page(method: str, path: str, status: int, taken: dict[str, str]) -> None:
    answer = getattr(Client(), method)(path, headers=taken)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "Accept" in answer.headers["Vary"]


def test_a_program_gets_a_problem_for_a_body_too_large_a_forged_form_and_our_faults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    takes = {"Accept": "application/json"}
    large = Client().post("/sign-in/person/", b"x" * 7_000_000, content_type="application/json", headers=takes)
    assert (large.status_code, large.headers["Content-Type"]) == (413, MEDIA_TYPE)
    forged = Client(enforce_csrf_checks=True).post("/sign-in/person/", {"address": "a@example.org"}, headers=takes)
    assert (forged.status_code, forged.headers["Content-Type"]) == (403, MEDIA_TYPE)
    people.uma()
    monkeypatch.setattr("policies.views.public.policy_pages.timeline.of_all", lambda *, at: at / 0)
    fault = Client(raise_request_exception=False).get("/", headers=takes)
    assert (fault.status_code, fault.headers["Content-Type"]) == (500, MEDIA_TYPE)


@pytest.mark.parametrize("path", ["/p/x/", "/embed/nothing/", "/api/", "/api/v1/nothing", "/admin/nothing/"])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_no_page_is_ever_sent_to_a_program(method: str, path: str) -> None:
    answer = getattr(Client(), method)(path, headers={"Accept": "application/json"})
    assert answer.status_code in range(300, 500)
    assert not answer.headers.get("Content-Type", "").startswith("text/html") or answer.status_code < 400
