"""A redline as a page: in line, side by side, changes only, and for mail. Safe HTML, no style, no script."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.text.compare.changes import ADDED, CHANGED, REMOVED, SAME, SectionChange
from policies.text.compare.pieces import Piece, count
from policies.text.compare.redline import Redline
from policies.text.show.inline_redline import InLine
from policies.text.show.labels import ENGLISH, Labels
from policies.text.show.side_by_side import SideBySide


@dataclass(frozen=True)
class ChangedSection:
    """A section worth naming in a summary; ``kind``: changed, added, removed, moved or renamed."""

    title: str
    anchor: str
    kind: str


@dataclass(frozen=True)
class Summary:
    sections_changed: int
    sections_added: int
    sections_removed: int
    sections_moved: int
    sections_renamed: int
    words_added: int
    words_removed: int


def summary(redline: Redline) -> Summary:
    """Count what a reader is shown; a section both moved and changed counts in both."""
    found = redline.structure.sections
    pieces = [piece for section in found for piece in _pieces(section)]
    return Summary(
        sections_changed=sum(bool(s.old and s.new and s.is_changed) for s in found),
        sections_added=sum(s.kind == ADDED for s in found),
        sections_removed=sum(s.kind == REMOVED for s in found),
        sections_moved=sum(s.is_moved for s in found),
        sections_renamed=sum(s.is_renamed for s in found),
        words_added=sum(count(piece.words) for piece in pieces if piece.op == "+"),
        words_removed=sum(count(piece.words) for piece in pieces if piece.op == "-"),
    )


def changed_sections(redline: Redline, labels: Labels = ENGLISH) -> tuple[ChangedSection, ...]:
    """Name the sections that changed, in reading order; one only renumbered is not named."""
    return tuple(
        ChangedSection(section.title or labels.introduction, section.anchor, section.kind)
        for section in redline.structure.sections
        if section.kind not in {SAME, "renumbered"}
    )


def inline_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return the whole new text with what was inserted, deleted and moved marked in place."""
    return _laid_out(redline, InLine(labels, folded=False), "redline-inline")


def changes_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return only what changed, under its heading; what did not is one line."""
    return _laid_out(redline, InLine(labels, folded=True), "redline-changes")


def side_by_side_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return a table of two columns, before and after, one row a block."""
    return _laid_out(redline, SideBySide(labels), "redline-side-by-side")


def mail_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return the changed clauses only, for an e-mail: no anchors, no links between changes."""
    return _laid_out(redline, InLine(labels, folded=True, is_mail=True), "redline-mail")


def _laid_out(redline: Redline, page: InLine | SideBySide, name: str) -> str:
    for section in redline.structure.sections:
        page.section(section)
    return page.html(name)


def _pieces(section: SectionChange) -> Iterator[Piece]:
    if section.old is None or section.new is None or section.is_renamed:
        yield from section.heading
    for change in section.changes:
        if change.kind in {CHANGED, ADDED, REMOVED}:
            yield from change.pieces
            for row in change.rows:
                if row.kind in {"changed", "added", "removed"}:
                    yield from (piece for cell in row.cells for piece in cell)
