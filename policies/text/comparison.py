"""
Two texts compared as a reader sees them: sections first, then blocks, then words; nothing about mark-up.

What is equal word for word is the same, however it is wrapped, set or bulleted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from policies.text import blocks, diffing, markdown, tables
from policies.text.blocks import Block, Section
from policies.text.pieces import Piece, compare_words, key, likeness

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
MOVED, MOVED_AWAY = "moved", "moved-away"

_LIKE = 0.5
# Above this many candidate pairs a gap is paired in order only.
_MOST_PAIRS = 2500


@dataclass(frozen=True)
class Change:
    """
    One block, or a few that were split or joined, before and after.

    ``kind`` is same, changed, added, removed, moved (it now stands here; ``old`` tells what it was) or
    moved-away (it stood here). ``pieces`` are the words in order; ``rows`` those of a table.
    """

    kind: str
    old: tuple[Block, ...]
    new: tuple[Block, ...]
    pieces: tuple[Piece, ...] = ()
    rows: tuple["tables.RowChange", ...] = ()

    @property
    def block(self) -> Block:
        return (self.new or self.old)[0]

    @property
    def is_quiet(self) -> bool:
        return self.kind == SAME


@dataclass(frozen=True)
class SectionChange:
    """
    A section before and after.

    ``anchor`` is its place on the new page (none where it is removed); ``follows`` the heading it now stands
    behind where it moved.
    """

    old: Section | None
    new: Section | None
    heading: tuple[Piece, ...] = ()
    changes: tuple[Change, ...] = ()
    is_moved: bool = False
    follows: str = ""
    anchor: str = ""

    @property
    def section(self) -> Section:
        section = self.new or self.old
        assert section is not None  # noqa: S101 - one of the two is always there
        return section

    @property
    def title(self) -> str:
        return self.section.title

    @cached_property
    def is_renamed(self) -> bool:
        return bool(self.old and self.new and key_of_title(self.old) != key_of_title(self.new))

    @cached_property
    def is_renumbered(self) -> bool:
        return bool(self.old and self.new and (self.old.number or "") != (self.new.number or ""))

    @cached_property
    def is_changed(self) -> bool:
        return any(not change.is_quiet for change in self.changes)

    @property
    def kind(self) -> str:
        """The strongest word for it: added, removed, changed, renamed, moved, renumbered or same."""
        if self.old is None:
            return ADDED
        if self.new is None:
            return REMOVED
        for name, holds in (
            (CHANGED, self.is_changed),
            ("renamed", self.is_renamed),
            (MOVED, self.is_moved),
            ("renumbered", self.is_renumbered),
        ):
            if holds:
                return name
        return SAME


@dataclass(frozen=True)
class Comparison:
    """All sections in the order of the new text, removed ones where they stood."""

    sections: tuple[SectionChange, ...]

    @cached_property
    def is_quiet(self) -> bool:
        return all(section.kind == SAME for section in self.sections)


def compare(old: str, new: str) -> Comparison:
    """Compare two canonical texts by structure."""
    before, after = blocks.sections(blocks.read(old)), blocks.sections(blocks.read(new))
    pairs = _pair_sections(before, after)
    found = _ordered(before, after, pairs)
    return Comparison(tuple(_anchored(_with_moved_blocks(found), after)))


def key_of_title(section: Section) -> str:
    return key(section.title)


def _anchored(found: Sequence[SectionChange], new: Sequence[Section]) -> list[SectionChange]:
    """Name each section as the rendering of the new text does."""
    taken: set[str] = set()
    anchors = {
        id(section): markdown.unique(f"s-{markdown.slug(section.heading.text)}", taken)
        for section in new
        if section.heading
    }
    return [replace(change, anchor=anchors.get(id(change.new), "")) for change in found]


# Sections


def _pair_sections(old: Sequence[Section], new: Sequence[Section]) -> dict[int, int]:
    """Return which new section (value) each old one (key) became."""
    pairs: dict[int, int] = {}
    whole_old, whole_new = [_whole(s) for s in old], [_whole(s) for s in new]
    titles_old, titles_new = [key_of_title(s) for s in old], [key_of_title(s) for s in new]
    for i, p, j, q, equal in diffing.gaps(diffing.matches(whole_old, whole_new), len(old), len(new)):
        for a, b, n in diffing.matches(titles_old[i:p], titles_new[j:q]):
            pairs.update({i + a + k: j + b + k for k in range(n)})
        pairs.update({p + k: q + k for k in range(equal)})
    _pair_moved(old, new, (whole_old, whole_new), pairs)
    _pair_moved(old, new, (titles_old, titles_new), pairs)
    _pair_alike(old, new, pairs)
    return pairs


def _whole(section: Section) -> object:
    heading = section.heading.source if section.heading else None
    return heading, tuple((block.source, block.rows) for block in section.blocks)


def _pair_moved(
    old: Sequence[Section],
    new: Sequence[Section],
    keys: tuple[Sequence[object], Sequence[object]],
    pairs: dict[int, int],
) -> None:
    """Pair what is left by keys that stand once among the rest of each side."""
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs and keys[0][i]]
    right = [j for j in range(len(new)) if j not in taken and keys[1][j]]
    times_left, times_right = Counter(keys[0][i] for i in left), Counter(keys[1][j] for j in right)
    places = {keys[1][j]: j for j in right}
    for i in left:
        name = keys[0][i]
        if times_left[name] == times_right[name] == 1:
            pairs[i] = places[name]


def _pair_alike(old: Sequence[Section], new: Sequence[Section], pairs: dict[int, int]) -> None:
    """Pair renamed sections: alike in words or in heading, the most alike first."""
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs]
    right = [j for j in range(len(new)) if j not in taken]
    if len(left) * len(right) > _MOST_PAIRS:
        return
    words_old = {i: _section_words(old[i]) for i in left}
    words_new = {j: _section_words(new[j]) for j in right}
    scores = []
    for i in left:
        for j in right:
            near = _between_same(i, j, pairs, len(old), len(new))
            body = likeness(words_old[i], words_new[j])
            title = likeness(Counter(old[i].title.casefold().split()), Counter(new[j].title.casefold().split()))
            score = max(body, title * (0.9 if near else 0.6), (body + title) / 1.5 if near else 0)
            if score >= (_LIKE if near else 0.7):
                scores.append((score, i, j))
    for _, i, j in sorted(scores, key=lambda row: (-row[0], row[1], row[2])):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _between_same(i: int, j: int, pairs: dict[int, int], n: int, m: int) -> bool:
    """True where the pair (i, j) crosses no pair found before."""
    low = next((pairs[k] for k in range(i - 1, -1, -1) if k in pairs), -1)
    high = next((pairs[k] for k in range(i + 1, n) if k in pairs), m)
    return low < j < high


def _section_words(section: Section) -> Counter[str]:
    return Counter(word for block in section.blocks for word in block.text.casefold().split())


def _ordered(old: Sequence[Section], new: Sequence[Section], pairs: dict[int, int]) -> list[SectionChange]:
    """Compare each pair and put all sections in reading order."""
    moved = _moved(old, pairs)
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


def _moved(old: Sequence[Section], pairs: dict[int, int]) -> set[int]:
    """Return the old sections outside the heaviest chain that keeps its order."""
    order = sorted(pairs.items())
    if all(a[1] < b[1] for a, b in pairwise(order)):
        return set()
    best: list[int] = []
    before: list[int] = []
    for k, (i, j) in enumerate(order):
        start = max((h for h in range(k) if order[h][1] < j), key=lambda h: best[h], default=-1)
        best.append((best[start] if start >= 0 else 0) + 1 + old[i].size)
        before.append(start)
    k = max(range(len(order)), key=lambda h: best[h])
    kept = set()
    while k >= 0:
        kept.add(order[k][0])
        k = before[k]
    return {i for i, _ in order if i not in kept}


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
    if block.kind == "table":
        return Change(REMOVED, (block,), (), rows=tables.one_sided("-", block))
    return Change(REMOVED, (block,), (), (Piece("-", block.words),))


def added(block: Block) -> Change:
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
    found = diffing.matches([key(b.text) for b in old], [key(b.text) for b in new])
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
    return " ".join(block.text for block in found)


def changed(old: Block, new: Block) -> Change:
    if old.kind == new.kind == "table":
        rows = tables.compare(old, new)
        return Change(CHANGED if any(row.kind != SAME for row in rows) else SAME, (old,), (new,), rows=rows)
    pieces = compare_words(old.words, new.words)
    return Change(CHANGED if any(p.op != "=" for p in pieces) else SAME, (old,), (new,), pieces)


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


# Moves across sections


def _with_moved_blocks(found: Sequence[SectionChange]) -> list[SectionChange]:
    """
    Turn a block removed here and added there, word for word, into a move; one only set otherwise into nothing.
    """
    gone: dict[str, tuple[int, int]] = {}
    moves: dict[tuple[int, int], tuple[int, int]] = {}
    for s, section in enumerate(found):
        for c, change in enumerate(section.changes):
            if change.kind == REMOVED and change.block.kind != "table" and change.block.text:
                gone.setdefault(key(change.block.text), (s, c))
    for s, section in enumerate(found):
        for c, change in enumerate(section.changes):
            if change.kind == ADDED and change.block.kind != "table":
                origin = gone.pop(key(change.block.text), None)
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
