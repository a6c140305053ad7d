"""Inline mark-up as words: each word knows how it is set (bold, a link), and words are what is compared."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from policies.text.structure import markdown

_PIECE = re.compile(
    # "2.1.4", "3/4" and "1,200.50" are one thing each.
    r"\d+(?:[.,/]\d+)+|["
    r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\w\s]"
)


@dataclass(frozen=True, slots=True)
class Word:
    """
    A word or a sign as a reader sees it.

    ``blank`` is the white space before it ("", " " or a line break), ``marks`` the tags around it from the
    outside in: "strong", "em", "s", "code", and a link as "a " plus its target.
    """

    text: str
    blank: str
    marks: tuple[str, ...] = ()


def words(source: str, env: dict[str, Any] | None = None, *, code: bool = False) -> tuple[Word, ...]:
    """Return the visible words of inline Markdown."""
    found: list[Word] = []
    if code or markdown.is_plain(source):
        _add(source, (), "", found)
        return tuple(found)
    # Only the first token is the source's own; footnotes follow it.
    token = markdown.PARSER.parseInline(source, dict(env or {}))[0]
    _collect(token.children or [], found)
    return tuple(found)


def plain(source: str, env: dict[str, Any] | None = None, *, code: bool = False) -> str:
    """Return the visible words of inline Markdown as one line."""
    if not (code or markdown.is_plain(source)):
        token = markdown.PARSER.parseInline(source, dict(env or {}))[0]
        source = markdown.inline_text(token.children or [])
    return " ".join(source.split())


def text(found: Sequence[Word]) -> str:
    return "".join((" " if word.blank and k else "") + word.text for k, word in enumerate(found))


def told(found: Sequence[Word]) -> str:
    """The same with what is struck out told as such, ``~~not~~``: it says the opposite of what its words do."""
    written = ""
    for k, word in enumerate(found):
        if is_struck(word) and not (k and is_struck(found[k - 1])):
            written += (" " if word.blank and k else "") + "~~" + word.text
        else:
            written += (" " if word.blank and k else "") + word.text
        if is_struck(word) and not (k + 1 < len(found) and is_struck(found[k + 1])):
            written += "~~"
    return written


def is_struck(word: Word) -> bool:
    """True for a word that is struck out or underlined: marks that say something, unlike bold ones."""
    return not _SAYING.isdisjoint(word.marks)


_SAYING = frozenset(["s", "del", "u", "ins"])


def shortened(written: str) -> str:
    """Return the beginning of a text of which readers need no more, since it stands elsewhere."""
    return textwrap.shorten(written, 160, placeholder=" …")


def _collect(children: Iterable[Token], found: list[Word]) -> None:
    marks: list[str] = []
    blank = ""
    for token in children:
        if token.type in {"text", "code_inline", "image"}:
            content = markdown.inline_text([token])
            around = (*marks, "code") if token.type == "code_inline" else tuple(marks)
            blank = _add(content, around, blank, found)
        elif token.type == "softbreak":
            blank = blank or " "
        elif token.type == "hardbreak":
            blank = "\n"
        elif token.type == "link_open":
            marks.append(f"a {token.attrs.get('href', '')}")
        elif token.nesting == 1:
            marks.append(token.tag)
        elif token.nesting == -1 and marks:
            marks.pop()


def _add(content: str, marks: tuple[str, ...], blank: str, found: list[Word]) -> str:
    """Append the words of a stretch; return the blank left for the next one."""
    end = 0
    for piece in _PIECE.finditer(content):
        gap = blank or (" " if piece.start() > end else "")
        found.append(Word(piece[0], gap, marks))
        blank = ""
        end = piece.end()
    return blank or (" " if end < len(content) and content else "")
