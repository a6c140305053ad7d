"""ETags, 304, links: how a public page answers."""

import pytest
from django.test import Client

from policies.models import Version
from tests import factories
from tests.views.asking import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> Version:
    return factories.make_version(factories.make_policy(slug="privacy", kind="privacy"))


def test_a_page_unchanged_is_not_sent_again(version: Version) -> None:
    tag = answer("/p/privacy/").headers["ETag"]
    again = answer("/p/privacy/", 304, If_None_Match=tag)
    assert again.content == b""
    assert again.headers["ETag"] == tag


def test_a_banner_changes_the_tag_of_an_old_page(version: Version) -> None:
    tag = answer("/p/privacy/v/1/").headers["ETag"]
    factories.make_version(version.policy)
    assert answer("/p/privacy/v/1/", If_None_Match=tag).headers["ETag"] != tag


def test_a_page_may_be_kept_and_has_to_be_asked_for_again(version: Version) -> None:
    assert answer("/p/privacy/").headers["Cache-Control"] == "public, no-cache"


def test_versions_are_linked_to_each_other(version: Version) -> None:
    factories.make_version(version.policy)
    first, second = (answer(f"/p/privacy/v/{number}/").headers["Link"] for number in (1, 2))
    assert '</p/privacy/v/2/>; rel="successor-version"' in first
    assert '</p/privacy/v/1/>; rel="predecessor-version"' in second
    assert '</p/privacy/history/>; rel="version-history"' in second
    assert '</p/privacy/>; rel="privacy-policy"' in second


@pytest.mark.parametrize("path", ["/", "/p/privacy/", "/p/privacy/v/1.md", "/p/privacy/feed.atom", "/p/privacy/v/9/"])
def test_a_head_request_is_told_the_same_without_the_body(version: Version, path: str) -> None:
    asked, got = Client().head(path), Client().get(path)
    assert asked.status_code == got.status_code
    assert asked.headers.get("ETag") == got.headers.get("ETag")
    assert asked.headers.get("Link") == got.headers.get("Link")
    assert asked.content == b""
