"""
Words that only changed their setting: a heading made a paragraph, one paragraph made a list, two made one.

Between two blocks that stayed the same lies a zone. Where its words, read through, differ much less than its blocks
do one by one, the zone is compared as one stretch of words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policies.text.compare.changes import ADDED, CHANGED, REMOVED, SAME, Change, SectionChange
from policies.text.compare.pieces import Piece, compare_words, count
from policies.text.structure.inline import Word

# A zone larger than this is a rewrite, not a new setting.
_MOST_WORDS = 20_000


@dataclass
class _Unit:
    """A heading (``change`` is None) or a block, with its words before and after."""

    section: int
    change: int | None
    old: tuple[Word, ...]
    new: tuple[Word, ...]
    pieces: tuple[Piece, ...]
    is_same: bool
    is_fixed: bool = False


def settle(found: Sequence[SectionChange]) -> list[SectionChange]:
    """Compare again, as stretches of words, the zones where only the setting changed."""
    result = [list(section.changes) for section in found]
    headings = [section.heading for section in found]
    reflowed: set[int] = set()
    dropped: set[tuple[int, int | None]] = set()
    for zone in _zones(found):
        pieces = _through(zone)
        if pieces is None:
            continue
        for unit, words in _sliced(zone, pieces):
            if any(piece.op == "=" for piece in words):
                reflowed.add(unit.section)
            if unit.change is None:
                headings[unit.section] = words
            elif unit.new:
                kind = CHANGED if any(piece.op != "=" for piece in words) else SAME
                result[unit.section][unit.change] = replace(result[unit.section][unit.change], kind=kind, pieces=words)
        dropped.update((unit.section, unit.change) for unit in zone if not unit.new)
    return [
        _settled(section, headings[s], [c for k, c in enumerate(result[s]) if (s, k) not in dropped], s in reflowed)
        for s, section in enumerate(found)
        if not ((s, None) in dropped and all((s, k) in dropped for k in range(len(section.changes))))
    ]


def _settled(
    section: SectionChange,
    heading: tuple[Piece, ...],
    changes: list[Change],
    is_reflowed: bool,
) -> SectionChange:
    one_sided = section.old is None or section.new is None
    is_empty_heading = not section.section.heading
    return replace(
        section,
        heading=heading,
        changes=tuple(changes),
        is_reflowed=is_reflowed or (one_sided and is_empty_heading),
    )


def _zones(found: Sequence[SectionChange]) -> list[list[_Unit]]:
    """Return the runs of units that are not the same on both sides and have words on each."""
    zones: list[list[_Unit]] = [[]]
    for unit in _units(found):
        if unit.is_same or unit.is_fixed:
            zones.append([])
        else:
            zones[-1].append(unit)
    return [zone for zone in zones if len(zone) > 1 and any(u.old for u in zone) and any(u.new for u in zone)]


def _units(found: Sequence[SectionChange]) -> list[_Unit]:
    units = []
    for s, section in enumerate(found):
        if section.heading:
            old, new = _words(section.heading, "-"), _words(section.heading, "+")
            is_same = section.old is not None and section.new is not None and not section.is_renamed
            units.append(_Unit(s, None, old, new, section.heading, is_same))
        for c, change in enumerate(section.changes):
            is_fixed = bool(change.rows) or change.kind not in {SAME, CHANGED, ADDED, REMOVED}
            old, new = _words(change.pieces, "-"), _words(change.pieces, "+")
            units.append(_Unit(s, c, old, new, change.pieces, change.kind == SAME, is_fixed))
    return units


def _words(pieces: Sequence[Piece], op: str) -> tuple[Word, ...]:
    return tuple(word for piece in pieces if piece.op in {"=", op} for word in piece.words)


def _through(zone: Sequence[_Unit]) -> tuple[Piece, ...] | None:
    """Return the zone compared as one stretch of words, or None where that shows hardly less."""
    old = [word for unit in zone for word in unit.old]
    new = [word for unit in zone for word in unit.new]
    if all(unit.old and unit.new for unit in zone) or len(old) + len(new) > _MOST_WORDS:
        return None
    shown = sum(_changed(unit.pieces) for unit in zone)
    pieces = compare_words(old, new)
    return pieces if _changed(pieces) <= 0.6 * shown else None


def _changed(pieces: Sequence[Piece]) -> int:
    return sum(count(piece.words) for piece in pieces if piece.op != "=")


def _sliced(zone: Sequence[_Unit], pieces: Sequence[Piece]) -> list[tuple[_Unit, tuple[Piece, ...]]]:
    """Cut the stretch where a new block ends; deleted words stay with the block they stood in or before."""
    units = [unit for unit in zone if unit.new]
    slices: list[list[Piece]] = [[] for _ in units]
    k = 0
    left = len(units[0].new)
    for piece in pieces:
        words = piece.words
        if piece.op == "-":
            slices[min(k, len(units) - 1)].append(piece)
            continue
        while words:
            if not left and k < len(units) - 1:
                k += 1
                left = len(units[k].new)
            taken, words = words[:left], words[left:]
            left -= len(taken)
            slices[k].append(Piece(piece.op, taken))
    return list(zip(units, map(tuple, slices), strict=True))
