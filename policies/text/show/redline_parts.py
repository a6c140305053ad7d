"""What every redline as a page is made of: its changes numbered and linked, its lists opened and closed, its notes."""

import re
from html import escape

from policies.text.compare.changes import MOVED, MOVED_AWAY, Change, SectionChange
from policies.text.compare.relinking import Relinked
from policies.text.show.labels import Labels
from policies.text.structure import markdown

_HIDDEN = re.compile(r'<span class="visually-hidden">[^<]*</span>')


class Parts:
    """Collects the parts of one redline and numbers its changes."""

    def __init__(self, labels: Labels, *, is_mail: bool = False) -> None:
        self.labels = labels
        self.is_mail = is_mail
        self._parts: list[str] = []
        self._changes = 0
        self._lists: list[str] = []

    def add(self, part: str) -> None:
        """Add a part that is no list item: it ends the lists that are open."""
        self.close_lists()
        self._parts.append(part)

    def add_item(self, part: str, lists: tuple[str, ...]) -> None:
        """Add a list item; `lists` are the names of the lists around it, outermost first."""
        wanted = [name for name in lists if name in {"ul", "ol"}]
        while self._lists and self._lists != wanted[: len(self._lists)]:
            self._parts.append(f"</{self._lists.pop()}>")
        for name in wanted[len(self._lists) :]:
            self._parts.append(f"<{name}>")
            self._lists.append(name)
        self._parts.append(part)

    def close_lists(self) -> None:
        while self._lists:
            self._parts.append(f"</{self._lists.pop()}>")

    def html(self, name: str) -> str:
        """Everything collected, as one safe element of this class."""
        self.close_lists()
        body = "".join(self._parts)
        if not self.is_mail:
            # The last change has no next one; only now is it known which that is.
            body = body.replace(f'<a href="#change-{self._changes + 1}">', '<a href="#change-1">')
        else:
            # Classes do not survive in mail: what is hidden on the page would be read aloud to everybody.
            body = _HIDDEN.sub("", body)
        return markdown.clean(f'<div class="{name}">{body}</div>')

    def numbered(self) -> tuple[str, str]:
        """Return the id of the next change and its links to its neighbors."""
        if self.is_mail:
            return "", ""
        self._changes += 1
        n = self._changes
        back, on = escape(self.labels.previous_change), escape(self.labels.next_change)
        previous = f'<a href="#change-{n - 1}">↑<span class="visually-hidden"> {back}</span></a> ' if n > 1 else ""
        following = f'<a href="#change-{n + 1}">↓<span class="visually-hidden"> {on}</span></a>'
        return f' id="change-{n}"', f' <span class="redline-nav">{previous}{following}</span>'

    def place(self, section: SectionChange) -> str:
        """Where a list of changed sections leads: apart from the changes, whose ids are their numbers."""
        return f'<span id="r-{section.anchor}"></span>' if section.anchor and not self.is_mail else ""


def note(change: Change, labels: Labels) -> str:
    """Say of a block that moved that it did; nothing of others."""
    said = {MOVED: labels.moved_here, MOVED_AWAY: labels.moved_elsewhere}.get(change.kind, "")
    return f'<span class="redline-note">{escape(said)} </span>' if said else ""


def link_note(link: Relinked, labels: Labels) -> str:
    """Say where a link leads now."""
    return escape(labels.link_changed.format(words=link.words, before=link.before, after=link.after))
