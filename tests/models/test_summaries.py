"""The summary in the reader's language, and what stands in for it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import translation

from policies.models import ANSWERS, Version, VersionText
from tests import factories

pytestmark = [pytest.mark.django_db]
GERMAN = dict.fromkeys(ANSWERS, "Wir speichern zwei Jahre.")


def translated(**answers: str) -> Version:
    """A material draft with a German translation."""
    draft = factories.make_draft(**factories.MATERIAL)
    factories.make_text(draft, language="de", **answers)
    return draft


def test_a_reader_gets_the_answers_in_their_language() -> None:
    summary = translated(**GERMAN).summary_in("de")
    assert (summary.language, summary.impact) == ("de", "Wir speichern zwei Jahre.")
    with translation.override("de"):
        assert summary.note == ""
        assert summary.titled[0] == ("Was sich ändert", "Wir speichern zwei Jahre.")


@pytest.mark.parametrize("language", ["de", "fr"])
def test_without_them_the_authors_are_quoted_and_that_is_said(language: str) -> None:
    summary = translated().summary_in(language)
    assert (summary.language, summary.why) == ("en", factories.MATERIAL["why"])
    with translation.override("de"):
        assert "auf Englisch" in summary.note
    assert summary.note == ""


def test_of_nothing_answered_nothing_is_said() -> None:
    summary = factories.make_draft().summary_in("de")
    with translation.override("de"):
        assert (summary.titled, summary.note) == ((), "")


@pytest.mark.parametrize(
    ("answers", "unmatched"),
    [
        ({}, ()),
        (GERMAN, ()),
        ({**GERMAN, "why": " "}, ("why",)),
        ({"why": "Darum."}, ("what_changed", "impact", "what_you_can_do")),
    ],
)
def test_a_translation_answers_what_the_authors_answered_or_nothing(answers: Any, unmatched: Any) -> None:
    assert translated(**answers).texts.get(language="de").unmatched == unmatched


@pytest.mark.both_databases
def test_the_authors_answers_stand_in_one_place() -> None:
    text = factories.make_draft().texts.get()
    text.why = "Because."
    with pytest.raises(ValidationError, match="authors_answers_stand_in_the_version"):
        text.full_clean()
    with pytest.raises(IntegrityError):
        VersionText.objects.filter(pk=text.pk).update(why="Because.")
