"""Time travel for machines: the eight header cases of RFC 7089."""

from datetime import UTC, datetime

import pytest

from policies.models import Policy
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db

FIRST, SECOND = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def privacy() -> Policy:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, published_at=FIRST)
    factories.make_version(policy, published_at=SECOND, body=factories.NEXT_BODY)
    return policy


def test_the_page_is_its_own_gate() -> None:
    response = answer("/p/privacy/")
    assert 'rel="original timegate"' in response.headers["Link"]
    assert "/p/privacy/timemap/" in response.headers["Link"]
    assert "Accept-Datetime" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("Wed, 01 Jan 2025 00:00:00 GMT", 1),
        ("Tue, 01 Apr 2025 00:00:00 GMT", 1),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 1),
        ("Sun, 01 Jun 2025 00:00:00 GMT", 2),
        ("Fri, 01 Jan 2049 00:00:00 GMT", 2),
    ],
)
def test_a_moment_leads_to_its_version(asked: str, number: int) -> None:
    response = answer("/p/privacy/", 302, Accept_Datetime=asked)
    assert response.headers["Location"] == f"/p/privacy/v/{number}/"
    assert "Accept-Datetime" in response.headers["Vary"]


@pytest.mark.parametrize("asked", ["soon", "2025-01-01", "Wed, 01 Jan 2025 00:00:00 +0200", ""])
def test_a_malformed_moment_is_refused(asked: str) -> None:
    answer("/p/privacy/", 400, Accept_Datetime=asked)


def test_a_version_says_which_moment_it_is() -> None:
    response = answer("/p/privacy/v/1/")
    assert response.headers["Memento-Datetime"] == "Wed, 01 Jan 2025 00:00:00 GMT"
    assert 'rel="first memento"' in response.headers["Link"]
    assert 'rel="last memento"' in response.headers["Link"]


def test_the_time_map_lists_every_memento() -> None:
    lines = get("/p/privacy/timemap/").strip().split(",\n")
    assert len([line for line in lines if 'rel="memento"' in line]) == 2
    assert answer("/p/privacy/timemap/").headers["Content-Type"] == "application/link-format"
