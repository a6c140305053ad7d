"""A German reader is told in German what changed, on every page and in every file; else quoted, and told so."""

from html import unescape
from typing import Any

import pytest

from policies.models import ANSWERS, Policy
from tests import factories
from tests.views.asking import get

pytestmark = pytest.mark.django_db

WHOLE = ["", "v/2/", "compare/1...2/", "feed.atom", "feed.json", "v/2.json"]


def terms(answers: Any) -> Policy:
    """One version in force, the next announced; both in English and German."""
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, translations={"de": "Alt.\n"})
    factories.make_version(
        policy,
        body=factories.NEXT_BODY,
        published_at=factories.days_ago(2),
        effective_at=factories.days_ago(1),
        translations={"de": "Neu.\n"},
        answers=answers,
        **factories.MATERIAL,
    )
    return policy


def said(path: str, language: str = "de/") -> str:
    return unescape(get(f"/p/terms/{language}{path}"))


@pytest.mark.parametrize("path", WHOLE)
def test_the_answers_are_in_the_readers_language(path: str) -> None:
    terms({"de": factories.GERMAN})
    german, english = said(path), said(path, "")
    for name in ANSWERS:
        assert factories.GERMAN[name] in german
        assert factories.MATERIAL[name] not in german
        assert factories.MATERIAL[name] in english
        assert factories.GERMAN[name] not in english
    assert "gibt es auf" not in german


@pytest.mark.parametrize("path", WHOLE)
def test_without_them_the_authors_are_quoted_in_their_language(path: str) -> None:
    terms({})
    page = said(path)
    assert all(factories.MATERIAL[name] in page for name in ANSWERS)
    if "json" in path:
        assert '"language": "en"' in page or "auf Englisch" in page
    else:
        assert "gibt es auf Englisch" in page
    if path.endswith("/"):
        assert f'<dd lang="en" dir="ltr">{factories.MATERIAL["why"]}</dd>' in page


@pytest.mark.parametrize(("answers", "language"), [({}, "en"), ({"de": factories.GERMAN}, "de")])
def test_an_announcement_speaks_to_its_reader(answers: Any, language: str) -> None:
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, translations={"de": "Alt.\n"})
    fields = {"effective_at": factories.in_days(9), "translations": {"de": "Neu.\n"}, "answers": answers}
    factories.make_version(policy, **fields, **factories.MATERIAL)
    words = (factories.GERMAN if language == "de" else factories.MATERIAL)["what_changed"]
    for path in ("", "history/"):
        page = said(path)
        assert f'<p lang="{language}" dir="ltr">{words}</p>' in page
        assert ("auf Englisch" in page) == (language == "en")
