"""Addresses that policies once had."""

import pytest

from policies.models import OldSlug
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db


def test_an_old_address_redirects_for_ever() -> None:
    version = factories.make_version(factories.make_policy(slug="privacy-2026"))
    OldSlug.objects.create(policy=version.policy, slug="privacy", retired_at=factories.days_ago(1))
    moved = answer("/p/privacy/v/1/?as_of=2026-01-01", 301)
    assert moved.headers["Location"] == "/p/privacy-2026/v/1/?as_of=2026-01-01"
    assert answer("/p/privacy/feed.atom", 301).headers["Location"] == "/p/privacy-2026/feed.atom"


def test_an_address_nobody_had_is_not_found() -> None:
    assert "There is no such page" in get("/p/nobody/", 404)
