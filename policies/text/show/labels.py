"""What a redline says about itself. Whoever shows it hands in the words of the reader's language; here is English."""

from collections.abc import Callable
from dataclasses import dataclass


def _paragraphs(n: int) -> str:
    return "1 unchanged paragraph" if n == 1 else f"{n} unchanged paragraphs"


def _rows(n: int) -> str:
    return "1 unchanged row" if n == 1 else f"{n} unchanged rows"


@dataclass(frozen=True)
class Counted:
    """
    Words with a number in them (`%(n)d`), as a plain value that can be sent to another process.

    No rule for plurals looks at more than the last two digits of what is large.
    """

    phrases: tuple[str, ...]

    @classmethod
    def of(cls, phrase: Callable[[int], str]) -> "Counted":
        return cls(tuple(phrase(n) for n in range(200)))

    def __call__(self, n: int) -> str:
        return self.phrases[n if n < 200 else 100 + n % 100] % {"n": n}


@dataclass(frozen=True)
class Labels:
    """Plain text, never HTML; `{words}`, `{title}`, `{before}` and `{after}` are filled in."""

    before: str = "Before"
    after: str = "After"
    inserted: str = "inserted"
    deleted: str = "deleted"
    introduction: str = "Introduction"
    unchanged: str = "Unchanged:"
    new_section: str = "New section"
    section_removed: str = "Section removed"
    renumbered: str = "Later sections are renumbered."
    section_moved: str = "Section moved: it now follows “{title}”"
    section_moved_first: str = "Section moved: it now comes first"
    moved_here: str = "Moved here:"
    moved_elsewhere: str = "Moved elsewhere:"
    link_changed: str = "Link “{words}” changed: {before} → {after}"
    previous_change: str = "previous change"
    next_change: str = "next change"
    unchanged_paragraphs: Callable[[int], str] = _paragraphs
    unchanged_rows: Callable[[int], str] = _rows

    def moved_behind(self, title: str) -> str:
        """Where a section stands now: behind the one of this title, or first."""
        return self.section_moved.format(title=title) if title else self.section_moved_first


ENGLISH = Labels()
