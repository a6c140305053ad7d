"""The mail as the publish page shows it before anybody pressed."""

import re
from typing import Any

import pytest

from policies.notices import messages
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_draft_is_shown_under_the_number_it_would_get() -> None:
    version = factories.make_approved(factories.make_version().policy)
    shown = messages.preview(version, "en")
    assert "version 2" in shown.text
    assert "draft" not in shown.text
    assert version.number is None


def test_a_german_mail_marks_changes_in_german_and_says_what_is_in_english() -> None:
    policy = factories.make_version(translations={"de": "# Alt\n\n## Eins\n\nWir speichern ein Jahr.\n"}).policy
    new = "# Alt\n\n## Eins\n\nWir speichern zwei Jahre.\n\n## Zwei\n\nWir fragen vorher.\n"
    fields: dict[str, Any] = {**factories.MATERIAL, "translations": {"de": new}}
    version = factories.make_version(policy, **fields)
    shown = messages.preview(version, "de")
    for form in (shown.text, shown.html):
        assert "Neuer Abschnitt" in form
        assert "New section" not in form
        assert "gibt es auf Englisch" in form
    assert re.search(r'<p lang="en"[^>]*>We keep your data for two years.</p>', shown.html)
    assert re.search(r'<div class="changes" lang="de"', shown.html)
    assert "gibt es auf" not in messages.preview(version, "en").text
