"""Which numbers a change of words touched, each with what it was and what it is."""

import re
from collections.abc import Iterator, Sequence

from policies.text.compare.pieces import Piece
from policies.text.meaning.numbers import quantities
from policies.text.meaning.numbers.quantities import Number

# Characters looked at on both sides of a changed word for the rest of a number: "one (1) year".
_AROUND = 60


def _stretches(spans: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Join changed words that stand close together."""
    first = last = -1
    for start, end, _ in spans:
        if first >= 0 and start - last > 2 * _AROUND:
            yield first, last
            first = start
        first, last = (start if first < 0 else first), end
    if first >= 0:
        yield first, last


class _Side:
    """One side of a change as text, with the island each character of a changed word belongs to."""

    def __init__(self, pieces: Sequence[Piece], op: str) -> None:
        parts: list[str] = []
        self.spans: list[tuple[int, int, int]] = []
        at = island = 0
        for k, piece in enumerate(pieces):
            if piece.op == "=":
                island = k + 1
            for word in piece.words:
                if piece.op not in {"=", op}:
                    continue
                text = (" " if word.blank and parts else "") + word.text
                if piece.op == op:
                    self.spans.append((at + len(text) - len(word.text), at + len(text), island))
                parts.append(text)
                at += len(text)
        self.text = "".join(parts)
        self.numbers = [
            (number, touched) for number in self._numbers() if (touched := self._island(number)) is not None
        ]

    def _numbers(self) -> Iterator[Number]:
        """Yield the numbers in and around the changed words."""
        at = 0
        for first, last in _stretches(self.spans):
            start, end = max(at, first - _AROUND), min(len(self.text), last + _AROUND)
            # Whole words only: half a number is another number.
            start = self.text.rfind(" ", 0, start + 1) + 1 if start else 0
            end = (self.text.find(" ", end) + 1 or len(self.text)) if end < len(self.text) else end
            window = self.text[start:end]
            if quantities.may_hold_one(window):
                yield from (number.shifted(start) for number in quantities.find(window))
            at = end

    def _island(self, number: Number) -> int | None:
        """Return the island that touches a number, the one of its digits rather than of its unit."""
        return next((island for start, end, island in self.spans if start < number.end and number.start < end), None)


NumberPair = tuple[Number | None, Number | None]


def changed_numbers(pieces: Sequence[Piece]) -> dict[int, list[NumberPair]]:
    """Return the numbers each island changed, by the index of the piece the island starts with."""
    old, new = _Side(pieces, "-"), _Side(pieces, "+")
    found: dict[int, list[NumberPair]] = {}
    for before, after, island in _paired(old.numbers, new.numbers):
        if not (before and after and is_same_number(before, after)):
            found.setdefault(island, []).append((before, after))
    return found


def is_same_number(before: Number, after: Number) -> bool:
    """True for "30 days" and "thirty (30) days"."""
    if quantities.DATE in {before.kind, after.kind}:
        return before.value == after.value
    old, new = re.findall(r"\d+", before.text), re.findall(r"\d+", after.text)
    if old and new:
        return old == new and before.unit.casefold() == after.unit.casefold()
    return before.text.casefold() == after.text.casefold()


def _paired(
    old: Sequence[tuple[Number, int]], new: Sequence[tuple[Number, int]]
) -> Iterator[tuple[Number | None, Number | None, int]]:
    """Pair the numbers of each island in order, like with like."""
    for island in dict.fromkeys([k for _, k in old] + [k for _, k in new]):
        before = [number for number, k in old if k == island]
        after = [number for number, k in new if k == island]
        for number in before:
            same_kind = [other for other in after if other.kind == number.kind]
            mate = next((o for o in same_kind if o.unit.casefold() == number.unit.casefold()), None)
            mate = mate or (same_kind[0] if same_kind else None)
            if mate is not None:
                after.remove(mate)
            yield number, mate, island
        for number in after:
            yield None, number, island
