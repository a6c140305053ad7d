"""The dates a text states about itself: when it was updated, published, took effect."""

import re
from dataclasses import asdict, dataclass
from typing import Any

UPDATED, EFFECTIVE, PUBLISHED, VERSION, REVIEWED = "updated", "effective", "published", "version", "reviewed"


@dataclass(frozen=True)
class FoundDate:
    """
    One date a text gives itself.

    ``value`` is YYYY-MM-DD or YYYY-MM (``precision`` day or month). ``ambiguous``: a numeric date that reads
    two ways; then ``candidates`` holds both. ``line`` counts from 1; ``position`` is top, middle or bottom.
    """

    role: str
    value: str
    precision: str
    ambiguous: bool = False
    candidates: tuple[str, ...] = ()
    line: int = 0
    position: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def find_dates(text: str) -> tuple[FoundDate, ...]:
    """Return the dates of a whole text in reading order."""
    lines = text.splitlines()
    found: list[FoundDate] = []
    for number, line in enumerate(lines, start=1):
        match = re.search(r"(updated|effective)\W+(?:on )?(\d{4}-\d\d-\d\d)", line, re.IGNORECASE)
        if match:
            found.append(
                FoundDate(match[1].lower(), match[2], "day", line=number, position=position(number, len(lines)))
            )
    return tuple(found)


def position(line: int, lines: int) -> str:
    if line <= max(10, lines * 0.15):
        return "top"
    return "bottom" if line > lines - max(10, lines * 0.15) else "middle"
