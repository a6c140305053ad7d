"""What the head of a page says of the text below it: when it was updated or takes effect."""

import re
from collections.abc import Iterator
from typing import Any

from policies.text.words.calendar_words import ROLE_WORDS

_HEADS = ("header", "aside")
_LINES = ("p", "div", "li", "span", "time", "small", "h2", "h3", "h4", "h5", "h6", "dd", "td")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Words of a line that says both dates, in languages that need many; and lines of one page.
_LONGEST, _MOST = 16, 6


def dates(root: Any, body: Any) -> tuple[str, ...]:
    """The lines in heads around or within the body that date its text; read before any of them goes."""
    heads = [element for element in root.iter("header", "aside", "div") if _is_head(element)]
    lines = dict.fromkeys(line for head in heads if not _holds(head, body) for line in _dated(head))
    return tuple(lines)[:_MOST]


def _is_head(element: Any) -> bool:
    return element.tag in _HEADS or element.get("role") == "banner"


def _holds(head: Any, body: Any) -> bool:
    return any(parent is head for parent in (body, *body.iterancestors()))


def _dated(head: Any) -> Iterator[str]:
    """Each smallest element that says a date and what it is."""
    for element in head.iter(*_LINES):
        words = _said(element)
        if not _is_dated(words) or any(_is_dated(_said(child)) for child in element.iterchildren(*_LINES)):
            continue
        yield words


def _said(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _is_dated(words: str) -> bool:
    if len(words.split()) > _LONGEST or not _YEAR.search(words):
        return False
    return any(found.lastgroup in {"updated", "effective"} for found in ROLE_WORDS.finditer(words))
