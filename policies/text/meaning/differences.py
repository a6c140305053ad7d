"""What a redline comes to, difference by difference, each with the words around it that tell what it is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.text.compare.changes import ADDED, CHANGED, REMOVED, Change, SectionChange
from policies.text.compare.pieces import Piece
from policies.text.meaning.facts import NumberPair, changed_numbers, islands
from policies.text.words.prose import is_prose


@dataclass(frozen=True)
class Difference:
    """
    One difference in its place.

    ``kind`` is words (within a sentence), block, item or row; ``context`` the sentence or row around it; ``topic``
    what leads to it: the heading, the words before a list.
    """

    kind: str
    before: str
    after: str
    context: str
    heading: str
    topic: str
    is_bulleted: bool = False
    is_link: bool = False
    is_listed: bool = True
    numbers: tuple[NumberPair, ...] = ()


def differences(sections: Sequence[SectionChange]) -> Iterator[Difference]:
    """Yield every difference of the changed sections, in reading order."""
    for section in sections:
        if not section.is_changed:
            continue
        place = _Place(section.title, section.title)
        for change in section.changes:
            text = change.block.text
            if text.endswith(":"):
                place = _Place(section.title, f"{section.title} {text}", is_listed=True)
            elif change.block.kind == "paragraph" and is_prose(text):
                place = _Place(section.title, section.title)
            yield from _of_change(change, place)


@dataclass(frozen=True)
class _Place:
    """Where a difference stands: ``is_listed`` after words that end in a colon."""

    heading: str
    topic: str
    is_listed: bool = False


def _of_change(change: Change, place: _Place) -> Iterator[Difference]:
    if change.rows:
        yield from _of_rows(change, place)
    elif change.kind in {ADDED, REMOVED}:
        block = change.block
        before, after = (block.text, "") if change.kind == REMOVED else ("", block.text)
        is_item = block.kind == "item" or bool(_TYPED_BULLET.match(block.text))
        is_link = all(any(mark.startswith("a ") for mark in word.marks) for word in block.words)
        yield Difference(
            "item" if is_item else "block",
            before,
            after,
            block.text,
            place.heading,
            place.topic,
            is_bulleted=is_item,
            is_link=is_link,
            is_listed=place.is_listed,
        )
    elif change.kind == CHANGED:
        yield from _of_pieces(change.pieces, place, is_bulleted=change.block.kind == "item")


def _of_rows(change: Change, place: _Place) -> Iterator[Difference]:
    place = replace(place, topic=f"{place.topic} {change.rows[0].text}")
    for row in change.rows:
        if row.kind in {"added", "removed"}:
            before, after = (row.text, "") if row.kind == "removed" else ("", row.text)
            yield Difference("row", before, after, row.text, place.heading, place.topic)
        elif row.kind in {"changed", "moved"}:
            for cell in row.cells:
                yield from _of_pieces(cell, place, row=row.text)


def _of_pieces(
    pieces: Sequence[Piece], place: _Place, *, is_bulleted: bool = False, row: str = ""
) -> Iterator[Difference]:
    pieces = _with_joined_names(pieces)
    numbers = changed_numbers(pieces)
    for gone, come, start in islands(pieces):
        before, after = " ".join(p.text for p in gone), " ".join(p.text for p in come)
        yield Difference(
            "words",
            before,
            after,
            row or _sentence(pieces, start),
            place.heading,
            place.topic,
            is_bulleted=is_bulleted,
            is_listed=place.is_listed,
            numbers=tuple(numbers.get(start, ())),
        )


def _with_joined_names(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Take "Conditions of Use" to "Acceptable Use Policy" as one change: the shared word is part of both names."""
    joined: list[Piece] = []
    for k, piece in enumerate(pieces):
        is_between = piece.op == "=" and 0 < k < len(pieces) - 1
        if is_between and len(piece.words) == 1 and piece.text[:1].isupper() and not piece.text.isupper():
            joined.extend((Piece("-", piece.words), Piece("+", piece.words)))
        else:
            joined.append(piece)
    return joined


_TYPED_BULLET = re.compile(r"(?:[•·●▪◦‣–—-]|\(?[a-z0-9]{1,3}[.)])\s*\w")


def _sentence(pieces: Sequence[Piece], start: int) -> str:
    """Return the sentence an island stands in: what surrounds it up to the next full stops, both versions of it."""
    before = pieces[start - 1].text if start else ""
    own = [piece.text for piece in pieces[start : start + 2] if piece.op != "="]
    after = next((piece.text for piece in pieces[start + 1 :] if piece.op == "="), "")
    return " ".join([_END.split(before)[-1], *own, _END.split(after)[0]]).strip()


_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý])")

# Deciding
