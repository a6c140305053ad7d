"""The demo's texts are this project's own, long enough to look real, and say what the readings quote."""

import os
import re
from pathlib import Path

import pytest

from policies.demo import content
from policies.demo.content import DemoPolicy
from policies.models import ANSWERS
from policies.text.meaning import summary_lint

SHARED = Path(os.environ.get("POLICYSITE_SHARED", Path(__file__).parents[3] / "shared"))
SHINGLE_WORDS = 8
POLICIES = content.read_all()


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + SHINGLE_WORDS]) for start in range(len(words) - SHINGLE_WORDS + 1)}


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason=f"the source documents are not at {SHARED}")
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.slug)
def test_no_eight_words_in_a_row_are_taken_from_the_source_documents(policy: DemoPolicy) -> None:
    sources = set().union(*(shingles(path.read_text()) for path in (SHARED / "seeds").glob("*.txt")))
    assert sources
    for version in policy.versions:
        for text in version.texts:
            assert not shingles(text.body) & sources


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.slug)
def test_each_text_has_the_length_and_the_parts_of_a_real_one(policy: DemoPolicy) -> None:
    for version in policy.versions:
        for text in version.texts:
            assert 400 <= len(text.body.split()) <= 1200
            assert "\n|---" in text.body
            assert re.search(r"^[-\d][. ]", text.body, re.MULTILINE)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.slug)
def test_references_between_sections_lead_somewhere(policy: DemoPolicy) -> None:
    for version in policy.versions:
        if version.state == "imported":  # its reference was left behind on the old site, and is warned of
            continue
        for text in version.texts:
            numbers = set(re.findall(r"^## (\d+)\.", text.body, re.MULTILINE))
            assert set(re.findall(r"(?:Section|Abschnitt) (\d+)", text.body)) <= numbers


def test_the_edits_are_those_that_a_redline_has_to_show() -> None:
    by_slug = {policy.slug: {version.name: version.body for version in policy.versions} for policy in POLICIES}
    terms = by_slug["account-terms"]
    assert "## 5. Plans and prices" in terms["2"]
    assert "## 6. Plans and prices" in terms["3"]
    encore = by_slug["encore-privacy"]
    moved = "## Young Musicians"
    assert encore["2"].index(moved) > encore["2"].index("## Who Works for Us")
    assert encore["3"].index(moved) < encore["3"].index("## Who Works for Us")


def test_each_translation_of_a_change_answers_what_the_authors_answer_with_the_same_figures() -> None:
    found = [(version, text) for policy in POLICIES for version in policy.versions for text in version.texts[1:]]
    assert {text.language for _version, text in found} == {"de"}
    for version, text in found:
        for name in ANSWERS:
            assert text.answers[name]
            assert summary_lint.figures(text.answers[name]) == summary_lint.figures(version.decisions[name])
