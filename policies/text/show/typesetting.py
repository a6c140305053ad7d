"""Words, pieces and blocks of a redline as HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from policies.text.compare.pieces import Piece
from policies.text.compare.tables import RowChange
from policies.text.show.labels import Labels
from policies.text.structure import inline
from policies.text.structure.blocks import Block

_TAGS = {"+": "ins", "-": "del"}


def blocks_html(blocks: Sequence[Block]) -> str:
    """Set blocks below each other, for one cell of a table."""
    return "<br>".join(
        " | ".join(words_html(cell) for row in block.cells for cell in row)
        if block.kind == "table"
        else ("• " if block.kind == "item" else "") + words_html(block.words)
        for block in blocks
    )


def table_html(block: Block) -> str:
    """Set a table; its first row is its head."""
    rows = []
    for k, row in enumerate(block.cells):
        tag = "td" if k else "th"
        rows.append("<tr>" + "".join(f"<{tag}>{words_html(cell)}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


def cells_html(row: RowChange, nav: str, labels: Labels) -> str:
    """Set the cells of a row, with what became of it before them and `nav` after."""
    tag = "th" if row.is_header else "td"
    note = {"moved": labels.moved_here, "moved-away": labels.moved_elsewhere}.get(row.kind, "")
    cells = [pieces_html(cell, labels) for cell in row.cells] or [""]
    cells[0] = (f'<span class="redline-note">{escape(note)} </span>' if note else "") + cells[0]
    cells[-1] += nav
    return "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)


def pieces_html(pieces: Iterable[Piece], labels: Labels) -> str:
    """Set pieces with what was inserted and deleted marked, for eyes and for ears."""
    spoken = {"+": escape(labels.inserted), "-": escape(labels.deleted)}
    parts: list[str] = []
    for piece in pieces:
        body = words_html(piece.words)
        if piece.op in _TAGS:
            tag = _TAGS[piece.op]
            lead = " " if piece.words[0].blank and parts else ""
            body = (
                f'{lead}<{tag}><span class="visually-hidden">[{spoken[piece.op]}: </span>{body.lstrip()}'
                f'<span class="visually-hidden">]</span></{tag}>'
            )
        elif not parts:
            body = body.lstrip()
        parts.append(body)
    return "".join(parts)


def words_html(words: Sequence[inline.Word]) -> str:
    """Set the words with their marks, opening and closing only what changes from one to the next."""
    parts: list[str] = []
    open_marks: tuple[str, ...] = ()
    for k, word in enumerate(words):
        shared = 0
        while shared < min(len(open_marks), len(word.marks)) and open_marks[shared] == word.marks[shared]:
            shared += 1
        parts.extend(f"</{mark.split(' ')[0]}>" for mark in reversed(open_marks[shared:]))
        blank = "<br>" if word.blank == "\n" and k else word.blank.replace("\n", " ")
        parts.append(blank)
        parts.extend(_opening(mark) for mark in word.marks[shared:])
        parts.append(escape(word.text))
        open_marks = word.marks
    parts.extend(f"</{mark.split(' ')[0]}>" for mark in reversed(open_marks))
    return "".join(parts)


def _opening(mark: str) -> str:
    if mark.startswith("a "):
        return f'<a href="{escape(mark[2:])}">'
    return f"<{mark}>"
