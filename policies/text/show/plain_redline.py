"""A redline in plain text, for mail: the changed clauses with some words around."""

import textwrap
from collections.abc import Iterator, Sequence

from policies.text.compare.changes import ADDED, MOVED, MOVED_AWAY, REMOVED, SAME, Change, SectionChange
from policies.text.compare.pieces import Piece
from policies.text.compare.redline import Redline
from policies.text.show.labels import ENGLISH, Labels
from policies.text.structure import inline

# Words of unchanged context kept around a change.
_CONTEXT = 25


def plain_text(redline: Redline, labels: Labels = ENGLISH) -> str:
    """
    Return the changed clauses for a plain mail: ``[-deleted-]`` and ``{+inserted+}`` with some words around.
    """
    parts: list[str] = []
    for section in redline.structure.sections:
        if section.kind == SAME:
            continue
        parts.append(_plain_heading(section, labels))
        parts.extend(
            textwrap.fill(line, 76, break_long_words=False, break_on_hyphens=False)
            for change in section.changes
            if not change.is_quiet
            for line in _plain_lines(change, labels)
        )
    return "\n\n".join(part for part in parts if part) + ("\n" if parts else "")


def _plain_heading(section: SectionChange, labels: Labels) -> str:
    notes = {ADDED: labels.new_section, REMOVED: labels.section_removed, MOVED: labels.moved_behind(section.follows)}
    title = _plain(section.heading) if section.is_renamed or section.is_renumbered else section.title
    note = notes.get(section.kind, notes[MOVED] if section.is_moved else "")
    line = (title or labels.introduction) + (f" ({note})" if note else "")
    return f"{line}\n{'-' * min(len(line), 76)}"


def _plain_lines(change: Change, labels: Labels) -> Iterator[str]:
    if change.rows:
        for row in change.rows:
            if row.kind == "moved-away" or (row.kind == "moved" and all(p.op == "=" for c in row.cells for p in c)):
                continue
            if row.kind != "same":
                yield " | ".join(_plain(cell) for cell in row.cells)
    elif change.kind == MOVED:
        yield f"{labels.moved_here} {inline.shortened(inline.text(change.block.words))}"
    elif change.kind != MOVED_AWAY:
        bullet = "- " if change.block.kind == "item" else ""
        yield bullet + _plain(_around(change.pieces))


def _plain(pieces: Sequence[Piece]) -> str:
    parts = []
    for k, piece in enumerate(pieces):
        text = {"-": f"[-{piece.text}-]", "+": f"{{+{piece.text}+}}"}.get(piece.op, piece.text)
        blank = " " if k and piece.words[0].blank else ""
        parts.append(blank + text)
    return "".join(parts)


def _around(pieces: Sequence[Piece]) -> list[Piece]:
    """Shorten long unchanged stretches, keeping the words next to a change."""
    result = []
    gap = inline.Word("…", " ")
    for k, piece in enumerate(pieces):
        words = piece.words
        if piece.op == "=" and len(words) > 2 * _CONTEXT + 10:
            head = words[:_CONTEXT] if k else ()
            tail = words[-_CONTEXT:] if k < len(pieces) - 1 else ()
            words = (*head, gap, *tail)
        result.append(Piece(piece.op, tuple(words)))
    return result
