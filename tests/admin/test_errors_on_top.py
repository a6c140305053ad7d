"""What is wrong is said at the top of a page, first of all in its title, with a way to the field."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from policies import review
from policies.admin.desk.page_links import policy_url, version_url
from tests import factories, people
from tests.admin import desk
from tests.views.forms import FORMS, forms_on
from tests.whole_site import World, routes

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


def test_a_reading_of_a_promise_says_which_of_several_is_wrong(edith: Client) -> None:
    version = factories.make_version()
    form = {"tier-TOTAL_FORMS": "2", "tier-INITIAL_FORMS": "0", "tier-0-applies_to": "all", "tier-1-quote": "Words."}
    shown = edith.post(version_url(version, "promise"), form).content.decode()
    assert in_order(shown, "<title>Error: ", "autofocus", 'href="#id_tier-1-applies_to"', "(2): This field is", "<h1>")


def test_every_form_that_is_sent_empty_says_first_what_is_wrong() -> None:
    world, ways = World(), {route.key: route for route in routes()}
    silent: list[str] = []
    said: list[str] = []
    for name, who in FORMS.items():
        client = who(world)
        for path in world.paths(ways[name]):
            if found := forms_on(name, client.get(path)):
                answer = client.post(found[0].get("action") or path, emptied(found[0]))
                shown = "" if answer.streaming else answer.content.decode(errors="replace")
                if 'aria-invalid="true"' in shown:
                    is_first = re.search("<title>(Error|Fehler): ", shown) and in_order(
                        shown, "data-wrong", "aria-invalid"
                    )
                    (said if is_first else silent).append(name)
                break
    assert silent == []
    assert len(said) > 20, said


def emptied(form: Any) -> dict[str, str]:
    """What a browser sends of a form in which nothing is filled: what is hidden stays."""
    hidden = form.xpath(".//input[@type='hidden' and @name]")
    typed = form.xpath(".//input[@name and not(@type='hidden' or @type='checkbox' or @type='radio' or @type='submit')]")
    empty = {field.get("name"): "" for field in [*typed, *form.xpath(".//textarea[@name]")]}
    return empty | {field.get("name"): field.get("value", "") for field in hidden}
