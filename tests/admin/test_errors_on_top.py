"""What is wrong is said at the top of a page, first of all in its title, with a way to the field."""

import pytest
from django.test import Client
from django.utils.html import escape

from policies import review
from policies.admin.desk.page_links import policy_url, version_url
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db


def in_order(shown: str, *parts: str) -> bool:
    places = [shown.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_changes_requested_without_a_comment(ravi: Client) -> None:
    draft = desk.material_draft()
    review.submit(version=draft, by=people.edith(), at=factories.days_ago(0))
    form = {"request_changes": "", "seen_manifest": "x"}
    shown = ravi.post(version_url(draft, "review"), form).content.decode()
    assert in_order(shown, "<title>Error: ", "autofocus", 'href="#id_comment"', "Say what should change", "<h1>")


def test_a_verb_says_it_above_its_form(edith: Client) -> None:
    policy = factories.make_policy()
    shown = edith.post(policy_url(policy, "import"), {"language": "en"}).content.decode()
    assert in_order(shown, "<title>Error: ", "autofocus", "Choose a file or paste the text", "<h1>")


def test_a_draft_names_each_field(edith: Client) -> None:
    draft = factories.make_draft()
    form = {"languages": "en", "text-en-title": "", "text-en-body": "Words."}
    shown = edith.post(version_url(draft), form).content.decode()
    assert in_order(shown, "<title>Error: ", 'href="#id_text-en-title"', "Title: This field is required.", "<h1>")


def test_nothing_is_said_of_a_page_that_was_only_opened(edith: Client) -> None:
    shown = edith.get(policy_url(factories.make_policy(), "import")).content.decode()
    assert "<title>Error" not in shown
    assert "data-wrong" not in shown


def test_a_visitor_who_follows_is_told_first(client: Client) -> None:
    policy = factories.make_version().policy
    shown = client.post(f"/p/{policy.slug}/follow/", {"address": "nowhere"}).content.decode()
    assert in_order(shown, "<title>Error: ", "autofocus", 'href="#id_address"')
    assert escape(policy.title) in shown
