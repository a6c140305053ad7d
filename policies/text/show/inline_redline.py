"""A redline in line: the new text with what was inserted, deleted and moved marked in place, whole or folded."""

from html import escape

from policies.text.compare.changes import MOVED, MOVED_AWAY, SAME, Change, SectionChange
from policies.text.compare.pieces import Piece
from policies.text.compare.relinking import relinked
from policies.text.show import typesetting
from policies.text.show.labels import Labels
from policies.text.show.redline_parts import Parts, link_note, note
from policies.text.structure import inline
from policies.text.structure.blocks import Block


class InLine:
    """Lays out sections and blocks one below the other. Where it is `folded`, what did not change is one line."""

    def __init__(self, labels: Labels, *, folded: bool, is_mail: bool = False) -> None:
        self.labels = labels
        self.folded = folded
        self.parts = Parts(labels, is_mail=is_mail)
        self._passed_over: list[str] = []
        self._is_renumbered = False

    def html(self, name: str) -> str:
        self._unfold()
        if self._is_renumbered:
            self.parts.add(f'<p class="redline-note">{escape(self.labels.renumbered)}</p>')
        return self.parts.html(name)

    # Sections

    def section(self, section: SectionChange) -> None:
        # Folded, new numbers are said once for all sections, instead of struck out in each heading.
        self._is_renumbered |= self.folded and section.is_renumbered
        is_quiet = section.kind == SAME or section.is_only_renumbered
        if self.folded and is_quiet and not any(relinked(change) for change in section.changes):
            if section.title and not self.parts.is_mail:
                self._passed_over.append(escape(section.title))
            return
        self._unfold()
        self.parts.add(self.parts.place(section))
        if (section.old is None or section.new is None) and not section.is_reflowed:
            self._whole_section(section)
            return
        self._heading(section)
        waiting = 0
        for change in section.changes:
            if self.folded and change.is_quiet and not relinked(change):
                waiting += max(1, len(change.new))
                continue
            self._fold(waiting)
            waiting = 0
            self._change(change)
        self._fold(waiting)

    def _unfold(self) -> None:
        """Name the sections passed over in one line."""
        if self._passed_over:
            names = " · ".join(self._passed_over)
            self.parts.add(f'<p class="redline-folded">{escape(self.labels.unchanged)} {names}</p>')
            self._passed_over = []

    def _fold(self, blocks: int) -> None:
        if blocks and not self.parts.is_mail:
            words = escape(self.labels.unchanged_paragraphs(blocks))
            self.parts.add(f'<p class="redline-folded">… {words} …</p>')

    def _whole_section(self, section: SectionChange) -> None:
        kind = "added" if section.old is None else "removed"
        title = self.labels.new_section if section.old is None else self.labels.section_removed
        identity, nav = self.parts.numbered()
        self.parts.add(f'<div class="redline-section redline-{kind}"{identity}>')
        self.parts.add(f'<p class="redline-note">{escape(title)}{nav}</p>')
        if section.heading:
            tag = _heading_tag(section)
            self.parts.add(f"<{tag}>{typesetting.pieces_html(section.heading, self.labels)}</{tag}>")
        for change in section.changes:
            self._change(change, numbered=False, folded=False)
        self.parts.add("</div>")

    def _heading(self, section: SectionChange) -> None:
        if not section.heading:
            return
        tag = _heading_tag(section)
        heading = section.heading
        if self.folded and section.is_renumbered and not section.is_renamed and section.section.heading:
            heading = (Piece("=", section.section.heading.words),)
        is_changed = section.is_moved or any(piece.op != "=" for piece in heading)
        identity, nav = self.parts.numbered() if is_changed else ("", "")
        if section.is_moved:
            self.parts.add(f'<p class="redline-note">{escape(self.labels.moved_behind(section.follows))}</p>')
        name = ' class="redline-changed"' if is_changed else ""
        self.parts.add(f"<{tag}{name}{identity}>{typesetting.pieces_html(heading, self.labels)}{nav}</{tag}>")

    # Blocks

    def _change(self, change: Change, *, numbered: bool = True, folded: bool | None = None) -> None:
        if change.is_quiet:
            for block in change.new:
                self._block(block, typesetting.words_html(block.words), "", "")
        elif change.rows:
            self._table(change, numbered=numbered, folded=self.folded if folded is None else folded)
        else:
            identity, nav = self.parts.numbered() if numbered else ("", "")
            name = f' class="redline-{change.kind}"'
            self._block(change.block, note(change, self.labels) + _body(change, self.labels) + nav, name, identity)
        self._links(change)

    def _links(self, change: Change) -> None:
        """Say below a block which of its links lead elsewhere now: their words do not show it."""
        found = relinked(change)
        if found:
            identity, nav = self.parts.numbered()
            notes = "<br>".join(link_note(link, self.labels) for link in found)
            self.parts.add(f'<p class="redline-note"{identity}>{notes}{nav}</p>')

    def _block(self, block: Block, body: str, name: str, identity: str) -> None:
        if block.kind == "table":
            self.parts.add(typesetting.table_html(block))
        elif block.kind == "item":
            self.parts.add_item(f"<li{name}{identity}>{body}</li>", block.lists)
        else:
            tag = "pre" if block.kind == "code" else "p"
            self.parts.add(f"<{tag}{name}{identity}>{body}</{tag}>")

    def _table(self, change: Change, *, numbered: bool, folded: bool) -> None:
        self.parts.add(f'<table class="redline-{change.kind}">')
        waiting = 0
        for row in change.rows:
            if folded and row.kind == "same" and not row.is_header:
                waiting += 1
                continue
            self._fold_rows(waiting, len(row.cells))
            waiting = 0
            is_changed = row.kind != "same" and numbered
            identity, nav = self.parts.numbered() if is_changed else ("", "")
            cells = typesetting.cells_html(row, nav, self.labels)
            self.parts.add(f'<tr class="redline-{row.kind}"{identity}>{cells}</tr>')
        self._fold_rows(waiting, len(change.rows[0].cells))
        self.parts.add("</table>")

    def _fold_rows(self, rows: int, columns: int) -> None:
        if rows and not self.parts.is_mail:
            words = escape(self.labels.unchanged_rows(rows))
            self.parts.add(f'<tr class="redline-folded"><td colspan="{columns}">… {words} …</td></tr>')


def _heading_tag(section: SectionChange) -> str:
    heading = section.section.heading
    # The page's own title is the h1: a text's headings start below it.
    return f"h{min(max(heading.level or 3, 2), 6)}" if heading else "p"


def _body(change: Change, labels: Labels) -> str:
    if change.kind == MOVED_AWAY:
        return escape(inline.shortened(change.block.text))
    if change.kind == MOVED:
        return typesetting.words_html(change.block.words)
    return typesetting.pieces_html(change.pieces, labels)
