"""A redline side by side: a table of two columns, before and after, one row a block."""

import re
from collections.abc import Iterable
from html import escape

from policies.text.compare.changes import MOVED, MOVED_AWAY, Change, SectionChange
from policies.text.compare.pieces import Piece
from policies.text.compare.relinking import relinked
from policies.text.show import typesetting
from policies.text.show.labels import Labels
from policies.text.show.redline_parts import Parts, link_note, note

_HOLLOW = re.compile(r'<span id="[^"]*"></span>')


class SideBySide:
    """Lays out sections as rows of one table."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.parts = Parts(labels)
        self.parts.add(
            '<table class="redline-side"><thead><tr>'
            f'<th scope="col">{escape(labels.before)}</th><th scope="col">{escape(labels.after)}</th>'
            "</tr></thead><tbody>"
        )

    def html(self, name: str) -> str:
        self.parts.add("</tbody></table>")
        return self.parts.html(name)

    def section(self, section: SectionChange) -> None:
        if section.heading:
            is_changed = section.kind in {"added", "removed"} or any(p.op != "=" for p in section.heading)
            before, after = self._side(section.heading, "-"), self._side(section.heading, "+")
            self._row(self.parts.place(section) + before, after, is_changed=is_changed, tag="th")
        for change in section.changes:
            self._change(change)
            for link in relinked(change):
                self._row(escape(link.before), link_note(link, self.labels), is_changed=True)

    def _change(self, change: Change) -> None:
        if change.rows:
            for row in change.rows:
                before = " | ".join(self._side(cell, "-") for cell in row.cells) if row.old else ""
                after = " | ".join(self._side(cell, "+") for cell in row.cells) if row.new else ""
                self._row(before, after, is_changed=row.kind != "same")
        elif change.is_quiet:
            self._row(typesetting.blocks_html(change.old), typesetting.blocks_html(change.new), is_changed=False)
        else:
            said = note(change, self.labels)
            before = self._side(change.pieces, "-") if change.old and change.kind != MOVED else ""
            after = self._side(change.pieces, "+") if change.new else ""
            moved = change.kind == MOVED_AWAY
            self._row((said if moved else "") + before, ("" if moved else said) + after, is_changed=True)

    def _side(self, pieces: Iterable[Piece], op: str) -> str:
        return typesetting.pieces_html([piece for piece in pieces if piece.op in {"=", op}], self.labels)

    def _row(self, before: str, after: str, *, is_changed: bool, tag: str = "td") -> None:
        identity, nav = self.parts.numbered() if is_changed else ("", "")
        name = ' class="redline-changed"' if is_changed else ""
        # An empty cell is the heading of nothing.
        first, second = (tag if _HOLLOW.sub("", side) else "td" for side in (before, after))
        self.parts.add(f"<tr{name}{identity}><{first}>{before}</{first}><{second}>{after}{nav}</{second}></tr>")
