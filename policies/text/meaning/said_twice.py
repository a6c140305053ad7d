"""What a text says although the page around it says it too: when it was updated, and its short version."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from policies.text.bounded import bounded
from policies.text.meaning import stated_dates
from policies.text.structure import blocks
from policies.text.structure.blocks import Block

# "This privacy policy of ours was last updated on May 5, 2026"; a longer line says something else besides.
_LONGEST_LINE = 12
_SHORT_VERSION = re.compile(
    r"(?:the )?short version|in short|in brief|at a glance|tl;?dr|kurz(?:fassung| gesagt| und knapp)|"
    r"das wichtigste in kürze|en bref|en résumé|en resumen|in breve|in het kort",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ShortVersion:
    """A section that is the text in brief: its lines (from 1, the last one included) and its words, without a link."""

    first_line: int
    last_line: int
    words: str


@bounded
def date_lines(text: str, language: str = "") -> tuple[tuple[int, str], ...]:
    """Return the lines that say when the text was updated and nothing else: line (from 1) and words."""
    lines = text.split("\n")
    numbers = dict.fromkeys(
        number
        for found in stated_dates.find_dates(text, language=language)
        for number in _lines_of(found.line, lines, language)
    )
    return tuple((number, lines[number - 1].strip()) for number in numbers)


def _lines_of(number: int, lines: Sequence[str], language: str) -> Iterator[int]:
    """The line of a date, and the one above where that is its label; none where they say something else besides."""
    own = lines[number - 1]
    above = next((k for k in range(number - 1, 0, -1) if lines[k - 1].strip()), 0)
    if _says_only_the_date(own, language):
        yield number
    elif stated_dates.is_bare_date(own) and above and _says_only_the_date(f"{lines[above - 1]} {own}", language):
        yield from (above, number)


def _says_only_the_date(line: str, language: str) -> bool:
    words = stated_dates.plain(line)
    dates = stated_dates.read_line(line, language=language).dates
    is_short = len(words.split()) <= _LONGEST_LINE and not re.search(r"[.!?;]\s+\S", words)
    return bool(dates) and is_short and all(found.role == stated_dates.UPDATED for found in dates)


@bounded
def short_version(text: str) -> ShortVersion | None:
    """Return the section that is the text in brief; none where it holds more than paragraphs of words."""
    found = blocks.read(text)
    for k, block in enumerate(found):
        if block.is_heading and _SHORT_VERSION.fullmatch(block.heading[1].strip(" :#¶*_")):
            return _section(block, found[k + 1 :], text)
    return None


def _section(heading: Block, following: Sequence[Block], text: str) -> ShortVersion | None:
    inside = list(takewhile(lambda block: not block.is_heading, following))
    rest = following[len(inside) :]
    is_divided = bool(rest) and rest[0].level > heading.level
    if not inside or is_divided or any(block.kind != "paragraph" or "](" in block.source for block in inside):
        return None
    last = rest[0].line - 1 if rest else len(text.split("\n"))
    return ShortVersion(heading.line, last, "\n\n".join(block.text for block in inside))
