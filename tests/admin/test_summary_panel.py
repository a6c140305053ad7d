"""The desk asks for the answers in each language, says where they are missing, and refuses nobody for that."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from policies import authoring, clock
from policies.admin.desk.page_links import version_url
from policies.models import Version
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db

MISSING = "Not answered in German: its readers are quoted the English answers, and told so."


@pytest.fixture
def draft() -> Version:
    """Edith's material draft with a German translation that answers nothing yet."""
    policy = factories.make_version().policy
    draft = authoring.start_draft(policy=policy, by=people.edith(), at=clock.now())
    text = (
        authoring.TextInput("en", policy.title, factories.NEXT_BODY),
        authoring.TextInput("de", "Datenschutz", "Neu."),
    )
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=text, fields=factories.MATERIAL)
    draft.refresh_from_db()
    return draft


def german(**changes: str) -> dict[str, Any]:
    return {f"text-de-{name}": words for name, words in {**factories.GERMAN, **changes}.items()}


def page(client: Client, version: Version, verb: str = "change") -> str:
    return unescape(client.get(version_url(version, verb)).content.decode())


def test_the_editor_writes_the_answers_of_each_translation(edith: Client, draft: Version) -> None:
    shown = page(edith, draft)
    assert "The same in German (optional)" in shown
    assert 'name="text-de-impact"' in shown
    assert 'name="text-en-impact"' not in shown
    assert desk.save(edith, draft, **german()).status_code == 302
    assert draft.texts.get(language="de").answers == factories.GERMAN
    assert factories.GERMAN["impact"] in page(edith, draft)


def test_an_answer_too_long_is_refused_by_name_and_language(edith: Client, draft: Version) -> None:
    refused = desk.save(edith, draft, **german(why="x" * 2001))
    assert refused.status_code == 422
    assert "Why (German): Ensure this value has at most 2000 characters" in unescape(refused.content.decode())


def test_missing_answers_are_said_before_review_and_publication_and_stop_nobody(
    edith: Client, ravi: Client, draft: Version
) -> None:
    assert MISSING in page(edith, draft)
    assert MISSING in page(edith, draft, "submit")
    assert desk.press(edith, draft, "submit").status_code == 302
    assert MISSING in page(ravi, draft, "review")
    seen = desk.seen_manifest(ravi, draft, "review")
    assert desk.press(ravi, draft, "review", approve="", seen_manifest=seen).status_code == 302
    shown = page(edith, draft, "publish")
    assert MISSING in shown
    assert "gibt es auf Englisch" in shown
    seen = desk.seen_manifest(edith, draft, "publish")
    assert desk.press(edith, draft, "publish", seen_manifest=seen).status_code == 302


def test_reviewer_and_publisher_see_what_each_language_is_told(edith: Client, ravi: Client, draft: Version) -> None:
    desk.save(edith, draft, **german())
    desk.press(edith, draft, "submit")
    assert f'<dd lang="de" dir="ltr">{factories.GERMAN["why"]}</dd>' in page(ravi, draft, "review")
    desk.press(ravi, draft, "review", approve="", seen_manifest=desk.seen_manifest(ravi, draft, "review"))
    shown = page(edith, draft, "publish")
    for words in (*factories.GERMAN.values(), *(factories.MATERIAL[name] for name in factories.GERMAN)):
        assert shown.count(words) == 2, "once among the decisions, once in the mail's preview"
    assert "gibt es auf" not in shown


def test_a_summary_translated_by_halves_is_not_handed_in(edith: Client, draft: Version) -> None:
    desk.save(edith, draft, **german(impact=""))
    words = "The answers in German and the authors’ do not match: what it means for you."
    assert words in page(edith, draft)
    assert words in unescape(desk.press(edith, draft, "submit").content.decode())
    assert Version.objects.get(pk=draft.pk).status == "draft"


def test_a_translation_with_another_figure_is_pointed_out(edith: Client, draft: Version) -> None:
    desk.save(edith, draft, what_changed="We keep it for 2 years.", **german(what_changed="Wir behalten es 3 Jahre."))
    assert "What changed: the authors’ answer has the figures 2, this one 3." in page(edith, draft)


def test_the_revisions_show_what_changed_in_a_translations_answers(edith: Client, draft: Version) -> None:
    desk.save(edith, draft, **german())
    shown = page(edith, draft, "revisions")
    assert "what it means for you (de)" in shown.lower()
    assert factories.GERMAN["impact"] in shown
