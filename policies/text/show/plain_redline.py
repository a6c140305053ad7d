"""A redline in plain text, for mail: the changed clauses with some words around."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from policies.text.compare.changes import ADDED, MOVED, MOVED_AWAY, REMOVED, SAME, Change, SectionChange
from policies.text.compare.pieces import Piece
from policies.text.compare.redline import Redline
from policies.text.compare.relinking import relinked
from policies.text.show.labels import ENGLISH, Labels
from policies.text.structure import inline

# Words of unchanged context kept around a change.
_CONTEXT = 25
_FEWEST = 4
# A word that ends a sentence: signs are words of their own.
_ENDS = re.compile(r".*[.!?…。][\"'”’“»)\]]*")


def plain_text(redline: Redline, labels: Labels = ENGLISH) -> str:
    """
    Return the changed clauses for a plain mail: ``[-deleted-]`` and ``{+inserted+}`` with some words around.
    """
    parts: list[str] = []
    for section in redline.structure.sections:
        is_quiet = section.kind == SAME or section.is_only_renumbered
        lines = [line for change in section.changes for line in _plain_lines(change, labels)]
        if is_quiet and not lines:
            continue
        parts.append(_plain_heading(section, labels))
        parts.extend(textwrap.fill(line, 76, break_long_words=False, break_on_hyphens=False) for line in lines)
    if any(section.is_renumbered for section in redline.structure.sections):
        # Once for all of them: their numbers, struck out one by one, would hide what changed.
        parts.append(labels.renumbered)
    return "\n\n".join(part for part in parts if part) + ("\n" if parts else "")


def _plain_heading(section: SectionChange, labels: Labels) -> str:
    notes = {ADDED: labels.new_section, REMOVED: labels.section_removed, MOVED: labels.moved_behind(section.follows)}
    heading = section.section.heading
    title = _plain(section.heading) if section.is_renamed else inline.text(heading.words) if heading else ""
    note = notes.get(section.kind, notes[MOVED] if section.is_moved else "")
    line = (title or labels.introduction) + (f" ({note})" if note else "")
    return f"{line}\n{'-' * min(len(line), 76)}"


def _plain_lines(change: Change, labels: Labels) -> Iterator[str]:
    if change.is_quiet:
        pass
    elif change.rows:
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
    for link in relinked(change):
        yield labels.link_changed.format(words=link.words, before=link.before, after=link.after)


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
            head = words[: _end_of_sentence(words)] if k else ()
            tail = words[_start_of_sentence(words) :] if k < len(pieces) - 1 else ()
            words = (*head, gap, *tail) if len(head) + len(tail) < len(words) else words
        result.append(Piece(piece.op, tuple(words)))
    return result


def _end_of_sentence(words: Sequence[inline.Word]) -> int:
    """How many words to keep after a change: to where a sentence ends, a little further on or else before."""
    further = range(_CONTEXT, min(2 * _CONTEXT, len(words)))
    return _sentence_at(words, (*further, *range(_CONTEXT - 1, _FEWEST, -1)), _CONTEXT)


def _start_of_sentence(words: Sequence[inline.Word]) -> int:
    """From which word on to keep them before a change: where a sentence starts, a little before or else further on."""
    last = len(words) - _CONTEXT
    before = range(last, max(last - _CONTEXT, 0), -1)
    return _sentence_at(words, (*before, *range(last + 1, len(words) - _FEWEST)), last)


def _sentence_at(words: Sequence[inline.Word], places: Sequence[int], otherwise: int) -> int:
    """The first of these places that lies between two sentences."""
    return next((n for n in places if _ENDS.fullmatch(words[n - 1].text)), otherwise)
