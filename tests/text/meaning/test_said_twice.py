"""What a text says that its page says by itself: the line of its date, its short version."""

import pytest

from policies.text import reading
from policies.text.meaning import said_twice
from tests.corpus.shared import SEEDS, needs_seeds


@pytest.mark.parametrize(
    ("text", "language", "lines"),
    [
        ("Last updated: April 2025\n\nWords.\n", "en", [1]),
        ("# Terms\n\n**Last updated:** May 5, 2026\n", "en", [3]),
        ("Words.\n\n---\n\n_Last updated: August 2025_\n", "en", [5]),
        ("Last updated\n\nMay 5, 2026\n\nWords.\n", "en", [1, 3]),
        ("Stand: Mai 2026\n\nWorte.\n", "de", [1]),
        ("This policy was last updated on May 5, 2026. We may update it at any time.\n", "en", []),
        ("Effective date: May 5, 2026\n", "en", []),
        ("Last updated: May 5, 2026, effective June 1, 2026\n", "en", []),
        ("We wrote to you on May 5, 2026.\n", "en", []),
    ],
)
def test_a_line_is_offered_only_if_it_says_nothing_but_the_date(text: str, language: str, lines: list[int]) -> None:
    assert [number for number, _words in said_twice.date_lines(text, language)] == lines


def test_a_short_version_is_its_section_in_plain_words() -> None:
    found = said_twice.short_version(
        "# Terms\n\n## The short version\n\nWe *keep*\nlittle.\n\nNobody pays.\n\n## More\n\nA.\n"
    )
    assert found == said_twice.ShortVersion(3, 9, "We keep little.\n\nNobody pays.")


@pytest.mark.parametrize(
    "text",
    [
        "## The short version\n\n- one\n- two\n\n## More\n\nWords.\n",
        "## The short version\n\nSee [more](#more).\n\n## More\n\nWords.\n",
        "## The short version\n\nWords.\n\n### In detail\n\nWords.\n",
        "## The short version of our history\n\nWords.\n",
        "## The short version\n",
    ],
)
def test_what_would_lose_something_stays_in_the_text(text: str) -> None:
    assert said_twice.short_version(text) is None


@needs_seeds
@pytest.mark.parametrize(
    ("name", "lines", "has_short_version"),
    [
        ("000_0aa3263d8eb16b8c.txt", ["Last updated: May 5, 2026"], False),
        ("001_93a9ebca3a5c5054.txt", ["_Last updated: August 2025_"], False),
        ("002_63d21083de6ffa9a.txt", ["Last updated: April 2025"], True),
        ("003_871c1a2c86eca831.txt", ["Last updated: April 2026"], False),
        ("004_46f1a31f250cbd32.txt", [], False),
    ],
)
def test_the_source_documents(name: str, lines: list[str], *, has_short_version: bool) -> None:
    found = reading.read((SEEDS / name).read_bytes(), filename=name)
    assert [words for _number, words in said_twice.date_lines(found.markdown, found.language)] == lines
    assert bool(said_twice.short_version(found.markdown)) is has_short_version
