"""Any source (Markdown, HTML, plain text) read into a policy text: what it says, and what an editor should know."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from policies.text.bounded import bounded
from policies.text.meaning import lint, promises, stated_dates
from policies.text.meaning.promises import FoundPromise
from policies.text.meaning.stated_dates import FoundDate
from policies.text.rejected import TextRejected
from policies.text.source import canonical, dialects, furniture, plaintext, templates, tidying, webpages
from policies.text.structure import blocks, markdown
from policies.text.structure.markdown import Heading, Rendered
from policies.text.words import languages

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PAGE = re.compile(r"<!doctype html|<html\b|<body\b", re.IGNORECASE)
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|li|section|table)\b", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+\S|^\S.*\n(?:=|-){3,}\s*$", re.MULTILINE)
_NAMED = re.compile(
    r"\b[Tt]h(?:is|ese) ((?:[A-Z][\w&-]*\s+){0,3}(?:Privacy (?:Policy|Notice|Statement)|Cookie (?:Policy|Notice)|"
    r"Terms(?: of (?:Service|Use))?|Terms and Conditions|(?:User |License )?Agreement))\b"
)


@dataclass(frozen=True)
class Warning_:  # noqa: N801 - `Warning` is Python's own
    """Something an editor should look at: a code, the line of the source (from 1), and what to do."""

    code: str
    line: int
    message: str


@dataclass(frozen=True)
class Table:
    """The size of a table: rows without the header, columns."""

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


@dataclass(frozen=True)
class Converted:
    """A source turned into Markdown, with what its format told on the way."""

    markdown: str
    title: str = ""
    language: str = ""
    is_unsafe: bool = False
    has_typed_title: bool = False


@dataclass(frozen=True)
class Source:
    """A source in canonical Markdown; ``text`` is what was given, without invisible characters."""

    text: str
    markdown: str
    front_matter: dict[str, Any]
    converted: Converted


def source(content: str | bytes, *, filename: str = "") -> Source:
    """
    Turn a source of any format into canonical Markdown; the content decides, the name's ending helps.

    :raises TextRejected: for what is empty, too large, not UTF-8 or holds control characters
    """
    text = tidying.tidy_characters(canonical.decode(content))
    canonical.refuse_controls(text)
    front_matter, body = _split_front_matter(text)
    converted = _convert(body, filename, str(front_matter.get("title") or ""))
    text_form = canonical.canonicalize(converted.markdown)
    return Source(text, text_form, front_matter, converted)


@bounded
def read(source_: str | bytes, *, filename: str = "") -> Reading:
    """
    Read a source of any format.

    :raises TextRejected: for what is empty, too large, not UTF-8 or holds control characters
    """
    found_source = source(source_, filename=filename)
    text, text_form, front_matter = found_source.text, found_source.markdown, found_source.front_matter
    converted = found_source.converted
    rendered = markdown.render(text_form)
    if not rendered.text.strip():
        raise TextRejected("The file holds no words besides tags. Paste the text of the policy itself.")
    found = blocks.read(text_form)
    language = converted.language[:2].lower() or languages.detect(rendered.text)
    lines = _Lines(text)
    title = _title(converted, rendered)
    warnings = [*_found_on_the_way(converted, found, title), *lint.lint(text_form, title=title, language=language)]
    canonical_lines = text_form.split("\n")
    return Reading(
        title=title,
        language=language,
        dates=_dates(text_form, language, lines),
        headings=rendered.contents[converted.has_typed_title :],
        tables=tuple(Table(len(b.rows) - 1, len(b.rows[0])) for b in found if b.kind == "table" and b.rows),
        list_items=sum(block.kind == "item" for block in found),
        emails=tuple(dict.fromkeys(_EMAIL.findall(rendered.text))),
        words=len(rendered.text.split()),
        text=rendered.text,
        html=rendered.html,
        markdown=text_form,
        sha256=canonical.fingerprint(text_form),
        promise=promises.find(text_form),
        warnings=tuple(
            sorted(
                (Warning_(w.code, lines.of(canonical_lines[w.line - 1]), w.message) for w in warnings),
                key=lambda warning: warning.line,
            )
        ),
        front_matter=front_matter,
        furniture=tuple(line for _, line in furniture.find(text_form, title)),
    )


def _split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Part YAML front matter from the text; a rule of hyphens at the start is none."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        values = yaml.safe_load(found[1])
    except yaml.YAMLError:
        values = dict(re.findall(r"^([\w-]+):[ \t]*(.*?)[ \t]*$", found[1], re.MULTILINE))
    if values is None or isinstance(values, dict):
        return dict(values or {}), text[found.end() :]
    return {}, text


def _convert(body: str, filename: str, title: str) -> Converted:
    is_unsafe = dialects.is_unsafe(body)
    body, simplate_title = templates.without_templates(body)
    if _is_page(body, filename) or (simplate_title and _BLOCK_TAG.search(body)):
        page = webpages.from_page(body)
        heading = f"# {simplate_title}\n\n" if simplate_title else ""
        return Converted(heading + page.markdown, title or page.title, page.language, is_unsafe or bool(page.unsafe))
    if not filename.lower().endswith((".htm", ".html")) and plaintext.is_plain(body):
        text, typed = plaintext.to_markdown(body)
        return Converted(text, title or typed, has_typed_title=bool(typed))
    text = dialects.to_markdown(body)
    if simplate_title:
        text = f"# {simplate_title}\n\n{text}"
    return Converted(text, title, is_unsafe=is_unsafe)


def _is_page(body: str, filename: str) -> bool:
    """True for a web page or a piece of one; Markdown with a table in HTML is Markdown."""
    if _PAGE.search(body[:4000]) or filename.lower().endswith((".html", ".htm")):
        return True
    return len(_BLOCK_TAG.findall(body)) >= 3 and not _MARKDOWN_HEADING.search(body) and body.lstrip().startswith("<")


def _title(converted: Converted, rendered: Rendered) -> str:
    """Return the title: front matter, the first heading, a typed line, the page's; else the name it calls itself."""
    heading = next((h for h in rendered.contents if h.level == 1), None)
    if heading is None and rendered.contents and plaintext.TITLE.search(rendered.contents[0].text):
        heading = rendered.contents[0] if _starts_with(rendered.text, rendered.contents[0].text) else None
    page_title = re.split(r"\s+[|–—·-]\s+", converted.title)[0] if converted.title else ""
    if converted.title and not heading:
        return page_title or converted.title
    if heading:
        return heading.text
    named = _NAMED.search(rendered.text)
    return named[1] if named else ""


def _starts_with(text: str, words: str) -> bool:
    return words in text[: len(words) + 200]


def _found_on_the_way(converted: Converted, found: Sequence[blocks.Block], title: str) -> Iterable[lint.Finding]:
    if converted.is_unsafe:
        yield lint.Finding(lint.UNSAFE_CONTENT_REMOVED, 1, "Scripts, frames or script links were removed.")
    has_headings = any(block.is_heading for block in found)
    if not converted.title and not has_headings:
        name = f"“{title}” is what the text calls itself; confirm it." if title else "Type it."
        yield lint.Finding(lint.TITLE_MISSING, 1, f"The text has no title line. {name}")
    words = sum(len(block.text.split()) for block in found)
    if not has_headings and words > 400:
        message = f"{words:,} words and not one heading: they were probably lost in copying. Restore them."
        yield lint.Finding(lint.HEADING_LOST, 1, message)


def _dates(text_form: str, language: str, lines: "_Lines") -> tuple[FoundDate, ...]:
    """Return the dates with the line they have in the source."""
    canonical_lines = text_form.split("\n")
    found = stated_dates.find_dates(text_form, language=language)
    return tuple(replace(when, line=lines.of(canonical_lines[when.line - 1])) for when in found)


class _Lines:
    """Where in the source the words of a canonical line stand."""

    def __init__(self, source: str) -> None:
        self.source = [self._key(line) for line in source.split("\n")]
        self.places: dict[str, int] = {}
        for number, line in enumerate(self.source, start=1):
            self.places.setdefault(line, number)
        # One line may have a thousand warnings.
        self.found: dict[str, int] = {}

    def of(self, line: str) -> int:
        if line not in self.found:
            self.found[line] = self._place(line)
        return self.found[line]

    def _place(self, line: str) -> int:
        key = self._key(line)
        if key in self.places:
            return self.places[key]
        return next((n for n, other in enumerate(self.source, start=1) if key and (key[:60] in other)), 1)

    def _key(self, line: str) -> str:
        return "".join(re.findall(r"\w+", line.casefold()))
