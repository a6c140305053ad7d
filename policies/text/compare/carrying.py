"""Carry what was corrected in one text over to another one, wherever the same words stand there too."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from policies.text.compare import diffing

# Words, runs of blanks, and every other mark by itself: joined again they are the text.
PIECE = re.compile(r"\w+|[^\S\n]+|[^\w\s]|\n")
# How much of what stands around a place has to stand there too, in pieces on each side: as much as can be found.
CONTEXTS = (40, 24, 12, 6, 2)
# Where nothing is replaced, only what stands around says where.
AROUND_AN_INSERTION = 6


@dataclass(frozen=True)
class Edit:
    """One change: the pieces of `before` from `start` to `end` became `words`."""

    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Carried:
    """
    A text with the corrections that could be carried over.

    `left` quotes, in the words of the first text, what does not stand in the other one, or more than once.
    """

    text: str
    carried: int
    left: tuple[str, ...]


def carry(before: str, after: str, elsewhere: str) -> Carried:
    """
    Make in `elsewhere` the changes that lead from `before` to `after`; all three are canonical Markdown.

    A change is carried where the words it replaces, with those around them, stand exactly once in each text; it is
    left where they do not. Nothing is guessed.
    """
    pieces = PIECE.findall(before)
    places, left = [], []
    for edit in _edits(before, after):
        place = _place(pieces, edit, before, elsewhere)
        if place is None:
            left.append(_quote(pieces, edit))
        else:
            places.append((*place, edit.words))
    text, reached = [], 0
    for start, end, words in sorted(places):
        if start < reached:
            left.append(words.strip())
            continue
        text += [elsewhere[reached:start], words]
        reached = end
    return Carried("".join([*text, elsewhere[reached:]]), len(places), tuple(left))


def _edits(before: str, after: str) -> Iterator[Edit]:
    """Line by line first, and within lines piece by piece."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    old_pieces, new_pieces = [PIECE.findall(line) for line in old], [PIECE.findall(line) for line in new]
    starts = [0, *accumulate(len(pieces) for pieces in old_pieces)]
    for start, end, into, until in _differing(old, new, is_anchored=True):
        mine, theirs = (list(chain.from_iterable(part)) for part in (old_pieces[start:end], new_pieces[into:until]))
        for first, last, begin, stop in _differing(mine, theirs):
            yield Edit(starts[start] + first, starts[start] + last, "".join(theirs[begin:stop]))


def _differing(
    before: Sequence[str], after: Sequence[str], *, is_anchored: bool = False
) -> Iterator[tuple[int, int, int, int]]:
    """Yield what lies between the common runs: from where to where in each."""
    i = j = 0
    runs = diffing.matches(before, after, is_anchored=is_anchored)
    for start, into, length in [*runs, (len(before), len(after), 0)]:
        if start > i or into > j:
            yield i, start, j, into
        i, j = start + length, into + length


def _place(pieces: list[str], edit: Edit, before: str, elsewhere: str) -> tuple[int, int] | None:
    """Where in `elsewhere` the replaced words stand, from and to; None where that is not certain."""
    words = "".join(pieces[edit.start : edit.end])
    for context in (each for each in CONTEXTS if words or each >= AROUND_AN_INSERTION):
        ahead = "".join(pieces[max(0, edit.start - context) : edit.start])
        sought = ahead + words + "".join(pieces[edit.end : edit.end + context])
        if before.count(sought) == elsewhere.count(sought) == 1:
            start = elsewhere.index(sought) + len(ahead)
            return start, start + len(words)
    return None


def _quote(pieces: list[str], edit: Edit) -> str:
    around = "".join(pieces[max(0, edit.start - 6) : edit.end + 6])
    return " ".join(around.split())
