"""What a change says: numbers, dates, sections, rows, items."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.text.compare.changes import ADDED, CHANGED, MOVED, REMOVED, Change, SectionChange
from policies.text.compare.pieces import Piece, count, islands, key
from policies.text.compare.redline import Redline
from policies.text.compare.tables import Cells, RowChange
from policies.text.meaning.numbers import quantities
from policies.text.meaning.numbers.changed_numbers import NumberPair, changed_numbers
from policies.text.meaning.numbers.quantities import Number
from policies.text.structure import inline
from policies.text.structure.blocks import Section
from policies.text.words import spelling
from policies.text.words.spelling import Writing

_LONGEST_NAME = 4


@dataclass(frozen=True)
class Fact:
    """One fact of a change; ``kind`` and the fields of each kind are those of the command line's documentation."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.fields}


def facts(redline: Redline) -> tuple[Fact, ...]:
    """Return the facts of a redline in reading order; none where only mark-up changed."""
    found: list[Fact] = []
    sections = redline.structure.sections
    for k, section in enumerate(sections):
        if section.is_split_into(sections[k + 1 : k + 2]):
            found.append(_split(section, sections[k + 1]))
            found.extend(_of_changes((*section.changes, *sections[k + 1].changes), redline.writing))
        elif not (k and sections[k - 1].is_split_into(sections[k : k + 1])):
            found.extend(_of_section(section, redline.writing))
    found.extend(_levels(sections))
    return tuple(_counted(found))


_COUNTED = {"number": "count", "identifier": "count", "spelling": "count", "date": "count"} | {
    "table_column_removed": "tables",
    "table_column_added": "tables",
}


def _counted(found: Iterable[Fact]) -> Iterator[Fact]:
    """Join equal numbers, spellings and columns, counting them."""
    times = Counter(repr(fact) for fact in found)
    for name, fact in {repr(fact): fact for fact in found}.items():
        repeats = fact.kind in _COUNTED and times[name] > 1
        yield Fact(fact.kind, fact.fields | {_COUNTED[fact.kind]: times[name]}) if repeats else fact


# Sections


def _of_section(section: SectionChange, writing: Writing) -> Iterator[Fact]:
    if section.is_reflowed:
        if section.has_new_heading:
            yield Fact("section_added", {"heading": section.title, "number": section.section.number})
        yield from _of_changes(section.changes, writing)
        return
    if section.old is None or section.new is None:
        kind = "section_added" if section.old is None else "section_removed"
        if section.title:
            yield Fact(kind, {"heading": section.title, "number": section.section.number})
    elif section.title or section.old.title:
        yield from _of_heading(section, section.old, section.new, writing)
    yield from _of_changes(section.changes, writing)


def _of_heading(section: SectionChange, old: Section, new: Section, writing: Writing) -> Iterator[Fact]:
    if section.is_renumbered:
        fields = {"heading": section.title, "before": old.number or "", "after": new.number or ""}
        yield Fact("renumbered", fields)
    # A full stop behind a heading is no other name.
    if section.is_renamed and any(spelling.letters(piece.text) for piece in section.heading if piece.op != "="):
        yield Fact("renamed", {"before": old.title, "after": new.title})
        yield from _of_pieces(section.heading, writing)
    if section.is_moved:
        yield Fact("moved", {"heading": section.title, "after": section.follows})


def _split(section: SectionChange, other: SectionChange) -> Fact:
    old, new, come = (
        part.heading.text if part and part.heading else "" for part in (section.old, section.new, other.new)
    )
    return Fact("section_split", {"before": old, "after": [new, come]})


def _levels(sections: Sequence[SectionChange]) -> Iterator[Fact]:
    """A shift of heading levels is mark-up, but worth one line."""
    shifts = Counter(
        s.new.heading.level - s.old.heading.level
        for s in sections
        if s.old and s.new and s.old.heading and s.new.heading and s.old.heading.level and s.new.heading.level
    )
    del shifts[0]
    if shifts:
        yield Fact("heading_levels_shifted", {"by": shifts.most_common(1)[0][0]})


# Blocks


def _of_changes(changes: Sequence[Change], writing: Writing) -> Iterator[Fact]:
    for change in changes:
        if change.rows:
            yield from _of_table(change, writing)
        elif change.kind == MOVED:
            yield Fact("moved_paragraph", {"text": change.block.text})
        elif change.kind in {ADDED, REMOVED} and change.block.text and not _LINK_END.fullmatch(change.block.text):
            yield _one_sided(change)
        elif change.kind == CHANGED:
            yield from _of_pieces(change.pieces, writing)
    numbered = sum(map(became_numbered, changes))
    if numbered:
        yield Fact("list_numbered", {"items": numbered})


def became_numbered(change: Change) -> bool:
    """True for an item of a list that counts now and did not before."""
    if not change.old or not change.new:
        return False
    before, after = change.old[0], change.new[0]
    return before.kind == after.kind == "item" and before.lists[-1:] == ("ul",) and after.lists[-1:] == ("ol",)


def _one_sided(change: Change) -> Fact:
    block = change.block
    verb = "added" if change.kind == ADDED else "removed"
    noun = "list_item" if block.kind == "item" else "sentence" if _is_sentence(block.text) else "text"
    return Fact(f"{noun}_{verb}", {"text": block.text})


def _is_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"[^.!?]+[.!?]", text.strip()))


# Tables


def _of_table(change: Change, writing: Writing) -> Iterator[Fact]:
    if change.kind in {ADDED, REMOVED}:
        rows = change.rows
        fields = {"columns": max(len(row.cells) for row in rows), "rows": len(rows), "text": rows[0].text}
        yield Fact("table_added" if change.kind == ADDED else "table_removed", fields)
        return
    header = next((row for row in change.rows if row.is_header and row.is_paired), None)
    gone = _emptied([(row.old, row.new) for row in change.rows if row.is_paired and row.kind != "moved"])
    for column in gone.values():
        yield Fact("table_column_removed", {"column": column})
    come = added_columns(header) if header else ()
    for k in come:
        yield Fact("table_column_added", {"column": inline.text(header.new[k]) if header else ""})
    if header and is_reordered(header):
        yield Fact("table_columns_moved", {"columns": [inline.text(cell) for cell in header.new]})
    moved = sum(row.kind == "moved" for row in change.rows)
    if moved:
        yield Fact("table_rows_moved", {"rows": moved})
    for row in change.rows:
        if not (row is header and is_reordered(row)):
            yield from _of_row(row, writing, skipped={*gone, *come})


def _emptied(rows: Sequence[tuple[Cells, Cells]]) -> dict[int, str]:
    """Return the places of the columns that stand in no row any more, each with the first words that stood in it."""
    if not rows or any(len(old) != len(new) for old, new in rows):
        return {}
    columns = range(min(len(old) for old, _ in rows))
    return {
        k: next(inline.text(old[k]) for old, _ in rows if old[k])
        for k in columns
        if any(old[k] for old, _ in rows) and not any(new[k] for _, new in rows)
    }


def added_columns(header: RowChange) -> tuple[int, ...]:
    """Return the places of the columns that came, where none went."""
    names = {key(inline.text(cell)) for cell in header.old if cell}
    if len(header.old) != len(header.new) or not names <= {key(inline.text(cell)) for cell in header.new}:
        return ()
    return tuple(k for k, cell in enumerate(header.old) if not cell and header.new[k])


def is_reordered(header: RowChange) -> bool:
    """True where the same columns stand in another order."""
    before, after = ([key(inline.text(cell)) for cell in side] for side in (header.old, header.new))
    return header.is_header and before != after and sorted(before) == sorted(after)


def _of_row(row: RowChange, writing: Writing, *, skipped: Collection[int]) -> Iterator[Fact]:
    if row.kind == "added" and row.text.strip(" |"):
        yield Fact("table_row_added", {"row": row.text})
    elif row.kind == "removed" and row.text.strip(" |"):
        yield Fact("table_row_removed", {"row": row.text})
    elif row.kind in {"changed", "moved"}:
        name = row.text.partition(" | ")[0]
        for cell in (cell for k, cell in enumerate(row.cells) if k not in skipped):
            if any(piece.op != "=" for piece in cell):
                yield from _of_cell(name, cell, writing)


def _of_cell(name: str, cell: tuple[Piece, ...], writing: Writing) -> Iterator[Fact]:
    ops = {piece.op for piece in cell}
    if ops == {"=", "+"}:
        for piece in cell:
            if piece.op == "+" and count(piece.words):
                yield Fact("table_cell_text_added", {"row": name, "text": piece.text})
    elif _is_spelling_only(cell, writing) and not _is_name_of_a_cell(cell):
        yield from _of_pieces(cell, writing)
        return
    else:
        before = _side(cell, "-")
        yield Fact("table_cell", {"row": name, "before": before, "after": _side(cell, "+")})
    yield from (fact for fact in _of_pieces(cell, writing) if fact.kind in {"number", "date", "identifier"})


def _is_spelling_only(cell: Sequence[Piece], writing: Writing) -> bool:
    return all(
        gone and come and spelling.is_spelling(_join(gone), _join(come), writing) for gone, come, _ in islands(cell)
    )


def _is_name_of_a_cell(cell: Sequence[Piece]) -> bool:
    """True where all that a cell says is a name that is written with other capitals: "Local storage"."""
    before, after = _side(cell, "-"), _side(cell, "+")
    return len(after.split()) <= _LONGEST_NAME and before.casefold() == after.casefold()


def _side(pieces: Iterable[Piece], op: str) -> str:
    return " ".join(piece.text for piece in pieces if piece.op in {"=", op})


# Words


def _join(pieces: Iterable[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)


def _of_pieces(pieces: Sequence[Piece], writing: Writing) -> Iterator[Fact]:
    """Yield the numbers, dates, spellings and other words of changed text."""
    numbers = changed_numbers(pieces)
    for pairs in numbers.values():
        for before, after in pairs:
            yield from _number_fact(before, after)
    for gone, come, start in islands(pieces):
        if not _are_told(gone, come, numbers.get(start, ())):
            yield from _words(gone, come, pieces, start, writing)


def _are_told(gone: Sequence[Piece], come: Sequence[Piece], pairs: Sequence[NumberPair]) -> bool:
    """True where all changed words are parts of numbers and dates that were told."""
    if any(before is None or after is None for before, after in pairs):
        return False
    told = {word for pair in pairs for number in pair if number for word in re.findall(r"\w+", number.text)}
    return bool(told) and all(
        word.text in told or not word.text[0].isalnum() for piece in (*gone, *come) for word in piece.words
    )


def _number_fact(before: Number | None, after: Number | None) -> Iterator[Fact]:
    if before is None or after is None:
        return
    if before.kind == quantities.DATE:
        yield Fact("date", {"before": before.value, "after": after.value})
    else:
        kind = "number" if before.kind == quantities.QUANTITY else "identifier"
        unit = {"unit": after.unit or before.unit} if after.unit or before.unit else {}
        yield Fact(kind, {"before": before.text, "after": after.text, **unit})


def _words(
    gone: list[Piece], come: list[Piece], pieces: Sequence[Piece], start: int, writing: Writing
) -> Iterator[Fact]:
    before, after = _join(gone), _join(come)
    if _is_mark_up(before, after):
        return
    if gone and come and spelling.is_spelling(before, after, writing):
        yield Fact("spelling", {"before": before, "after": after})
        return
    context = pieces[start - 1].text if start else ""
    if before and not is_numeric(before):
        yield Fact(_kind_of_words(before, context, "removed"), {"text": before})
    if after and not is_numeric(after):
        yield Fact(_kind_of_words(after, context, "added"), {"text": after})


# What is left of a link that was typed wrongly, "](https://example.org)**", and a blank forgotten before a unit.
_LINK_END = re.compile(r"\]\((?:[^\s()]|\([^\s()]*\))*\)[\W_]*")


def _is_mark_up(before: str, after: str) -> bool:
    """True where no word changed: the end of a broken link went or came, or a blank behind a number."""
    if _LINK_END.search(f"{before} {after}") and not spelling.letters(_LINK_END.sub("", f"{before} {after}")):
        return True
    if not (before and after):
        return False
    old, new = (_BLANK_BEHIND_A_NUMBER.sub("", text) for text in (before, after))
    return old == new


_BLANK_BEHIND_A_NUMBER = re.compile(r"(?<=\d)\s+(?=[^\W\d_])")


def is_numeric(text: str) -> bool:
    """True for words that are told as numbers already, and for signs alone."""
    if not re.search(r"[^\W\d_]{2}", text):
        return True
    found = quantities.find(text)
    rest = text
    for number in reversed(found):
        rest = rest[: number.start] + rest[number.end :]
    return bool(found) and not re.search(r"[^\W\d_]{2}", rest)


def _kind_of_words(text: str, context: str, verb: str) -> str:
    starts = not context or context.rstrip()[-1:] in ".!?:"
    return f"sentence_{verb}" if starts and text.rstrip()[-1:] in ".!?" and len(text.split()) > 2 else f"text_{verb}"
