"""Atom and JSON Feed."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from bs4 import BeautifulSoup

from policies import authoring
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
    assert "We keep &lt;b&gt;more&lt;/b&gt; &amp; longer." in entries[0].findtext("a:summary", "", ATOM)


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


def read(path: str) -> Any:
    """As a feed reader of others reads it, which takes what is declared as HTML for HTML."""
    found = feedparser.parse(get(path))
    assert not found.bozo, found
    return found


def words_of(html: str) -> str:
    return BeautifulSoup(html, "lxml").get_text().strip()


def test_a_feed_reader_shows_every_word_and_each_answer_under_its_question() -> None:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, published_at=factories.days_ago(30))
    factories.make_version(
        policy,
        body=factories.NEXT_BODY,
        published_at=factories.days_ago(2),
        change_class="material",
        reasons=["retention"],
        what_changed="The plan <Solo> & others.\n\nA second paragraph.",
        why="A law.",
        impact="None.",
        what_you_can_do="Write to us.",
    )
    summary = read("/p/privacy/feed.atom").entries[0].summary
    assert "The plan <Solo> & others." in words_of(summary)
    paragraphs = [each.get_text().strip() for each in BeautifulSoup(summary, "lxml").find_all(["p", "h2"])]
    assert paragraphs[1:] == [
        "What changed", "The plan <Solo> & others.", "A second paragraph.",
        "Why", "A law.", "What it means for you", "None.", "What you can do", "Write to us.",
    ]  # fmt: skip
    item = json.loads(get("/p/privacy/feed.json"))["items"][0]
    assert words_of(item["content_html"]) == words_of(summary)
    assert "Why\nA law." in item["content_text"]


def test_feeds_in_two_languages_are_two_feeds(privacy: Policy) -> None:
    factories.add_translation(privacy.versions.get(number=2), authoring.TextInput("de", "Datenschutz", factories.BODY))
    english, german = read("/p/privacy/feed.atom"), read("/p/privacy/de/feed.atom")
    assert english.feed.id != german.feed.id
    assert {each.id for each in english.entries}.isdisjoint(each.id for each in german.entries)
    assert english.feed.id == f"tag:127.0.0.1,2026:policy:{privacy.pk}", "What readers have subscribed stays."


def test_who_follows_a_retired_policy_learns_that_nothing_more_comes(privacy: Policy) -> None:
    Policy.objects.filter(pk=privacy.pk).update(retired_at=factories.days_ago(1))
    for feed in ("/p/privacy/feed.atom", "/feed.atom"):
        first = read(feed).entries[0]
        assert first.title == "Privacy Policy is retired"
        assert "no further version" in first.summary
    assert json.loads(get("/p/privacy/feed.json"))["items"][0]["tags"] == ["retired"]
    assert "follow/" not in get("/p/privacy/")


def test_one_feed_has_the_versions_of_all_policies_each_in_its_language(privacy: Policy) -> None:
    german = factories.make_policy(slug="agb", title="Nutzungsbedingungen", language="de")
    factories.make_version(german, published_at=factories.days_ago(1), effective_at=factories.in_days(5))
    found = read("/feed.atom")
    assert [each.title for each in found.entries] == [
        "Nutzungsbedingungen, Fassung 1", "Privacy Policy, version 2", "Privacy Policy, version 1",
    ]  # fmt: skip
    feed = ET.fromstring(get("/feed.atom"))  # noqa: S314 - our own feed
    languages = [each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in feed.findall("a:entry", ATOM)]
    assert languages == ["de", "en", "en"]
    own = [each.id for policy in ("agb", "privacy") for each in read(f"/p/{policy}/feed.atom").entries]
    assert [each.id for each in found.entries] == own
    items = json.loads(get("/feed.json"))["items"]
    assert [item["id"] for item in items] == own
    assert '/feed.atom"' in get("/")
