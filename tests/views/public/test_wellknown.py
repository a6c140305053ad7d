"""What machines look for at fixed addresses."""

import json
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from policies import clock
from policies.look import in_use
from tests import factories
from tests.views.asking import get

pytestmark = pytest.mark.django_db


def test_policies_are_listed_for_machines() -> None:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy)
    factories.make_version(policy, effective_at=factories.in_days(30))
    (found,) = json.loads(get("/.well-known/policies.json"))["policies"]
    assert found["in_force"]["number"] == 1
    assert [each["number"] for each in found["upcoming"]] == [2]
    assert found["feed"] == "http://127.0.0.1:8000/p/privacy/feed.atom"


def test_the_list_costs_the_same_for_any_number(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(4):
        factories.make_version()
    in_use.look()  # a process asks for it once a second
    with django_assert_num_queries(1):
        get("/.well-known/policies.json")


def test_privacy_signals_are_honored() -> None:
    assert json.loads(get("/.well-known/gpc.json"))["gpc"] is True


def test_the_security_contact_has_not_expired() -> None:
    lines = dict(line.split(": ", 1) for line in get("/.well-known/security.txt").splitlines())
    expires = datetime.fromisoformat(lines["Expires"])
    assert clock.now() < expires < clock.now() + timedelta(days=366)
    assert lines["Contact"].startswith("mailto:")


def test_crawlers_are_told_what_is_public() -> None:
    factories.make_version(factories.make_policy(slug="privacy"))
    assert "Disallow: /admin/" in get("/robots.txt")
    assert "<loc>http://127.0.0.1:8000/p/privacy/</loc>" in get("/sitemap.xml")


def test_a_superseded_or_announced_version_is_not_in_the_sitemap() -> None:
    factories.make_version(factories.make_policy(slug="soon"), effective_at=factories.in_days(3))
    assert "<loc>" not in get("/sitemap.xml")


def test_health_is_told() -> None:
    assert json.loads(get("/health/")) == {"database": "ok"}
