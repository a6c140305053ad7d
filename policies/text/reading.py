"""
Any source (Markdown, HTML, plain text) read into a policy text: what it says, and what an editor should know.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from policies.text import canonical, dates, lint, markdown, promises
from policies.text.dates import FoundDate
from policies.text.markdown import Heading
from policies.text.promises import FoundPromise

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)


@dataclass(frozen=True)
class Warning_:  # noqa: N801 - `Warning` is Python's own
    """Something an editor should look at: a code, the line of the source (from 1), and what to do."""

    code: str
    line: int
    message: str


@dataclass(frozen=True)
class Table:
    rows: int
    columns: int


@dataclass(frozen=True)
class Reading:
    """
    What a source says.

    ``markdown`` is canonical and free of front matter, foreign tags and attributes; ``furniture`` are lines of
    the page around the text, offered for removal; ``warnings`` report what was lost, never what was guessed.
    """

    title: str
    language: str
    dates: tuple[FoundDate, ...]
    headings: tuple[Heading, ...]
    tables: tuple[Table, ...]
    list_items: int
    emails: tuple[str, ...]
    words: int
    text: str
    html: str
    markdown: str
    sha256: str
    promise: FoundPromise | None
    warnings: tuple[Warning_, ...]
    front_matter: dict[str, Any] = field(default_factory=dict)
    furniture: tuple[str, ...] = ()


def read(source: str | bytes, *, filename: str = "") -> Reading:  # noqa: ARG001
    """
    Read a source of any format.

    :raises canonical.TextRejected: for what is empty, too large, not UTF-8 or holds control characters
    """
    text = canonical.decode(source)
    front_matter: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        front_matter = yaml.safe_load(match[1]) or {}
        text = text[match.end() :]
    body = canonical.canonicalize(text)
    rendered = markdown.render(body)
    clause = promises.find_clause(body)
    return Reading(
        title=str(front_matter.get("title") or next((h.text for h in rendered.contents), "")),
        language="",
        dates=dates.find_dates(body),
        headings=rendered.contents,
        tables=(),
        list_items=rendered.html.count("<li>"),
        emails=tuple(dict.fromkeys(re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]*\w", body))),
        words=len(rendered.text.split()),
        text=rendered.text,
        html=rendered.html,
        markdown=body,
        sha256=canonical.fingerprint(body),
        promise=promises.read_promise(clause.text) if clause else None,
        warnings=tuple(Warning_(f.code, f.line, f.message) for f in lint.lint(body)),
        front_matter=front_matter,
    )
