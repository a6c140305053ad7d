"""`manage.py import_policy`: what it reads, and one clear line for whatever is wrong."""

import json
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policies.models import Policy, Version
from policies.text import reading
from tests import factories, people

pytestmark = pytest.mark.django_db

SHARED = Path(os.environ.get("POLICYSITE_SHARED", Path(__file__).parents[3] / "shared"))
SEEDS = sorted((SHARED / "seeds").glob("*.txt"))
TEXT = "---\ntitle: Privacy Notice\n---\nLast updated: May 5, 2026\n\n## What we keep\n\nYour name.\n"


@pytest.fixture
def policy(db: None) -> Policy:
    people.edith()
    return factories.make_policy(slug="privacy", title="Privacy Policy", time_zone="Europe/Berlin")


def run(file: Path, **options: Any) -> str:
    said = StringIO()
    call_command("import_policy", str(file), **{"slug": "privacy", **options}, stdout=said)
    return said.getvalue()


def written(folder: Path, content: str | bytes, name: str = "policy.md") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_a_file_becomes_a_draft(policy: Policy, tmp_path: Path) -> None:
    said = run(written(tmp_path, TEXT))
    draft = policy.versions.drafts().get()
    assert draft.texts.get().title == "Privacy Notice"
    assert "Title: Privacy Notice" in said
    assert "Last updated: 2026-05-05 (to the day)" in said


def test_with_dates_it_becomes_a_past_version(policy: Policy, tmp_path: Path) -> None:
    run(written(tmp_path, TEXT), published_at="2026-05-05", effective_at="2026-05-20")
    version = policy.versions.get()
    assert (version.number, version.imported, version.status) == (1, True, "published")
    assert version.effective_at is not None
    assert version.effective_at.isoformat() == "2026-05-19T22:00:00+00:00"


def test_a_given_title_wins(policy: Policy, tmp_path: Path) -> None:
    run(written(tmp_path, TEXT), title="Our privacy policy")
    assert policy.versions.get().texts.get().title == "Our privacy policy"


def test_another_language_joins_the_draft(policy: Policy, tmp_path: Path) -> None:
    factories.make_version(policy)
    run(written(tmp_path, "## Was wir speichern\n\nIhren Namen.\n"), language="de")
    texts = policy.versions.drafts().get().texts
    assert set(texts.values_list("language", "authoritative")) == {("en", True), ("de", False)}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("", {}, "empty"),
        (" \n \n", {}, "empty"),
        ("x" * 300_000, {}, "the limit is 262,144"),
        ("One.\x00\x01", {}, "full of control characters"),
        (b"%PDF-1.7", {}, "a PDF, which is not read"),
        (TEXT, {"slug": "nowhere"}, "Known addresses: privacy"),
        (TEXT, {"language": "de_AT"}, "“de_AT” is no tag of a language"),
        (TEXT, {"effective_at": "2026-05-20"}, "needs --published-at"),
        (TEXT, {"published_at": "5 May 2026"}, "is not a date"),
        (TEXT, {"published_at": "2026-05-20", "effective_at": "2026-05-05"}, "lies before --published-at"),
        (TEXT, {"published_at": "2999-01-01"}, "in the future"),
        (TEXT, {"published_at": "2026-05-20", "language": "de"}, "authoritative language"),
        (TEXT, {"by": "oscar@example.org"}, "no active user who may write versions"),
        (TEXT, {"title": "Two\nlines"}, "Line breaks and control characters"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    policy: Policy, tmp_path: Path, content: str | bytes, options: dict[str, Any], said: str
) -> None:
    people.oscar()
    with pytest.raises(CommandError, match=said) as refused:
        run(written(tmp_path, content), **options)
    assert "\n" not in str(refused.value)
    assert not Version.objects.exists()


LOSSY = TEXT + "\n<!-- Ask counsel about this. -->\n\nWe keep it for <del>30</del> <ins>60</ins> days.\n"


def test_a_check_says_what_would_be_read_and_imports_nothing(policy: Policy, tmp_path: Path) -> None:
    said = run(written(tmp_path, LOSSY), check=True)
    assert "nothing was imported" in said
    assert "Title: Privacy Notice" in said
    assert "Ask counsel about this" in said
    assert not Version.objects.exists()


def test_what_is_left_out_is_said_before_the_draft_is_made(policy: Policy, tmp_path: Path) -> None:
    said = run(written(tmp_path, LOSSY))
    assert said.index("“30” is marked as deleted") < said.index("is now a draft")


def test_a_past_version_is_not_recorded_while_something_is_left_out(policy: Policy, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"was not imported.*Ask counsel.*--despite-losses"):
        run(written(tmp_path, LOSSY), published_at="2026-05-05")
    assert not Version.objects.exists()
    run(written(tmp_path, LOSSY), published_at="2026-05-05", despite_losses=True)
    assert policy.versions.count() == 1


def test_a_file_is_read_within_the_limits(policy: Policy, tmp_path: Path, settings: Any) -> None:
    settings.TEXT_SECONDS = 1e-6
    with pytest.raises(CommandError, match="was stopped"):
        run(written(tmp_path, TEXT))


def test_a_missing_file_is_named(policy: Policy, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.md cannot be read: No such file"):
        run(tmp_path / "gone.md")


def test_an_older_text_cannot_follow_a_newer_one(policy: Policy, tmp_path: Path) -> None:
    run(written(tmp_path, TEXT), published_at="2026-05-05")
    with pytest.raises(CommandError, match="ascending order"):
        run(written(tmp_path, TEXT), published_at="2025-05-05")
    assert policy.versions.count() == 1


def test_a_retired_policy_takes_no_text(policy: Policy, tmp_path: Path) -> None:
    Policy.objects.update(retired_at=factories.days_ago(1))
    with pytest.raises(CommandError, match="retired"):
        run(written(tmp_path, TEXT))


def test_broken_front_matter_loses_no_word(policy: Policy, tmp_path: Path) -> None:
    said = run(written(tmp_path, "---\ntitle: [broken\n---\n\n## Text\n\nKept.\n"))
    assert "Kept." in policy.versions.get().texts.get().body
    assert "draft" in said


@pytest.mark.skipif(not SEEDS, reason="the five source documents are not at ../shared/seeds")
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_a_source_document_keeps_its_title_date_and_words(policy: Policy, seed: Path) -> None:
    expected = json.loads((seed.parent / "expectations.json").read_text())[seed.name]
    run(seed, published_at="2026-06-01")
    version = policy.versions.get()
    text = version.texts.get()
    assert text.title == expected["title"]["expected"]
    assert version.stated_date is not None
    updated = expected["last_updated"]
    assert version.date_precision == updated["precision"]
    assert version.stated_date.isoformat().startswith(updated["value"])
    assert words(seed.read_text()) - words(text.renderings.get().plain, text.title, *no_text(seed)) == set()


def words(*texts: str) -> set[str]:
    return {word.casefold() for text in texts for word in re.findall(r"[^\W\d_]+", text)}


def no_text(seed: Path) -> list[str]:
    """What a source holds beside its text: front matter and page furniture."""
    found = reading.read(seed.read_text())
    return [*found.furniture, *found.front_matter, *map(str, found.front_matter.values())]
