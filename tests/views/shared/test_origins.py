"""Pages of other origins read what is public and needs no key, and nothing else."""

from typing import Any

import pytest
from django.test import Client

from tests.deployment.test_every_address import NEEDS, PUBLIC
from tests.whole_site import World, by_code, nobody, routes

pytestmark = pytest.mark.django_db

# Public, and yet made for whoever stands before the screen, or for those who run the site.
FOR_PEOPLE = {
    *("policies:follow", "policies:follow in a language", "policies:my_notices"),
    *("policies:health", "policies:notices_health"),
    *("admin:jsi18n", "admin:login", "admin:logout", "demo:mailbox", "demo:mail", "demo:mail-html"),
    "api:api-root",
}
# A token of the host stands in a header, and pages of its product send it.
BY_TOKEN = {"policies:acknowledge", "policies:embedded"}


def test_whatever_is_public_is_read_by_pages_of_other_origins_and_nothing_else() -> None:
    world = World()
    wrong, uma = {}, by_code(world)
    for route in routes():
        is_open = route.key in (PUBLIC - FOR_PEOPLE) | BY_TOKEN
        path = world.paths(route)[0]
        answer = asked(nobody(world), path)
        if (answer.headers.get("Access-Control-Allow-Origin") == "*") is not is_open:
            wrong[route.key] = NEEDS[route.key]
        if is_open and not route.name.endswith("pdf"):  # which is set in type each time
            hers = asked(uma, path)
            assert (hers.status_code, hers.content) == (answer.status_code, answer.content), "A cookie changes nothing."
            assert "Access-Control-Allow-Credentials" not in hers.headers
    assert wrong == {}


def asked(client: Client, path: str) -> Any:
    return client.get(path, headers={"Origin": "https://app.example.org"})


def test_what_is_not_there_is_told_to_pages_of_other_origins_too() -> None:
    World()
    for path in ("/p/terms/v/99.md", "/p/terms/v/99/", "/p/unpublished/feed.atom", "/api/v1/policies/nope/versions"):
        answer = asked(Client(), path)
        assert answer.status_code == 404, path
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/p/terms/v/1.md", "GET, HEAD"),
        ("/.well-known/policies.json", "GET, HEAD"),
        ("/api/v1/openapi.json", "GET"),
        ("/api/v1/policies/terms/versions", "GET"),
        ("/api/v1/ack", "POST"),
    ],
)
def test_a_browser_that_asks_first_is_answered(path: str, methods: str) -> None:
    World()
    headers = {
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": methods.split(", ", maxsplit=1)[0],
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = Client().options(path, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == methods
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/account/", "/api/v1/people/u-17", "/admin/", "/metrics", "/sign-in/login/"])
def test_a_browser_that_asks_for_anything_else_is_not(path: str) -> None:
    answer = Client().options(
        path, headers={"Origin": "https://app.example.org", "Access-Control-Request-Method": "GET"}
    )
    assert not any(name.startswith("Access-Control") for name in answer.headers)
