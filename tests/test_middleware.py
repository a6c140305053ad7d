"""What no text can hold is turned away wherever it stands, and instants at the ends of time are."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from policies import api_keys, clock
from tests import factories
from tests.whole_site import World, root

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize("path", ["/follow/%00/", "/follow/a/?x=%00", "/p/a/?%00=1", "/review/?x=%ED%A0%80%00"])
def test_nul_in_an_address_is_a_bad_request(path: str) -> None:
    assert Client().get(path).status_code == 400


def test_nul_in_a_cookie_is_a_bad_request() -> None:
    assert Client().get("/account/", headers={"Cookie": 'sessionid="a\\000b"'}).status_code == 400


def test_nul_in_a_posted_field_is_a_bad_request() -> None:
    assert Client().post("/sign-in/login/code/", {"email": "a\0@example.org"}).status_code == 400


@pytest.mark.parametrize("given", ["a\0b", "\ud800", ["x", {"deep\0": 1}]])
def test_a_call_of_the_api_gets_a_problem(given: Any) -> None:
    secret = api_keys.create(name="Studio", scopes=["people:write"], period=None, by=None, at=clock.now())[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.put("/api/v1/people/uma", {"name": given}, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_nul_in_an_address_of_the_api_is_a_problem() -> None:
    answer = Client().get("/api/v1/policies/a%00b/versions")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


@pytest.mark.parametrize("asked", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31", "0001-01-01"])
def test_an_instant_at_the_ends_of_time_is_a_bad_request(asked: str) -> None:
    policy = factories.make_version(policy=factories.make_policy(time_zone="Pacific/Auckland")).policy
    assert Client().get(f"/p/{policy.slug}/", {"as_of": asked}).status_code in {400, 404}


def test_so_is_one_that_a_client_negotiates() -> None:
    policy = factories.make_version().policy
    asked = "Fri, 31 Dec 9999 23:59:59 -1400 GMT"
    assert Client().get(f"/p/{policy.slug}/", headers={"Accept-Datetime": asked}).status_code == 400


def test_a_day_of_use_at_the_beginning_of_time_is_refused() -> None:
    person = factories.make_person()
    secret = api_keys.create(name="Studio", scopes=["people:write"], period=None, by=None, at=clock.now())[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.post(
        f"/api/v1/people/{person.external_id}/use", {"on": "0001-01-01"}, content_type="application/json"
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("auditevent/?at__year=-1", 302),
        ("auditevent/?at__year=9999", 302),
        ("deletionrequest/x/change/", 302),
        ("deletionrequest/-1/change/", 302),
        ("notice/1/delete/?_to_field=", 403),
        ("policy/999999999/change/?_to_field=", 302),
    ],
)
def test_lists_of_the_desk_take_odd_numbers(path: str, status: int) -> None:
    assert root(World()).get(f"/admin/policies/{path}").status_code == status


@pytest.mark.parametrize("path", ["/", "/p/terms/", "/account/", "/admin/", "/sign-in/login/", "/nope"])
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "FOO"])
def test_no_page_takes_a_method_that_nobody_uses(path: str, method: str) -> None:
    answer = Client().generic(method, path)
    assert (answer.status_code, "TRACE" in answer.headers["Allow"]) == (405, False)


def test_no_call_of_the_api_takes_one_either() -> None:
    answer = Client().generic("TRACE", "/api/v1/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.parametrize("path", ["/sign-in/login/code/", "/admin/policies/person/", "/api/v1/people", "/follow/"])
def test_a_body_larger_than_any_file_is_refused_before_it_is_read(path: str) -> None:
    answer = Client().post(path, {"file": SimpleUploadedFile("people.csv", b"x" * (6 * 1024 * 1024))})
    assert answer.status_code == 413
    assert Client().post(path, headers={"Content-Length": "9" * 30}).status_code == 413


def test_a_call_without_tls_is_refused_and_a_page_is_sent_on(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/api/v1/people", headers={"Authorization": "Bearer psk_x"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "tls-needed")
    assert Client().post("/anymail/mailgun/tracking/").status_code == 403
    assert Client().get("/").headers["Location"].startswith("https://")
    assert Client().get("/api/v1/openapi.json", secure=True).status_code == 200
