"""Atom and JSON Feed."""

import json
from xml.etree import ElementTree as ET

import pytest

from policies.models import Policy
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom", "p": "tag:policysite,2026:feed"}


@pytest.fixture
def privacy() -> Policy:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, published_at=factories.days_ago(30))
    factories.make_version(
        policy,
        body=factories.NEXT_BODY,
        published_at=factories.days_ago(2),
        effective_at=factories.in_days(30),
        change_class="material",
        reasons=["retention"],
        what_changed="We keep <b>more</b> & longer.",
    )
    return policy


def test_atom_has_an_entry_for_each_published_version(privacy: Policy) -> None:
    factories.make_draft(privacy)
    feed = ET.fromstring(get("/p/privacy/feed.atom"))  # noqa: S314 - our own feed
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", "", ATOM) for entry in entries] == [
        "Privacy Policy, version 2",
        "Privacy Policy, version 1",
    ]
    assert entries[0].findtext("a:id", "", ATOM) == f"tag:127.0.0.1,2026:policy:{privacy.pk}:v2"
    assert [each.get("term") for each in entries[0].findall("a:category", ATOM)] == ["material", "retention"]
    assert entries[0].findtext("p:effective", "", ATOM)
    assert "We keep <b>more</b> & longer." in entries[0].findtext("a:summary", "", ATOM)


def test_what_the_atom_standard_asks_for_is_there(privacy: Policy) -> None:
    feed = ET.fromstring(get("/p/privacy/feed.atom"))  # noqa: S314 - our own feed
    for element in (feed, *feed.findall("a:entry", ATOM)):
        assert all(element.findtext(f"a:{name}", "", ATOM) for name in ("id", "title", "updated"))
    assert feed.find("a:author/a:name", ATOM) is not None
    assert {link.get("rel") for link in feed.findall("a:link", ATOM)} == {"alternate", "self"}


def test_json_feed_tells_the_same(privacy: Policy) -> None:
    feed = json.loads(get("/p/privacy/feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["tags"] for item in feed["items"]] == [["material", "retention"], ["editorial"]]
    assert feed["items"][0]["url"].endswith("/p/privacy/compare/1...2/")


def test_a_feed_unchanged_is_not_sent_again(privacy: Policy) -> None:
    for ending in ("atom", "json"):
        tag = answer(f"/p/privacy/feed.{ending}").headers["ETag"]
        answer(f"/p/privacy/feed.{ending}", 304, If_None_Match=tag)
