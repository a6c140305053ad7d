"""What a redline comes to, difference by difference, each with the words around it that tell what it is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.text.compare.changes import ADDED, CHANGED, REMOVED, Change, SectionChange
from policies.text.compare.pieces import Piece, islands
from policies.text.meaning.facts import is_reordered
from policies.text.meaning.numbers.changed_numbers import NumberPair, changed_numbers
from policies.text.structure import inline
from policies.text.structure.inline import Word
from policies.text.words import prose, spelling
from policies.text.words.prose import is_prose


@dataclass(frozen=True)
class Difference:
    """
    One difference in its place.

    ``kind`` is words (within a sentence), block, item, row, heading or order (of the same sentences); ``context`` the
    sentence or row around it; ``topic`` what leads to it: the heading, the words before a list.
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
    # The sentence around it as it was and as it is, and what it is a part of without a blank: a link, an address.
    old_context: str = ""
    new_context: str = ""
    old_token: str = ""
    new_token: str = ""
    # True where the words stand a second time right beside them.
    is_doubled: bool = False
    numbers: tuple[NumberPair, ...] = ()


def differences(sections: Sequence[SectionChange]) -> Iterator[Difference]:
    """Yield every difference of the changed sections, in reading order."""
    for section in sections:
        if section.is_renamed:
            before, after = (" ".join(p.text for p in section.heading if p.op == op) for op in "-+")
            yield Difference("heading", before, after, section.title, section.title, section.title)
        elif section.title and not section.changes and (section.old is None or section.new is None):
            # A heading without a word below it may say something by itself: "We sell nothing".
            before, after = ("", section.title) if section.old is None else (section.title, "")
            yield Difference("heading", before, after, section.title, section.title, section.title)
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
        is_link = all(map(_is_linked, block.words))
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
    elif change.kind == CHANGED and _are_reordered(change):
        text = change.block.text
        yield Difference("order", "", text, text, place.heading, place.topic)
    elif change.kind == CHANGED:
        yield from _of_pieces(change.pieces, place, is_bulleted=change.block.kind == "item")


def _are_reordered(change: Change) -> bool:
    """True where the same sentences stand in another order."""
    old, new = (
        [spelling.letters(each) for block in side for each in prose.sentences(block.text)]
        for side in (change.old, change.new)
    )
    return len(old) > 1 and old != new and sorted(old) == sorted(new)


def _of_rows(change: Change, place: _Place) -> Iterator[Difference]:
    place = replace(place, topic=f"{place.topic} {change.rows[0].text}")
    for row in change.rows:
        if is_reordered(row):
            yield Difference("order", "", row.text, row.text, place.heading, place.topic)
        elif row.kind in {"added", "removed"}:
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
        end = start + len(gone) + len(come)
        before, after = " ".join(p.text for p in gone), " ".join(p.text for p in come)
        old_token, new_token = _tokens(pieces, start, end)
        yield Difference(
            "words",
            before,
            after,
            row or _sentence(pieces, start),
            place.heading,
            place.topic,
            is_bulleted=is_bulleted,
            is_link=all(_is_linked(word) for piece in (*gone, *come) for word in piece.words),
            is_listed=place.is_listed,
            old_context=_side(pieces, start, "-"),
            new_context=_side(pieces, start, "+"),
            old_token=old_token,
            new_token=new_token,
            is_doubled=_is_doubled(pieces, gone, come, start),
            numbers=tuple(numbers.get(start, ())),
        )


def _is_linked(word: Word) -> bool:
    return any(mark.startswith("a ") for mark in word.marks)


def _tokens(pieces: Sequence[Piece], start: int, end: int) -> tuple[str, str]:
    """Return both sides of what changed from `start` to `end`, each with what stands around it without a blank."""
    before = [word for piece in pieces[max(0, start - 1) : start] for word in piece.words]
    after = [word for piece in pieces[end : end + 1] for word in piece.words]
    gone, come = ([word for piece in pieces[start:end] if piece.op == op for word in piece.words] for op in "-+")
    first, last = len(before), 0
    if any(not side[0].blank for side in (gone, come) if side):
        first = next((k for k in range(first - 1, -1, -1) if k == 0 or before[k].blank), first)
    if after and not after[0].blank:
        last = next((k for k in range(1, len(after)) if after[k].blank), len(after))
    old, new = (inline.text((*before[first:], *side, *after[:last])) for side in (gone, come))
    return old, new


def _is_doubled(pieces: Sequence[Piece], gone: Sequence[Piece], come: Sequence[Piece], start: int) -> bool:
    if any(_said(p.words) for p in gone) and any(_said(p.words) for p in come):
        return False
    words = [word for piece in (*gone, *come) for word in _said(piece.words)]
    before = [word for piece in pieces[max(0, start - 1) : start] for word in _said(piece.words)][-len(words) :]
    after = _said(next((piece.words for piece in pieces[start:] if piece.op == "="), ()))[: len(words)]
    is_saying = any(map(str.isalpha, words)) and not any(word.isnumeric() for word in words)
    return is_saying and words in (before, after)


def _said(words: Sequence[Word]) -> list[str]:
    """Return words as they are compared with those beside them, without signs between them."""
    return [word.text.casefold() for word in words if spelling.letters(word.text)]


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


def _side(pieces: Sequence[Piece], start: int, op: str) -> str:
    """Return the whole sentence an island stands in, as it was or as it is."""
    ahead: list[str] = []
    for piece in reversed(pieces[max(0, start - _AROUND) : start]):
        if piece.op in {"=", op}:
            parts = _END.split(piece.text)
            ahead.insert(0, parts[-1])
            if len(parts) > 1:
                break
    behind: list[str] = []
    for k, piece in enumerate(pieces[start : start + _AROUND]):
        if piece.op in {"=", op}:
            parts = _END.split(piece.text) if piece.op == "=" else [piece.text]
            behind.append(parts[0])
            if len(parts) > 1 and k:
                break
    return " ".join([*ahead, *behind]).strip()


# Pieces looked at on both sides of a change for the rest of its sentence.
_AROUND = 12
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý])")
