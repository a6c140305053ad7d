"""Blocks and rows that stand elsewhere now, word for word or nearly so."""

from collections.abc import Sequence
from dataclasses import replace

from policies.text.compare import tables
from policies.text.compare.changes import ADDED, CHANGED, MOVED, MOVED_AWAY, REMOVED, Change, SectionChange
from policies.text.compare.pieces import block_key
from policies.text.compare.tables import RowChange


def find(found: Sequence[SectionChange]) -> list[SectionChange]:
    """Mark what moved, blocks and rows of tables alike."""
    return _rows(_blocks(found))


def _blocks(found: Sequence[SectionChange]) -> list[SectionChange]:
    """
    Turn a block removed here and added there, word for word, into a move; one only set otherwise into nothing.
    """
    gone: dict[str, tuple[int, int]] = {}
    moves: dict[tuple[int, int], tuple[int, int]] = {}
    for s, section in enumerate(found):
        for c, change in enumerate(section.changes):
            if change.kind == REMOVED and change.block.kind != "table" and change.block.text:
                gone.setdefault(block_key(change.block), (s, c))
    for s, section in enumerate(found):
        for c, change in enumerate(section.changes):
            if change.kind == ADDED and change.block.kind != "table":
                origin = gone.pop(block_key(change.block), None)
                if origin is not None:
                    moves[origin] = (s, c)
    return _apply(found, moves)


def _apply(found: Sequence[SectionChange], moves: dict[tuple[int, int], tuple[int, int]]) -> list[SectionChange]:
    targets = {target: origin for origin, target in moves.items()}
    result = []
    for s, section in enumerate(found):
        changes = []
        for c, change in enumerate(section.changes):
            if (s, c) in moves:
                changes.append(replace(change, kind=MOVED_AWAY))
            elif (s, c) in targets:
                a, b = targets[s, c]
                changes.append(replace(change, kind=MOVED, old=found[a].changes[b].old))
            else:
                changes.append(change)
        result.append(replace(section, changes=tuple(changes)))
    return result


def _rows(found: Sequence[SectionChange]) -> list[SectionChange]:
    """Mark the rows that moved from one table to another."""
    gone = [
        (s, c, r)
        for s, section in enumerate(found)
        for c, change in enumerate(section.changes)
        for r, row in enumerate(change.rows)
        if row.kind == "removed" and not row.is_header
    ]
    if not gone or len(gone) > 200:
        return list(found)
    rows = {(s, c): list(change.rows) for s, section in enumerate(found) for c, change in enumerate(section.changes)}
    for place, listed in rows.items():
        for r, row in enumerate(listed):
            if row.kind != "added" or row.is_header:
                continue
            origin = max(gone, key=lambda g: tables.likeness_of(rows[g[:2]][g[2]].old, row.new), default=None)
            if origin is None or tables.likeness_of(rows[origin[:2]][origin[2]].old, row.new) < 0.85:
                continue
            gone.remove(origin)
            away, here = tables.moved(rows[origin[:2]][origin[2]].old, row.new)
            rows[origin[:2]][origin[2]] = away
            rows[place][r] = here
    return [
        replace(section, changes=tuple(_with_rows(change, rows[s, c]) for c, change in enumerate(section.changes)))
        for s, section in enumerate(found)
    ]


def _with_rows(change: Change, rows: list[RowChange]) -> Change:
    """A table whose every row moved is no longer one that was added or removed."""
    if change.kind in {ADDED, REMOVED} and rows and all(r.kind in {"moved", "moved-away"} or r.is_header for r in rows):
        return replace(change, kind=CHANGED, rows=tuple(rows))
    return replace(change, rows=tuple(rows))
