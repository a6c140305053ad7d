"""
Two texts compared as a reader sees them: sections first, then blocks, then words; nothing about mark-up.

What is equal word for word is the same, however it is wrapped, set or bulleted.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from policies.text.compare import diffing, moves, pairing, reflow, tables
from policies.text.compare.changes import ADDED, CHANGED, REMOVED, SAME, Change, Comparison, SectionChange
from policies.text.compare.pieces import Piece, block_key, compare_words, key, likeness
from policies.text.structure import blocks, markdown
from policies.text.structure.blocks import Block, Section
from policies.text.structure.inline import Word

_LIKE = 0.5
_SPOKEN = re.compile(r"\w")
# Above this many candidate pairs a gap is paired in order only.
_MOST_PAIRS = 2500


def compare(old: str, new: str) -> Comparison:
    """Compare two canonical texts by structure."""
    before, after = blocks.sections(blocks.read(old)), blocks.sections(blocks.read(new))
    pairs = pairing.pair(before, after)
    found = _ordered(before, after, pairs)
    found = moves.find(reflow.settle(found))
    return Comparison(tuple(_anchored(found, after)))


def key_of_title(section: Section) -> str:
    return key(section.title)


def _anchored(found: Sequence[SectionChange], new: Sequence[Section]) -> list[SectionChange]:
    """Name each section as the rendering of the new text does."""
    taken: dict[str, int] = {}
    anchors = {
        id(section): markdown.unique(f"s-{markdown.slug(section.heading.text)}", taken)
        for section in new
        if section.heading
    }
    return [replace(change, anchor=anchors.get(id(change.new), "")) for change in found]


def _ordered(old: Sequence[Section], new: Sequence[Section], pairs: dict[int, int]) -> list[SectionChange]:
    """Compare each pair and put all sections in reading order."""
    moved = pairing.moved(old, pairs)
    back = {j: i for i, j in pairs.items()}
    gone_after: dict[int, list[int]] = {}
    last = -1
    for i in range(len(old)):
        if i not in pairs:
            gone_after.setdefault(last, []).append(i)
        elif i not in moved:
            last = pairs[i]
    found = [_gone(old[i]) for i in gone_after.get(-1, [])]
    for j, section in enumerate(new):
        if j in back:
            follows = new[j - 1].title if j else ""
            found.append(_both(old[back[j]], section, is_moved=back[j] in moved, follows=follows))
        else:
            found.append(_come(section))
        found.extend(_gone(old[i]) for i in gone_after.get(j, []))
    return found


def _gone(section: Section) -> SectionChange:
    return SectionChange(section, None, _one_sided("-", section.heading), tuple(map(removed, section.blocks)))


def _come(section: Section) -> SectionChange:
    return SectionChange(None, section, _one_sided("+", section.heading), tuple(map(added, section.blocks)))


def _one_sided(op: str, heading: Block | None) -> tuple[Piece, ...]:
    return (Piece(op, heading.words),) if heading and heading.words else ()


def _both(old: Section, new: Section, *, is_moved: bool, follows: str) -> SectionChange:
    heading = compare_words(old.heading.words if old.heading else (), new.heading.words if new.heading else ())
    changes = tuple(compare_blocks(old.blocks, new.blocks))
    return SectionChange(old, new, heading, changes, is_moved=is_moved, follows=follows if is_moved else "")


# Blocks


def removed(block: Block) -> Change:
    if not _SPOKEN.search(block.text):
        # A lone sign says nothing: not worth a word in either direction.
        return Change(SAME, (block,), ())
    if block.kind == "table":
        return Change(REMOVED, (block,), (), rows=tables.one_sided("-", block))
    return Change(REMOVED, (block,), (), (Piece("-", block.words),))


def added(block: Block) -> Change:
    if not _SPOKEN.search(block.text):
        return same((), (block,))
    if block.kind == "table":
        return Change(ADDED, (), (block,), rows=tables.one_sided("+", block))
    return Change(ADDED, (), (block,), (Piece("+", block.words),))


def same(old: Sequence[Block], new: Sequence[Block]) -> Change:
    return Change(SAME, tuple(old), tuple(new))


def compare_blocks(old: Sequence[Block], new: Sequence[Block]) -> list[Change]:
    """Align the blocks of one section."""
    changes: list[Change] = []
    found = diffing.matches([(b.source, b.rows) for b in old], [(b.source, b.rows) for b in new])
    for i, p, j, q, equal in diffing.gaps(found, len(old), len(new)):
        changes.extend(_compare_visible(old[i:p], new[j:q]))
        changes.extend(same([old[p + k]], [new[q + k]]) for k in range(equal))
    return changes


def _compare_visible(old: Sequence[Block], new: Sequence[Block]) -> list[Change]:
    """Align blocks whose source differs: many are the same to a reader."""
    changes: list[Change] = []
    found = diffing.matches([block_key(b) for b in old], [block_key(b) for b in new])
    for i, p, j, q, equal in diffing.gaps(found, len(old), len(new)):
        changes.extend(_gap(old[i:p], new[j:q]))
        changes.extend(same([old[p + k]], [new[q + k]]) for k in range(equal))
    return changes


def _gap(old: Sequence[Block], new: Sequence[Block]) -> list[Change]:
    """Pair the blocks of a gap by likeness, in order."""
    if old and new and key(_joined(old)) == key(_joined(new)):
        return [same(old, new)]
    if not old or not new:
        return [*map(removed, old), *map(added, new)]
    changes: list[Change] = []
    i = j = 0
    for a, b in [*_alike(old, new), (len(old), len(new))]:
        changes.extend(_leftover(old[i:a], new[j:b]))
        if a < len(old) and b < len(new):
            changes.append(changed(old[a], new[b]))
        i, j = a + 1, b + 1
    return changes


def _leftover(old: Sequence[Block], new: Sequence[Block]) -> list[Change]:
    if old and new and key(_joined(old)) == key(_joined(new)):
        return [same(old, new)]
    return [*map(removed, old), *map(added, new)]


def _joined(found: Sequence[Block]) -> str:
    return " ".join(map(block_key, found))


def changed(old: Block, new: Block) -> Change:
    if old.kind == new.kind == "table":
        rows = tables.compare(old, new)
        return Change(CHANGED if any(row.kind != SAME for row in rows) else SAME, (old,), (new,), rows=rows)
    pieces = compare_words(*_without_typed_numbers(old, new))
    return Change(CHANGED if any(p.op != "=" for p in pieces) else SAME, (old,), (new,), pieces)


def _without_typed_numbers(old: Block, new: Block) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """A typed "1." is no change where the list counts by itself now, or did before."""
    if old.kind == new.kind:
        return old.words, new.words
    return _untyped(old), _untyped(new)


def _untyped(block: Block) -> tuple[Word, ...]:
    words = block.words
    if block.kind != "paragraph" or len(words) < 3 or words[1].blank or words[1].text not in {".", ")"}:
        return words
    is_number = words[0].text.isdecimal() or (len(words[0].text) == 1 and words[0].text.isalpha())
    return words[2:] if is_number else words


def _alike(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[int, int]]:
    """Return the pairs, in order, whose likeness adds up to the most."""
    if len(old) * len(new) > _MOST_PAIRS:
        return list(zip(range(len(old)), range(len(new)), strict=False))
    bags_old = [Counter(key(b.text).split()) for b in old]
    bags_new = [Counter(key(b.text).split()) for b in new]
    floor = 0.3 if len(old) == len(new) == 1 else _LIKE
    scores = [
        [
            _score(likeness(x, y), floor) if (a.kind == "table") == (b.kind == "table") else 0.0
            for b, y in zip(new, bags_new, strict=True)
        ]
        for a, x in zip(old, bags_old, strict=True)
    ]
    return diffing.best_chain(scores)


def _score(value: float, floor: float) -> float:
    return value if value >= floor else 0.0
