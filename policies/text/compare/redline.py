"""The exact comparison of two canonical texts: runs from which both can be rebuilt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from policies.text.compare import comparison, diffing
from policies.text.compare.changes import Comparison
from policies.text.words import function_words
from policies.text.words.spelling import Writing

# "=", "-" or "+", and the text.
Run = tuple[str, str]

# A word, a sign, a stretch of blanks; scripts without blanks between words go by character.
TOKEN = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|\s+|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\w\s]"
)
_WORD = re.compile(r"\w")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Redline:
    """
    The difference between two canonical texts.

    ``runs`` joins to the old text over "=" and "-", and to the new one over "=" and "+", character by
    character. ``structure`` is the same change as a reader sees it: sections, paragraphs, items, rows, words.
    """

    old: str
    new: str
    runs: tuple[Run, ...]

    @property
    def is_empty(self) -> bool:
        return self.old == self.new

    @cached_property
    def words_inserted(self) -> int:
        return sum(_words(text) for op, text in self.runs if op == "+")

    @cached_property
    def words_deleted(self) -> int:
        return sum(_words(text) for op, text in self.runs if op == "-")

    @cached_property
    def regions(self) -> int:
        """Islands of change: neighboring deleted and inserted runs are one; blanks alone are none."""
        ops = ["=", *("=" if text.isspace() else op for op, text in self.runs)]
        return sum(before == "=" != op for before, op in pairwise(ops))

    @cached_property
    def writing(self) -> Writing:
        """The language of the text, and the words that stand in both."""
        kept = {*_LETTERS.findall(self.old.casefold())} & {*_LETTERS.findall(self.new.casefold())}
        return Writing(function_words.language_of(self.new), frozenset(kept))

    @cached_property
    def structure(self) -> Comparison:
        return comparison.compare(self.old, self.new)


def redline(old: str, new: str) -> Redline:
    """Compare two canonical texts: lines first, words within the lines that differ."""
    runs: list[Run] = []
    before, after = _lines(old), _lines(new)
    found = diffing.matches(before, after, is_anchored=True)
    for i, p, j, q, equal in diffing.gaps(found, len(before), len(after)):
        if p > i or q > j:
            _add_words(runs, before[i:p], after[j:q])
        if equal:
            runs.append(("=", "".join(before[p : p + equal])))
    return Redline(old, new, tuple(_merged(runs)))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _add_words(runs: list[Run], before: Sequence[str], after: Sequence[str]) -> None:
    if not before or not after:
        runs.append(("-", "".join(before)))
        runs.append(("+", "".join(after)))
        return
    old, new = TOKEN.findall("".join(before)), TOKEN.findall("".join(after))
    found = diffing.without_small_islands(diffing.matches(old, new), old, new, has_blanks=True)
    for i, p, j, q, equal in diffing.gaps(found, len(old), len(new)):
        runs.append(("-", "".join(old[i:p])))
        runs.append(("+", "".join(new[j:q])))
        if equal:
            runs.append(("=", "".join(old[p : p + equal])))


def _words(text: str) -> int:
    return sum(1 for word in text.split() if _WORD.search(word))


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Join neighbors of one kind; within an island what is deleted comes first."""
    merged: list[Run] = []
    gone = come = ""
    for op, text in [*runs, ("=", "")]:
        if op == "-":
            gone += text
        elif op == "+":
            come += text
        else:
            merged.extend(run for run in (("-", gone), ("+", come)) if run[1])
            gone = come = ""
            if text and merged and merged[-1][0] == "=":
                merged[-1] = ("=", merged[-1][1] + text)
            elif text:
                merged.append(("=", text))
    return merged
