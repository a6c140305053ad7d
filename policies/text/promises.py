"""The promise a text makes about its own future changes."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from policies.text import blocks, markdown

_THIS_TEXT = re.compile(r"\b(polic\w+|terms|notice|agreement|statement|conditions)\b", re.IGNORECASE)
_ABOUT_CHANGES = re.compile(r"\b(chang|updat|amend|modif|revis)", re.IGNORECASE)


@dataclass(frozen=True)
class NoticePeriod:
    n: int
    unit: str


@dataclass(frozen=True)
class FoundPromise:
    """
    A reading of a "changes to this policy" clause.

    ``channels``: post_page, date_bump, site_notice, in_app, email, push, blog, changelog, public_history,
    direct_contact, any_other; ``channels_logic``: any, all, none; ``applies_to``: all, material, mixed;
    ``prior_notice``: yes, no, unspecified; ``acceptance``: none, continued_use, continued_use_or_explicit,
    explicit_may_be_required, explicit_where_required, objection_window, choice_opt_out; ``strength``: will,
    may, efforts, none. ``quote`` and ``anchor`` say where it stands; ``channels_known`` is false where the list
    that named them is missing.
    """

    channels: tuple[str, ...] = ()
    channels_logic: str = "none"
    applies_to: str = "all"
    prior_notice: str = "unspecified"
    notice_period: NoticePeriod | None = None
    acceptance: str = "none"
    strength: str = "none"
    effective: str = "unspecified"
    quote: str = ""
    anchor: str = ""
    channels_known: bool = True

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Clause:
    """Where a text speaks about its own changes."""

    text: str
    heading: str
    anchor: str
    line: int


def is_about_changes(text: str) -> bool:
    """True for words about changes to this very text."""
    return bool(_ABOUT_CHANGES.search(text) and _THIS_TEXT.search(text))


def find_clause(canonical: str) -> Clause | None:
    """Return the clause about changes to this text, found by its heading or its wording."""
    for section in blocks.sections(blocks.read(canonical)):
        if section.heading and _ABOUT_CHANGES.search(section.title):
            text = "\n\n".join(block.source for block in section.blocks)
            return Clause(text, section.title, f"s-{markdown.slug(section.heading.text)}", section.heading.line)
    return None


def read_promise(text: str, *, anchor: str = "") -> FoundPromise:
    """Read the promise out of a clause."""
    return FoundPromise(quote=text.strip(), anchor=anchor)
