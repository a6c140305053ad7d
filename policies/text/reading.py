"""Any source (Markdown, HTML, plain text) read into a policy text: what it says, and what an editor should know."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from policies.text import left_out
from policies.text.bounded import bounded
from policies.text.meaning import lint, promises, stated_dates
from policies.text.meaning.promises import FoundPromise
from policies.text.meaning.stated_dates import FoundDate
from policies.text.rejected import TextRejected
from policies.text.source import canonical, converting, furniture, markdown_marks, plaintext, recognizing, tidying, told
from policies.text.source.converting import Converted
from policies.text.source.told import Told
from policies.text.structure import blocks, markdown
from policies.text.structure.markdown import Heading, Rendered
from policies.text.words import languages

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONGEST_TITLE = 80
_WRITTEN_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,4000}>")
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
    the page around the text, offered for removal; ``left_out`` are words of the source that are not in the text;
    ``warnings`` report what was lost, never what was guessed.
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
    left_out: tuple[str, ...] = ()

    @property
    def losses(self) -> tuple[Warning_, ...]:
        """The warnings that only the source can settle: whoever imports has to see them before it is put away."""
        return tuple(warning for warning in self.warnings if warning.code in told.LOSSES)


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

    Characters are tidied before, so that marks are found, and after: a page writes them in many ways.

    :raises TextRejected: for what is empty, too large or no text; for formats that are not read, by their names
    """
    recognized = recognizing.recognize(content, filename=filename)
    text = tidying.tidy_characters(recognized.text)
    notes = list(recognized.told)
    if removed := canonical.controls(text):
        text = canonical.without_controls(text)
        notes.append(Told(told.CONTROLS_REMOVED, f"{removed} control characters, which no reader sees, were removed."))
    converted = converting.convert(text, recognized.filename)
    tidied = canonical.without_controls(tidying.tidy_characters(converted.markdown))
    text_form = canonical.canonicalize(markdown_marks.spaced(tidied))
    canonical.refuse_large(text_form)
    return Source(text, text_form, converted.front_matter, replace(converted, told=(*notes, *converted.told)))


@bounded
def read(source_: str | bytes, *, filename: str = "") -> Reading:
    """
    Read a source of any format.

    :raises TextRejected: for what is empty, too large or no text; for formats that are not read, by their names
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
    stretches, losses = left_out.told_of(
        converted.original, rendered.text, is_page=converted.is_page, already=converted.told
    )
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
                [
                    *(Warning_(w.code, lines.of(canonical_lines[w.line - 1]), w.message) for w in warnings),
                    *(Warning_(note.code, lines.of(note.words), note.message) for note in (*converted.told, *losses)),
                ],
                key=lambda warning: warning.line,
            )
        ),
        front_matter=front_matter,
        furniture=tuple(line for _, line in furniture.find(text_form, title)),
        left_out=stretches,
    )


def _title(converted: Converted, rendered: Rendered) -> str:
    """Return the title: front matter, the first heading, a typed line, the page's; else the name it calls itself."""
    heading = next((h for h in rendered.contents if h.level == 1), None)
    if heading is None and rendered.contents and plaintext.TITLE.search(rendered.contents[0].text):
        heading = rendered.contents[0] if _starts_with(rendered.text, rendered.contents[0].text) else None
    page_title = re.split(r"\s[|–—·-]\s", converted.title)[0].strip() if converted.title else ""
    if converted.title and not heading:
        return page_title or converted.title
    if heading:
        return heading.text
    first = rendered.text.lstrip().partition("\n")[0].strip()
    if len(first) <= _LONGEST_TITLE and plaintext.TITLE.search(first) and not first.endswith((".", ":", ";", ",", "!")):
        return first
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
    """Where in the source the words of a canonical line stand: in one line of it, or from one on."""

    def __init__(self, source: str) -> None:
        keys = [_key(line) for line in _WRITTEN_TAG.sub(_its_lines, source).split("\n")]
        self.starts = list(itertools.accumulate(map(len, keys), initial=0))
        self.letters = "".join(keys)
        self.places: dict[str, int] = {}
        for number, key in enumerate(keys, start=1):
            self.places.setdefault(key, number)
        # One line may have a thousand warnings.
        self.found: dict[str, int] = {}

    def of(self, line: str) -> int:
        if line not in self.found:
            self.found[line] = self._place(line)
        return self.found[line]

    def _place(self, line: str) -> int:
        key = _key(line)
        if not key or key in self.places:
            return self.places.get(key, 1)
        start = self.letters.find(key[:60])
        return bisect_right(self.starts, start) if start >= 0 else 1


def _its_lines(tag: re.Match[str]) -> str:
    return "\n" * tag[0].count("\n")


def _key(line: str) -> str:
    return "".join(re.findall(r"\w+", line.casefold()))
