"""A redline as a page: in line, side by side, changes only, and for mail. Safe HTML, no style, no script."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from policies.text import inline, markdown, typesetting
from policies.text.blocks import Block
from policies.text.changes import ADDED, CHANGED, MOVED, MOVED_AWAY, REMOVED, SAME, Change, SectionChange
from policies.text.labels import ENGLISH, Labels
from policies.text.pieces import Piece, count
from policies.text.redline import Redline
from policies.text.relinking import Relinked, relinked

_HIDDEN = re.compile(r'<span class="visually-hidden">[^<]*</span>')
_HOLLOW = re.compile(r'<span id="[^"]*"></span>')


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
    page = _Page(labels)
    for section in redline.structure.sections:
        page.section(section, folded=False)
    return page.html("redline-inline")


def changes_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return only what changed, under its heading; what did not is one line."""
    page = _Page(labels)
    for section in redline.structure.sections:
        page.section(section, folded=True)
    return page.html("redline-changes")


def side_by_side_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return a table of two columns, before and after, one row a block."""
    page = _Page(labels)
    rows = [row for section in redline.structure.sections for row in page.side_rows(section)]
    page.parts = [
        '<table class="redline-side"><thead><tr>',
        f'<th scope="col">{escape(labels.before)}</th><th scope="col">{escape(labels.after)}</th></tr></thead><tbody>',
        *rows,
        "</tbody></table>",
    ]
    return page.html("redline-side-by-side")


def mail_html(redline: Redline, labels: Labels = ENGLISH) -> str:
    """Return the changed clauses only, for an e-mail: no anchors, no links between changes."""
    page = _Page(labels, is_mail=True)
    for section in redline.structure.sections:
        page.section(section, folded=True)
    return page.html("redline-mail")


class _Page:
    """Collects the parts of one redline and numbers its changes."""

    def __init__(self, labels: Labels, *, is_mail: bool = False) -> None:
        self.labels = labels
        self.parts: list[str] = []
        self.changes = 0
        self.is_mail = is_mail
        self.lists: list[str] = []
        self.folded: list[str] = []

    def html(self, name: str) -> str:
        self._close_lists()
        self._unfold()
        body = "".join(self.parts)
        if not self.is_mail:
            # The last change has no next one; only now is it known which that is.
            body = body.replace(f'<a href="#change-{self.changes + 1}">', '<a href="#change-1">')
        else:
            # Classes do not survive in mail: what is hidden on the page would be read aloud to everybody.
            body = _HIDDEN.sub("", body)
        return markdown.clean(f'<div class="{name}">{body}</div>')

    # Sections

    def section(self, section: SectionChange, *, folded: bool) -> None:
        self._close_lists()
        if folded and section.kind == SAME and not any(relinked(change) for change in section.changes):
            if section.title and not self.is_mail:
                self.folded.append(escape(section.title))
            return
        self._unfold()
        self.parts.append(self._place(section))
        if (section.old is None or section.new is None) and not section.is_reflowed:
            self._whole_section(section)
            return
        self._heading(section)
        waiting = 0
        for change in section.changes:
            if folded and change.is_quiet and not relinked(change):
                waiting += max(1, len(change.new))
                continue
            self._fold(waiting)
            waiting = 0
            self.change(change, folded=folded)
        self._fold(waiting)

    def _place(self, section: SectionChange) -> str:
        """Where a list of changed sections leads: apart from the changes, whose ids are their numbers."""
        return f'<span id="r-{section.anchor}"></span>' if section.anchor and not self.is_mail else ""

    def _unfold(self) -> None:
        """Name the sections passed over in one line."""
        if self.folded:
            self.parts.append(
                f'<p class="redline-folded">{escape(self.labels.unchanged)} {" · ".join(self.folded)}</p>'
            )
            self.folded = []

    def _fold(self, blocks: int) -> None:
        if blocks and not self.is_mail:
            self._close_lists()
            words = escape(self.labels.unchanged_paragraphs(blocks))
            self.parts.append(f'<p class="redline-folded">… {words} …</p>')

    def _whole_section(self, section: SectionChange) -> None:
        kind = "added" if section.old is None else "removed"
        note = self.labels.new_section if section.old is None else self.labels.section_removed
        identity, nav = self._numbered()
        self.parts.append(f'<div class="redline-section redline-{kind}"{identity}>')
        self.parts.append(f'<p class="redline-note">{escape(note)}{nav}</p>')
        if section.heading:
            tag = _heading_tag(section)
            self.parts.append(f"<{tag}>{typesetting.pieces_html(section.heading, self.labels)}</{tag}>")
        for change in section.changes:
            self.change(change, numbered=False)
        self._close_lists()
        self.parts.append("</div>")

    def _heading(self, section: SectionChange) -> None:
        if not section.heading:
            return
        tag = _heading_tag(section)
        is_changed = section.is_moved or any(piece.op != "=" for piece in section.heading)
        identity, nav = self._numbered() if is_changed else ("", "")
        if section.is_moved:
            self.parts.append(f'<p class="redline-note">{escape(self.labels.moved_behind(section.follows))}</p>')
        name = ' class="redline-changed"' if is_changed else ""
        self.parts.append(
            f"<{tag}{name}{identity}>{typesetting.pieces_html(section.heading, self.labels)}{nav}</{tag}>"
        )

    # Blocks

    def change(self, change: Change, *, numbered: bool = True, folded: bool = False) -> None:
        if change.is_quiet:
            for block in change.new:
                self._block(block, typesetting.words_html(block.words), "", "")
            self._links(change)
            return
        if change.rows:
            self._table(change, numbered=numbered, folded=folded)
            self._links(change)
            return
        identity, nav = self._numbered() if numbered else ("", "")
        name = f' class="redline-{change.kind}"'
        self._block(change.block, _note(change, self.labels) + _body(change, self.labels) + nav, name, identity)
        self._links(change)

    def _links(self, change: Change) -> None:
        """Say below a block which of its links lead elsewhere now: their words do not show it."""
        found = relinked(change)
        if found:
            self._close_lists()
            identity, nav = self._numbered()
            notes = "<br>".join(_link_note(link, self.labels) for link in found)
            self.parts.append(f'<p class="redline-note"{identity}>{notes}{nav}</p>')

    def _block(self, block: Block, body: str, name: str, identity: str) -> None:
        if block.kind == "table":
            self._close_lists()
            self.parts.append(typesetting.table_html(block))
        elif block.kind == "item":
            self._open_lists(block.lists)
            self.parts.append(f"<li{name}{identity}>{body}</li>")
        else:
            self._close_lists()
            tag = "pre" if block.kind == "code" else "p"
            self.parts.append(f"<{tag}{name}{identity}>{body}</{tag}>")

    def _table(self, change: Change, *, numbered: bool, folded: bool) -> None:
        self._close_lists()
        self.parts.append(f'<table class="redline-{change.kind}">')
        waiting = 0
        for row in change.rows:
            if folded and row.kind == "same" and not row.is_header:
                waiting += 1
                continue
            self._fold_rows(waiting, len(row.cells))
            waiting = 0
            is_changed = row.kind != "same" and numbered
            identity, nav = self._numbered() if is_changed else ("", "")
            self.parts.append(
                f'<tr class="redline-{row.kind}"{identity}>{typesetting.cells_html(row, nav, self.labels)}</tr>'
            )
        self._fold_rows(waiting, len(change.rows[0].cells))
        self.parts.append("</table>")

    def _fold_rows(self, rows: int, columns: int) -> None:
        if rows and not self.is_mail:
            words = escape(self.labels.unchanged_rows(rows))
            self.parts.append(f'<tr class="redline-folded"><td colspan="{columns}">… {words} …</td></tr>')

    def _open_lists(self, lists: tuple[str, ...]) -> None:
        wanted = [name for name in lists if name in {"ul", "ol"}]
        while self.lists and self.lists != wanted[: len(self.lists)]:
            self.parts.append(f"</{self.lists.pop()}>")
        for name in wanted[len(self.lists) :]:
            self.parts.append(f"<{name}>")
            self.lists.append(name)

    def _close_lists(self) -> None:
        while self.lists:
            self.parts.append(f"</{self.lists.pop()}>")

    def _numbered(self) -> tuple[str, str]:
        """Return the id of the next change and its links to its neighbors."""
        if self.is_mail:
            return "", ""
        self.changes += 1
        n = self.changes
        back, on = escape(self.labels.previous_change), escape(self.labels.next_change)
        previous = f'<a href="#change-{n - 1}">↑<span class="visually-hidden"> {back}</span></a> ' if n > 1 else ""
        following = f'<a href="#change-{n + 1}">↓<span class="visually-hidden"> {on}</span></a>'
        return f' id="change-{n}"', f' <span class="redline-nav">{previous}{following}</span>'

    # Side by side

    def side_rows(self, section: SectionChange) -> Iterator[str]:
        if section.heading:
            is_changed = section.kind in {"added", "removed"} or any(p.op != "=" for p in section.heading)
            before, after = self._side(section.heading, "-"), self._side(section.heading, "+")
            yield self._side_row(self._place(section) + before, after, is_changed=is_changed, tag="th")
        for change in section.changes:
            if change.rows:
                for row in change.rows:
                    before = " | ".join(self._side(cell, "-") for cell in row.cells) if row.old else ""
                    after = " | ".join(self._side(cell, "+") for cell in row.cells) if row.new else ""
                    yield self._side_row(before, after, is_changed=row.kind != "same")
            elif change.is_quiet:
                yield self._side_row(
                    typesetting.blocks_html(change.old), typesetting.blocks_html(change.new), is_changed=False
                )
            else:
                note = _note(change, self.labels)
                before = self._side(change.pieces, "-") if change.old and change.kind != MOVED else ""
                after = self._side(change.pieces, "+") if change.new else ""
                moved = change.kind == MOVED_AWAY
                yield self._side_row((note if moved else "") + before, ("" if moved else note) + after, is_changed=True)
            for link in relinked(change):
                yield self._side_row(escape(link.before), _link_note(link, self.labels), is_changed=True)

    def _side(self, pieces: Iterable[Piece], op: str) -> str:
        return typesetting.pieces_html([piece for piece in pieces if piece.op in {"=", op}], self.labels)

    def _side_row(self, before: str, after: str, *, is_changed: bool, tag: str = "td") -> str:
        identity, nav = self._numbered() if is_changed else ("", "")
        name = ' class="redline-changed"' if is_changed else ""
        # An empty cell is the heading of nothing.
        first, second = (tag if _HOLLOW.sub("", side) else "td" for side in (before, after))
        return f"<tr{name}{identity}><{first}>{before}</{first}><{second}>{after}{nav}</{second}></tr>"


def _heading_tag(section: SectionChange) -> str:
    heading = section.section.heading
    # The page's own title is the h1: a text's headings start below it.
    return f"h{min(max(heading.level or 3, 2), 6)}" if heading else "p"


def _note(change: Change, labels: Labels) -> str:
    said = {MOVED: labels.moved_here, MOVED_AWAY: labels.moved_elsewhere}.get(change.kind, "")
    return f'<span class="redline-note">{escape(said)} </span>' if said else ""


def _link_note(link: Relinked, labels: Labels) -> str:
    return escape(labels.link_changed.format(words=link.words, before=link.before, after=link.after))


def _body(change: Change, labels: Labels) -> str:
    if change.kind == MOVED_AWAY:
        return escape(inline.shortened(change.block.text))
    if change.kind == MOVED:
        return typesetting.words_html(change.block.words)
    return typesetting.pieces_html(change.pieces, labels)


def _pieces(section: SectionChange) -> Iterator[Piece]:
    if section.old is None or section.new is None or section.is_renamed:
        yield from section.heading
    for change in section.changes:
        if change.kind in {CHANGED, ADDED, REMOVED}:
            yield from change.pieces
            for row in change.rows:
                if row.kind in {"changed", "added", "removed"}:
                    yield from (piece for cell in row.cells for piece in cell)
