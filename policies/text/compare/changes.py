"""What a comparison finds: blocks and sections before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from policies.text.compare.pieces import Piece, key
from policies.text.compare.tables import RowChange
from policies.text.structure.blocks import Block, Section
from policies.text.structure.inline import is_struck

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
RENUMBERED = "renumbered"
MOVED, MOVED_AWAY = "moved", "moved-away"


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
    rows: tuple[RowChange, ...] = ()

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
    # One-sided only by its mark-up: its words stood elsewhere before, in this order.
    is_reflowed: bool = False

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
        if not (self.old and self.new):
            return False
        struck = any(is_struck(word) for piece in self.heading if piece.op != "=" for word in piece.words)
        return struck or key(self.old.title) != key(self.new.title)

    @cached_property
    def is_renumbered(self) -> bool:
        return bool(self.old and self.new and (self.old.number or "") != (self.new.number or ""))

    @cached_property
    def is_changed(self) -> bool:
        return any(not change.is_quiet for change in self.changes)

    @property
    def is_only_renumbered(self) -> bool:
        """Whether nothing of it changed but its number: a section before it came or went."""
        return self.kind == RENUMBERED

    def is_split_into(self, following: Sequence["SectionChange"]) -> bool:
        """True where a new section follows that took over a part of what this one was called."""
        new = next((other.new for other in following if other.old is None), None)
        if not (self.old and self.new and new and self.is_renamed):
            return False
        before, *parts = (set(key(part.title).casefold().split()) for part in (self.old, self.new, new))
        left, taken = parts
        # A word that joined both is gone: "and".
        return bool(left and taken) and left | taken <= before and len(before - left - taken) <= 1

    @property
    def has_new_heading(self) -> bool:
        """True where a heading was put above words that stood there before."""
        return self.is_reflowed and bool(self.heading) and all(piece.op == "+" for piece in self.heading)

    @property
    def kind(self) -> str:
        """The strongest word for it: added, removed, changed, renamed, moved, renumbered or same."""
        if self.has_new_heading:
            return ADDED
        if self.is_reflowed:
            return CHANGED if self.is_changed or any(p.op != "=" for p in self.heading) else SAME
        if self.old is None:
            return ADDED
        if self.new is None:
            return REMOVED
        for name, holds in (
            (CHANGED, self.is_changed),
            ("renamed", self.is_renamed),
            (MOVED, self.is_moved),
            (RENUMBERED, self.is_renumbered),
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
