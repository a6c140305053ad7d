"""Words before and after: the smallest unit of what a reader is shown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.text.compare import diffing
from policies.text.structure import inline
from policies.text.structure.blocks import Block
from policies.text.structure.inline import Word

# Typography alone is no change: the exact runs keep it, a reader is not shown it.
_TYPOGRAPHY = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
    }
)
_BULLETS = frozenset("*•·●▪◦‣■□|\\#¶–—-")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words: "=", "-" or "+"."""

    op: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return inline.told(self.words)


def key(text: str) -> str:
    """Return a text as it is compared: blanks and the shape of quotes and dashes do not count."""
    return _BLANKS.sub(" ", text.translate(_TYPOGRAPHY)).strip()


def word_key(word: Word) -> str:
    """Return a word as it is compared: a struck one is not the same as one that stands."""
    return f"~~{key(word.text)}" if inline.is_struck(word) else key(word.text)


def block_key(block: Block) -> str:
    """Return a block as a reader sees it."""
    if block.kind == "table":
        return "\n".join(" | ".join(key(inline.told(cell)) for cell in row) for row in block.cells)
    return key(inline.told(block.words)) if "~~" in block.source else key(block.text)


def likeness(a: Counter[str], b: Counter[str]) -> float:
    """Return the share of words two bags have in common, between 0 and 1."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def count(words: Sequence[Word]) -> int:
    """Count the words that are not signs."""
    return sum(1 for word in words if word.text[0].isalnum())


def islands(pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], list[Piece], int]]:
    """Yield what was deleted and inserted between two equal stretches, and where in the pieces it starts."""
    gone: list[Piece] = []
    come: list[Piece] = []
    start = 0
    for k, piece in enumerate(pieces):
        if piece.op == "=":
            if gone or come:
                yield gone, come, start
            gone, come = [], []
        else:
            if not gone and not come:
                start = k
            (gone if piece.op == "-" else come).append(piece)
    if gone or come:
        yield gone, come, start


def compare_words(old: Sequence[Word], new: Sequence[Word]) -> tuple[Piece, ...]:
    """Compare two stretches of words; equal words are shown as the new text sets them."""
    if not old or not new:
        return tuple(Piece(op, tuple(words)) for op, words in (("-", old), ("+", new)) if words)
    start, end = _typed_bullets(old)
    old = old[start:end]
    start, end = _typed_bullets(new)
    head, new, tail = new[:start], new[start:end], new[end:]
    before, after = [word_key(word) for word in old], [word_key(word) for word in new]
    found = diffing.without_small_islands(diffing.matches(before, after), before, after)
    pieces: list[Piece] = []
    for i, p, j, q, equal in diffing.gaps(found, len(old), len(new)):
        for op, words in (("-", old[i:p]), ("+", new[j:q]), ("=", new[q : q + equal])):
            if words:
                pieces.append(Piece(op, tuple(words)))
    pieces = [Piece("=", tuple(head)), *pieces] if head else pieces
    return (*pieces, Piece("=", tuple(tail))) if tail else tuple(pieces)


def _typed_bullets(words: Sequence[Word]) -> tuple[int, int]:
    """Return where the words start and end without bullets typed as signs: how a list is marked says nothing."""
    start, end = 0, len(words)
    while start < end and words[start].text in _BULLETS:
        start += 1
    while end > start and words[end - 1].text in _BULLETS:
        end -= 1
    return start, end
