"""
The dates a text states about itself: when it was updated, published, took effect.

Where a date stands is found by its form; what it means by the words next to it. Many lines hold a date that is
not the text's own: a statute, a row of a change log, a link to an older version, a placeholder.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from policies.text.words.calendar_words import ROLE_WORDS, month_of

UPDATED, EFFECTIVE, PUBLISHED, VERSION, REVIEWED = "updated", "effective", "published", "version", "reviewed"


@dataclass(frozen=True)
class FoundDate:
    """
    One date a text gives itself.

    ``value`` is YYYY-MM-DD or YYYY-MM (``precision`` day or month). ``ambiguous``: a numeric date that reads
    two ways; then ``candidates`` holds both. ``line`` counts from 1; ``position`` is top, middle or bottom.
    """

    role: str
    value: str
    precision: str
    ambiguous: bool = False
    candidates: tuple[str, ...] = ()
    line: int = 0
    position: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class LineReading:
    """What one line says: whether it is one of those that date the text, and with what."""

    is_last_updated: bool
    dates: tuple[FoundDate, ...] = ()


@dataclass(frozen=True)
class Written:
    """A date as it stands in a line: its readings (more than one where day and month may be swapped)."""

    start: int
    end: int
    values: tuple[str, ...]
    is_dotted: bool = False


_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|re|º|ª|°|o|\.)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WEEKDAY_GAP = r"[\s,.]{1,3}"
_OF = r"(?:\s*(?:of|de|del|da|di|d['’])\s+)?"
_MONTH = r"(?P<month>[^\W\d_]{3,12}\b\.?)"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}\s*(?:年|년|-|/|\.)\s*(?P<monthno>[01]?\d)\s*(?:月|월|-|/|\.)\s*(?P<day>[0-3]?\d)(?!\d)",
        (
            r"(?<![\d.,/])(?P<first>[0-3]?\d)(?P<sep>\s?[./-]\s?)(?P<second>[0-3]?\d)(?:(?P=sep)|"
            r"\s?[./-]\s?)(?P<short>(?:19|20)\d\d|\d\d)(?![\d/])"
        ),
        rf"(?<!\d){_DAY}{_WEEKDAY_GAP}{_OF}{_MONTH}[\s,.]*(?:(?:of|de|del)\s*)?{_YEAR}",
        rf"(?<![^\W\d_]){_MONTH}\s*(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:\s*,\s*|\s+){_YEAR}",
        rf"{_YEAR}[.,]?\s+{_MONTH}\s+(?P<day>[0-3]?\d)(?!\d)",
        r"(?<!\d)(?P<year>20\d\d)(?P<monthno>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<![^\W\d_]){_MONTH}[\s,]*(?:(?:of|de|del)\s*)?{_YEAR}",
        rf"(?<![\d./-])(?P<monthno>0?[1-9]|1[0-2])\s?[/-]\s?{_YEAR}",
        rf"{_YEAR}\s*[年년]\s*(?P<monthno>[01]?\d)\s*[月월]",
        rf"ngày\s{{1,9}}(?P<day>[0-3]?\d)\s{{1,9}}tháng\s{{1,9}}(?P<monthno>[01]?\d)\s{{1,9}}năm\s{{1,9}}{_YEAR}",
    )
)
_PLACEHOLDER = re.compile(
    r"\b(?:xx+|dd|jj|tt|mm|yyyy|aaaa)\b[\s./-]*(?:xx+|mm|yyyy|aaaa|[^\W\d_]{3,10}\s+\d{4}|\d{4})|"
    r"\[\s*(?:insert\s+)?(?:date|month|day|year)\b[^\[\]]{0,60}\](?!\()|(?<!_)_{3,}\s{0,9},?\s{0,9}(?:19|20)\d\d|\btb[ad]\b|\bxx\b\s+[^\W\d_]+",
    re.IGNORECASE,
)
_STATUTE = re.compile(
    r"\b(act|acts|code (?:§|sec)|civil code|regulation|directive|convention|treaty|statute|laws? (?:no|of|on|"
    r"\d)|decree|"
    r"ordinance|gdpr|ccpa|loi|lois|décret|règlement|ordonnance|arrêté|gesetz|verordnung|richtlinie|ley|reglamento|"
    r"legge|regolamento|wet|zákon\w*|ustawa|ustawy|lag|lei|decreto|закон\w*)\b|§",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(until|till|through|expires?|hasta|jusqu\W?(?:au|à|en)|bis|fino|até|tot|do dnia|valid to)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_MAY_HOLD_A_DATE = re.compile(r"(?:19|20)\d\d|\d\d?\s?[./-]\s?\d\d?\s?[./-]\s?\d\d")
_ANCHOR = re.compile(r"\[([^\[\]]*)\]\([^)\[]*\)")
_NOISE = re.compile(r"\{:[^{}]*\}|<[^<>]*>|[*_`#>|]+|\\(?=[^\w\s])|[\u2066-\u2069\u202a-\u202e\u200e\u200f]")
_BULLET = re.compile(r"^\s*(?:[*+•·-]|\d+[.)])\s+")
_DOCUMENT = re.compile(
    r"\b(polic\w+|notices?|terms|statement|agreement|conditions|version|guidelines|document)\b", re.IGNORECASE
)
_EARLIER = re.compile(
    r"\b(previous|prior|earlier(?! of)|archived?|old|older|former|superseded|précédente?s?|ancienne?s?|"
    r"vorherige\w*|frühere\w*|"
    r"anterior\w*|precedent[ei]|vorige|eerdere)\b",
    re.IGNORECASE,
)
# "March 2020: section 3 was rewritten" is an entry of a change log.
_LOG_ENTRY = re.compile(r"\s{0,9}[)\]]?\s{0,9}(?::|\s[-–—])\s+(?:\S+\s+){2}")
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3}[.!?])\s+(?=[^\W\d_])|[;]")


def read_line(line: str, *, language: str = "", captured: date | None = None) -> LineReading:
    """
    Say whether one line dates its text, and with what.

    ``captured``, the day the text was seen, and ``language`` decide between day-month and month-day where they
    can.
    """
    text = plain(line)
    if _is_listed(line) or _PLACEHOLDER.search(text):
        return LineReading(False)
    stated = list(written(text))
    found: list[FoundDate] = []
    roles: tuple[str, ...] = ()
    end = 0
    for k, when in enumerate(stated):
        after = text[when.end : stated[k + 1].start if k + 1 < len(stated) else len(text)]
        before = text[end : when.start]
        roles = _roles(before, after) or (roles if k and not before.strip(" ,/;-–(") else ())
        end = when.end
        if roles and not _is_anothers(before, after):
            found.extend(_dated(role, when, _order(text, language), captured) for role in roles)
    return LineReading(bool(found), tuple(dict.fromkeys(found)))


def find_dates(text: str, *, language: str = "", captured: date | None = None) -> tuple[FoundDate, ...]:
    """Return the dates of a whole text in reading order; a label and its date may stand on two lines."""
    lines = text.splitlines()
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    found: list[FoundDate] = []
    for k, (number, line) in enumerate(filled):
        if len(line) > 2000 or not _MAY_HOLD_A_DATE.search(line):
            continue
        reading = read_line(line, language=language, captured=captured)
        if not reading.dates and k and is_bare_date(line):
            reading = read_line(f"{filled[k - 1][1][-2000:]} {line}", language=language, captured=captured)
        where = position(k + 1, len(filled))
        if where != "middle" or _is_short(line):
            found.extend(replace(when, line=number, position=where) for when in reading.dates)
    return tuple(found)


def position(line: int, lines: int) -> str:
    """Return top, middle or bottom for the line-th of so many filled lines."""
    edge = min(max(10, lines * 0.15), lines * 0.34)
    if line <= max(3, edge):
        return "top"
    return "bottom" if line > lines - max(3, edge) else "middle"


def plain(line: str) -> str:
    """Return the words of a line without its mark-up."""
    return " ".join(_NOISE.sub(" ", _ANCHOR.sub(r" \1 ", line)).split())


def _is_short(line: str) -> bool:
    return len(line.split()) <= 40


def is_bare_date(line: str) -> bool:
    """True for a line that is a date and hardly anything else."""
    text = plain(line)
    return any(when.end - when.start >= 0.8 * len(text) for when in written(text))


def _is_listed(line: str) -> bool:
    """True for a row of a table, a link to another version, an entry of a change log."""
    text = line.strip()
    if text.startswith("|") or text.count("|") >= 2:
        return True
    bullet = _BULLET.match(text)
    words = _ANCHOR.sub("", text[bullet.end() :] if bullet else text)
    if not re.search(r"\w{3}", words):
        return True
    if not bullet:
        return False
    if _ANCHOR.search(text):
        return True
    # A list item counts only where it starts with its label.
    start = plain(text[bullet.end() :])
    label = next((found for found in ROLE_WORDS.finditer(start)), None)
    return label is None or label.start() > 0


def _is_anothers(before: str, after: str) -> bool:
    """True for the date of a law, of an earlier version, of the end of something, of an entry in a change log."""
    clause = _SENTENCE.split(before)[-1]
    if _UNTIL.search(before) or _EARLIER.search(clause) or _LOG_ENTRY.match(after):
        return True
    laws, documents = list(_STATUTE.finditer(clause)), list(_DOCUMENT.finditer(clause))
    return bool(laws) and (not documents or documents[-1].start() < laws[-1].start())


def _roles(before: str, after: str) -> tuple[str, ...]:
    """Return what a date is by the words before it (the nearest, and those joined to it), or after it."""
    clauses = [clause for clause in _SENTENCE.split(before) if clause]
    labels = list(ROLE_WORDS.finditer(clauses[-1])) if clauses else []
    if not labels and len(clauses) > 1 and not re.search(r"\w{4}", clauses[-1]):
        labels = list(ROLE_WORDS.finditer(before))
    near = clauses[-1] if clauses else ""
    roles: tuple[str, ...] = ()
    if labels and len(near[labels[-1].end() :].split()) <= 9:
        roles = _joined(near if labels[-1].string == near else before, labels)
    if roles in {(), (VERSION,)} and (follows := _AFTERWARDS.match(after)):
        # What alone is no label, such as a word for "renewed", is one where it follows a date.
        label = ROLE_WORDS.match(after, follows.end())
        return (str(label.lastgroup) if label else UPDATED,)
    return roles


# Some languages put the label behind the date, after the name of the day at most.
_AFTERWARDS = re.compile(
    r"[일日号]?(?:\W*[^\W\d_]+)?\W*(?=발효|시행|게시|施行|発効|改定|改訂|更新|生效|修订|公開|(?:aktualisiert|überarbeitet|bijgewerkt)\b)"
)


def _joined(text: str, labels: list[re.Match[str]]) -> tuple[str, ...]:
    """Return the roles of the nearest label and of those joined to it by a word or two; "version" only alone."""
    chain = [labels[-1]]
    for label in reversed(labels[:-1]):
        if len(text[label.end() : chain[-1].start()].split()) > 2:
            break
        chain.append(label)
    roles = list(dict.fromkeys(str(label.lastgroup) for label in reversed(chain)))
    exact = [role for role in roles if role != VERSION]
    return tuple(exact or roles)


def written(text: str) -> Iterator[Written]:
    """Yield the dates of a line from left to right, the longest form at each place."""
    taken: list[Written] = []
    covered = bytearray(len(text))
    for form in _FORMS:
        for found in form.finditer(text):
            values = _values(found)
            if values and 1 not in covered[found.start() : found.end()]:
                covered[found.start() : found.end()] = b"\1" * (found.end() - found.start())
                is_dotted = "sep" in found.re.groupindex and "." in (found["sep"] or "")
                taken.append(Written(found.start(), found.end(), values, is_dotted))
    yield from sorted(taken, key=lambda when: when.start)


def _values(found: re.Match[str]) -> tuple[str, ...]:
    """Return the readings of a match as ISO dates: none for what is no date, day-month first of two."""
    parts = found.groupdict()
    if "first" in parts:
        year = int(parts["short"]) + (2000 if len(parts["short"]) == 2 else 0)
        first, second = int(parts["first"]), int(parts["second"])
        readings = (_iso(year, second, first), _iso(year, first, second))
        return tuple(dict.fromkeys(value for value in readings if value))
    month = int(parts["monthno"]) if parts.get("monthno") else month_of(parts["month"].rstrip("."))
    if not month or not 1 <= month <= 12:
        return ()
    if not parts.get("day"):
        return (f"{int(parts['year']):04}-{month:02}",)
    value = _iso(int(parts["year"]), month, int(parts["day"]))
    return (value,) if value else ()


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _order(text: str, language: str) -> str:
    """Return "day" where the words or the language put the day first, "" where nobody can tell."""
    label = ROLE_WORDS.search(text)
    is_english = (
        label is not None
        and label[0].isascii()
        and bool(re.search(r"\b(updat|effectiv|revis|modif|publish|amend|review|dated|last)", label[0], re.IGNORECASE))
    )
    if label is not None and not is_english:
        return "day"
    return "" if language.partition("-")[0] in {"", "en", "und"} else "day"


def _dated(role: str, when: Written, order: str, captured: date | None) -> FoundDate:
    if len(when.values) == 1:
        return FoundDate(role, when.values[0], "month" if len(when.values[0]) == 7 else "day")
    values = when.values if order == "day" or when.is_dotted else when.values[::-1]
    if captured and not order:
        # Nobody announces a change months ahead; a reading that far after the day of capture is the wrong one.
        late = (captured + timedelta(days=45)).isoformat()
        values = tuple(sorted(values, key=lambda value: value > late))
    return FoundDate(role, values[0], "day", ambiguous=True, candidates=when.values)


def last_updated(dates: Iterable[FoundDate]) -> FoundDate | None:
    """Return the first date that says when a text was updated and reads in one way only."""
    return next((found for found in dates if found.role == UPDATED and not found.ambiguous), None)
