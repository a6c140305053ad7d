"""What an editor should look at before a text is published: what was lost, what dangles, what contradicts itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from policies.text.bounded import bounded
from policies.text.meaning import promises, stated_dates
from policies.text.source import furniture
from policies.text.structure import blocks
from policies.text.structure.blocks import Block

LIST_MISSING, DANGLING_REFERENCE, PAGE_FURNITURE = "list-missing", "dangling-reference", "page-furniture"
TYPED_DATE_DIFFERS, DATE_NOT_AT_TOP, DUPLICATE_FACT = "typed-date-differs", "date-not-at-top", "duplicate-fact"
UNCLEAR_DATE, PLACEHOLDER_DATE, HEADING_LOST = "unclear-date", "placeholder-date", "heading-lost"
UNSAFE_CONTENT_REMOVED, AT_ANY_TIME = "unsafe-content-removed", "at-any-time"
TITLE_MISSING = "title-missing"

_LEAD_IN = re.compile(
    r"\b(following|includ\w+|such as|specifically|as follows|below|purposes|rights|we will|we may|you (?:may|"
    r"can|must|agree)"
    r"|(?:we|you|they) \w+|is|are|to|for|when|if|by|at|in|that|suivant\w*|notamment|folgend\w*|siguientes?|"
    r"seguenti|volgende)\b",
    re.IGNORECASE,
)
_FIRST_ENTRY = re.compile(r"[(\[]?(1|a|i)[.)\]]\s")
_REFERENCE = re.compile(
    r"\b(?:see|in|under|of|to|per|described in|set out in|by|and|with)?\s*"
    r"\b(?P<kind>sections?|articles?|clauses?|paragraphs?|abschnitt|artikel|sección|sezione|artículo)\s+"
    r"(?P<number>\d{1,2}(?:\.\d{1,2})*)(?![\d.]*\d)(?P<rest>(?:\s*(?:,|and|or|et|und|y|e|to|-|–)\s*\d{1,2}(?:\.\d{1,2})*)*)",
    re.IGNORECASE,
)
# short: tried on so many characters after a reference, _NEAR
_OF_ANOTHER = re.compile(
    r"^\s*(?:\([\w.]+\)\s*)*(?:of|du|de|des|der|della|del|lit|para|par\.|al\.)?\s*(?:the |la |le |l['’]|d['’])?"
    r"(?:[\w'’-]+\s+){0,6}?(?:gdpr|rgpd|dsgvo|avg|act\b|code\b|regulation|directive|law\b|cpra|ccpa|uk |eu |loi|"
    r"règlement|"
    r"gesetz|verordnung|decree|ordinance|constitution|bgb|tfeu|charter|convention)|^\s*\(\d\)|^\s*[a-z]\)",
    re.IGNORECASE,
)
# short: and so many before it
_ANOTHER_BEFORE = re.compile(
    r"(?:gdpr|rgpd|dsgvo|act|code|regulation|directive|law|§|u\.s\.c\.?|c\.f\.r\.?)\W*(?:\([^)]*\)\W*)?(?:under|"
    r"in|,)?\s*$",
    re.IGNORECASE,
)
# Sections within sections; what has more points is no number of one.
_DEEPEST = 10
# So many characters before and after a reference say which text it is to.
_NEAR = 300
_CONTACT = re.compile(
    r"\b(contact|reach|write to|e-?mail|mail|get in touch|contacter|contactez|kontakt\w*|contactar|"
    r"contatt\w+)\b.{0,300}\b(at|us|to|via|below|by|please|à|unter|an|en|a|through)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"@|https?://|www\.|\d{3,}|\b(street|avenue|road|suite|box|rue|straße|strasse|floor|city|states|kingdom)\b",
    re.IGNORECASE,
)
_DATE_AT_TOP = re.compile(
    r"(?:date|“last updated”|\"last updated\"|last updated|effective date)[^.]{0,60}\b(?:at|on|near) the (top|"
    r"beginning|start|head) of",
    re.IGNORECASE,
)
_AT_ANY_TIME = re.compile(
    r"reserves? the right to (?:\w+,? ){0,6}(?:change|modify|update|amend|revise|alter)[^.]{0,120}at any time|"
    r"(?:change|modify|update|amend|revise)[^.]{0,120}at any time[^.]{0,40}without (?:prior |any )*notice|"
    r"without (?:prior |any |further |advance )*notice[^.]{0,80}(?:change|modif|updat|amend)",
    re.IGNORECASE,
)
_PLACEHOLDER_DATE = re.compile(
    r"\b(?:xx+)\s+[^\W\d_]{3,10}\s+\d{4}|\b(?:dd|jj|tt|xx)[./-](?:mm|xx)[./-](?:yyyy|aaaa|jjjj|xxxx|\d{4})\b|"
    r"\[\s*(?:insert\s+|insérer\s+)?(?:the\s+|la\s+)?(?:effective\s+)?(?:date|datum|fecha)\b[^\[\]\n]{0,30}\](?!\()|(?:updated|"
    r"effective)\W{1,3}(?:on\W)?(?:tbd|tba|to be (?:determined|announced))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """One warning: its code, the line (from 1) it is about, and what to do."""

    code: str
    line: int
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@bounded
def lint(canonical: str, *, title: str = "", last_updated: str = "", language: str = "") -> tuple[Finding, ...]:
    """
    Return the findings of a canonical text in reading order.

    ``last_updated`` (YYYY-MM or YYYY-MM-DD) is what the page will show: a typed date that disagrees is
    reported.
    """
    found = blocks.read(canonical)
    when = stated_dates.find_dates(canonical, language=language)
    findings = [
        *_missing_lists(found),
        *_dangling_references(found),
        *_furniture(canonical, title),
        *_dates(canonical, when, last_updated),
        *_duplicate_facts(found),
        *_at_any_time(found),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.line))


def is_list_missing(block: Block, following: Block | None, second: Block | None = None) -> bool:
    """True for a lead-in that ends in a colon and is followed by no list, table, code or entries."""
    if block.kind not in {"paragraph", "item"} or block.is_heading or not block.text.endswith(":"):
        return False
    if following is None or following.kind == "heading" or following.is_heading:
        return not _begins_entries(following, second)
    if following.text.endswith(":") or furniture.is_furniture(following.text):
        return True
    if following.kind in {"item", "table", "code"} or len(following.lists) > len(block.lists):
        return False
    return not _continues(block, following, second)


def _begins_entries(heading: Block | None, second: Block | None) -> bool:
    """True where headings are what was announced: "a. Access data", and "1. Who we are" with the next right below."""
    mark = _FIRST_ENTRY.match(heading.text) if heading else None
    return mark is not None and (mark[1] in "ai" or (second is not None and second.is_heading))


def _continues(block: Block, following: Block, second: Block | None) -> bool:
    """True where what follows is plainly what the colon announced: an address, a quotation, a first entry."""
    text = following.text
    if _CONTACT.search(block.text):
        return bool(_ADDRESS.search(text)) or len(text.split()) <= 8
    if re.match(r"[(\[]?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)\]]\s|[•·●▪–—-]\s?|[\"“«']", text):
        return True
    if not _LEAD_IN.search(block.text) and not text[:1].isupper():
        return True
    if text[:1].islower() or len(text.split()) <= 6:
        return True
    return _is_entry(text) and second is not None and (_is_entry(second.text) or second.kind in {"item", "heading"})


def _is_entry(text: str) -> bool:
    """True for "Name: what it is" and "Name - what it is": an entry of a list set as paragraphs."""
    return bool(re.match(r"[^.:]{2,60}(?:\s[-–—]\s|:\s+\S)", text))


def _missing_lists(found: Sequence[Block]) -> Iterator[Finding]:
    for block, following, second in zip(found, [*found[1:], None], [*found[2:], None, None], strict=False):
        if is_list_missing(block, following, second):
            what = "how to get in touch" if _CONTACT.search(block.text) else "a list"
            yield Finding(LIST_MISSING, block.line, f"“{_quote(block.text)}” announces {what}, but none follows.")


def _quote(text: str) -> str:
    return text if len(text) <= 120 else "…" + text[-118:]


def _dangling_references(found: Sequence[Block]) -> Iterator[Finding]:
    """References to sections by number where no heading, item or paragraph has that number."""
    numbers = set(_numbers(found))
    for block in found:
        for reference in _REFERENCE.finditer(block.text):
            if _is_of_another_text(block.text, reference):
                continue
            for number in [reference["number"], *re.findall(r"\d{1,2}(?:\.\d{1,2})*", reference["rest"])]:
                if number not in numbers and (numbers or reference["kind"].casefold().startswith("section")):
                    message = f"The text refers to {reference['kind']} {number}, but has none of that number."
                    yield Finding(DANGLING_REFERENCE, block.line, message)


def _is_of_another_text(text: str, reference: re.Match[str]) -> bool:
    """True for "Article 6 of the GDPR" and "GDPR, Article 6"."""
    start, end = reference.span("kind")[0], reference.end()
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return bool(_OF_ANOTHER.match(after) or _ANOTHER_BEFORE.search(before))


def _numbers(found: Sequence[Block]) -> Iterator[str]:
    for block in found:
        number = block.heading[0]
        if number and number[0].isdigit():
            yield from _prefixes(number)
        elif number:
            yield str(_roman(number))
        if block.ordinal is not None:
            yield str(block.ordinal)
        if typed := re.match(
            r"(?:section|article|clause)?\s*(\d{1,2}(?:\.\d{1,2})*)[.):\s]", block.text, re.IGNORECASE
        ):
            yield from _prefixes(typed[1])


def _prefixes(number: str) -> Iterator[str]:
    parts = number.rstrip("abcdefgh").split(".")[:_DEEPEST]
    for k in range(1, len(parts) + 1):
        yield ".".join(parts[:k])


def _roman(number: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}.get(c, 0) for c in number.upper()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _furniture(canonical: str, title: str) -> Iterator[Finding]:
    for number, line in furniture.find(canonical, title):
        yield Finding(PAGE_FURNITURE, number, f"“{line}” belongs to a page, not to the policy. Remove it.")


def _dates(canonical: str, when: tuple[stated_dates.FoundDate, ...], last_updated: str) -> Iterator[Finding]:
    updated = [d for d in when if d.role == stated_dates.UPDATED]
    for d in when:
        if d.ambiguous:
            readings = " or ".join(d.candidates)
            yield Finding(UNCLEAR_DATE, d.line, f"This date reads as {readings}. Write the month as a word.")
    for d in updated:
        length = min(len(d.value), len(last_updated))
        if length and all(value[:length] != last_updated[:length] for value in d.candidates or (d.value,)):
            message = (
                f"The text says it was updated {d.value}, the page above it will say {last_updated}. Remove the typed"
                " date, or give it as the date stated in the text."
            )
            yield Finding(TYPED_DATE_DIFFERS, d.line, message)
    promised = _DATE_AT_TOP.search(canonical)
    dated = updated or [d for d in when if d.role == stated_dates.EFFECTIVE]
    if promised and dated and all(d.position != "top" for d in dated):
        line = dated[0].line
        yield Finding(DATE_NOT_AT_TOP, line, "The text promises its date at the top of the page, but it stands here.")
    for number, words in enumerate(canonical.split("\n"), start=1):
        if _PLACEHOLDER_DATE.search(words):
            yield Finding(PLACEHOLDER_DATE, number, "The date was never filled in.")


def _duplicate_facts(found: Sequence[Block]) -> Iterator[Finding]:
    """Dates of one role with different values: the text contradicts itself."""
    values: dict[str, tuple[str, int]] = {}
    for block in found:
        for subject, value in _stated(block.text):
            stated, line = values.setdefault(subject, (value, block.line))
            if stated != value:
                message = f"“{subject}” is {value} here, but {stated} in line {line}."
                yield Finding(DUPLICATE_FACT, block.line, message)


_AGE = re.compile(
    r"\b(?:not (?:directed|intended|addressed) (?:to|for)|not knowingly collect[^.]{0,60}|anyone|persons?|"
    r"individuals|children|users) "
    r"(?:anyone )?(?:who are )?(?:under|below|younger than)(?: the age of)? (\d{1,2})\b",
    re.IGNORECASE,
)


def _stated(text: str) -> Iterator[tuple[str, str]]:
    """Yield facts every policy states once: the age of children it speaks of is the one that is often forgotten."""
    for found in _AGE.finditer(text):
        if not re.search(
            r"\b(between|california|eu\b|eea|european|united states|u\.s\.|parental)", text, re.IGNORECASE
        ):
            yield "under the age of", found[1]


def _at_any_time(found: Sequence[Block]) -> Iterator[Finding]:
    for block in found:
        if "time" not in block.text and "notice" not in block.text:
            continue
        if _AT_ANY_TIME.search(block.text) and promises.is_about_changes(block.text):
            yield Finding(AT_ANY_TIME, block.line, "The text reserves changes at any time or without notice.")
