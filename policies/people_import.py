"""
Who is bound: adding and changing people from a file, by your own key for them.

The whole file is checked first, and with one mistake in it nothing is written. Then it is written a thousand lines at a
time. Whoever is as the file says is left alone, so that a run that was cut short is simply run again.
"""

import codecs
import csv
import io
import itertools
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, BinaryIO, TextIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from policies import account_mail
from policies.account_mail import Known
from policies.date_formats import within_reach
from policies.models import AuditEvent, Person, User
from policies.models.fields import validate_single_line

AT_ONCE = 1000
MOST_PROBLEMS = 100
SEPARATORS = ",;\t"
WINDOWS, UTF_16 = "cp1252", "utf-16"
CHUNK = 1 << 16
PARTS = 16
# The column and the field it fills; the first is needed, an empty cell leaves what is there.
COLUMNS = {
    "external_id": "external_id",
    "name": "name",
    "address": "address",
    "language": "language",
    "audience": "audience_tag",
    "guardian": "guardian",
    "joined_at": "joined_at",
    "left_at": "closed_at",
}
LENGTHS = {"external_id": 200, "name": 200, "address": 254, "audience": 50, "guardian": 200}
FORMULA = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True)
class Problem:
    """What is wrong in which line and column, and what to do."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = _("line %(line)d, %(column)s") if self.column else _("line %(line)d")
        return f"{where % {'line': self.line, 'column': self.column}}: {self.message}"


@dataclass(frozen=True)
class Line:
    """
    One person as a line of the file tells of them; only what it tells, by the names of the fields.

    `guardian` is an external id, or empty; None where the file has no such column.
    """

    number: int
    external_id: str
    guardian: str | None
    values: Mapping[str, Any]


@dataclass
class Report:
    """What a file holds, or what came of it; `read_as` says how its bytes were taken, where that was guessed."""

    read_as: str = ""
    lines: int = 0
    created: int = 0
    changed: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        return self.lines - self.created - self.changed


@contextmanager
def reading(file: BinaryIO) -> Iterator[TextIO]:
    """
    The words of a file: UTF-8, UTF-16 where it begins as Excel begins it, else Windows-1252, as Excel saves CSV.

    The file stays open. Which it was is the `encoding` of what comes out, and `check` and `bring_in` say it.
    """
    source = io.TextIOWrapper(file, encoding=_encoding_of(file), newline="")
    try:
        yield source
    finally:
        source.detach()


def _encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    begins = file.read(2)
    file.seek(0)
    if begins in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return UTF_16
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    finally:
        file.seek(0)
    return "utf-8-sig"


def check(source: TextIO, *, at: datetime) -> Report:
    """Read a whole file and count what bringing it in would do; nothing is written. Stops at MOST_PROBLEMS."""
    report, seen, told = Report(read_as=_read_as(source)), set[int](), dict[str, tuple[str, int]]()
    keys = array("q")
    for batch in _batches(source, report):
        report.lines += len(batch)
        keys.extend(hash(line.external_id) for line in batch)
        known = _known(batch)
        report.problems += [problem for line in batch if (problem := _against(line, known, at))]
        report.problems += _unknown_guardians(batch, seen)
        told |= {line.external_id: (line.guardian, line.number) for line in batch if line.guardian}
        report.created += len({line.external_id for line in batch} - set(known))
        report.changed += sum(
            bool(_differences(known[line.external_id], line)) for line in batch if line.external_id in known
        )
        if len(report.problems) >= MOST_PROBLEMS:
            break
    if not report.problems:
        report.problems += _circles(told)
    if repeated := _repeated(keys):
        source.seek(0)
        report.problems += _twice(source, repeated)
    del report.problems[MOST_PROBLEMS:]
    return report


def bring_in(source: TextIO, *, name: str, by: User | None, at: datetime) -> Report:
    """
    Add and change people as a file says, unless anything in it is wrong: then only its problems are reported.

    Users, their addresses and their rights are out of reach. `source` is read twice.
    """
    found = check(source, at=at)
    if found.problems:
        return found
    source.seek(0)
    report = Report(read_as=found.read_as)
    for batch in _batches(source, report):
        created, changed = _write(batch, by=by, at=at)
        report.lines += len(batch)
        report.created += created
        report.changed += changed
    AuditEvent.record(
        "people.imported",
        by=by,
        at=at,
        file=name[:200],
        lines=report.lines,
        created=report.created,
        changed=report.changed,
    )
    return report


def _batches(source: TextIO, report: Report) -> Iterator[Sequence[Line]]:
    """The lines that can be read, AT_ONCE at a time; of the others the report gets the problems."""
    lines = _lines(source, report.problems)
    while batch := list(itertools.islice(lines, AT_ONCE)):
        yield batch


def _lines(source: TextIO, problems: list[Problem]) -> Iterator[Line]:
    lines = iter(source)
    rows = csv.reader(())
    try:
        first = next(lines, "")
        mark = _separator(first)
        rows = csv.reader(itertools.chain([first], lines), strict=True, delimiter=mark)
        header = _without_empty_ends([name.strip().lower() for name in next(rows, [])])
        if wrong := _wrong_header(header):
            problems.append(wrong)
            return
        for cells in rows:
            if not any(cells):
                continue
            # Spreadsheets end lines with marks for columns in which nothing stands.
            row = [*cells[: len(header)], *_without_empty_ends(cells[len(header) :])]
            if len(row) != len(header):
                words = _("It has %(found)d cells, the first line has %(wanted)d. Quote cells that hold “%(mark)s”.")
                counts = {"found": len(row), "wanted": len(header), "mark": mark}
                problems.append(Problem(rows.line_num, "", words % counts))
            elif line := _line(rows.line_num, dict(zip(header, row, strict=True)), problems):
                yield line
            if len(problems) >= MOST_PROBLEMS:
                return
    except csv.Error as error:
        problems.append(Problem(rows.line_num, "", _("It is no CSV: %s. Save the file as CSV once more.") % error))
    except UnicodeDecodeError:
        words = _("It, or a line soon after it, holds what no text holds. Save the file as CSV in UTF-8.")
        problems.append(Problem(rows.line_num + 1, "", words))


def _separator(header: str) -> str:
    """What parts the cells of the first line: Excel writes what the computer's language has."""
    return max(SEPARATORS, key=header.count)


def _without_empty_ends(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _wrong_header(header: Sequence[str]) -> Problem | None:
    known = ", ".join(COLUMNS)
    if "external_id" not in header:
        return Problem(1, "external_id", _("This column is missing. The columns are: %s.") % known)
    for name in header:
        if name not in COLUMNS:
            return Problem(1, name[:40], _("There is no such column. The columns are: %s.") % known)
        if header.count(name) > 1:
            return Problem(1, name, _("This column is there twice. Remove one."))
    return None


def _line(number: int, cells: Mapping[str, str], problems: list[Problem]) -> Line | None:
    """Read one line; each cell that cannot be read is a problem."""
    found: dict[str, Any] = {}
    before = len(problems)
    for column, cell in cells.items():
        try:
            if told := _plain(cell):
                found[column] = _read(column, told)
        except ValidationError as error:
            problems.append(Problem(number, column, " ".join(error.messages)))
    if not found.get("external_id") and len(problems) == before:
        problems.append(Problem(number, "external_id", _("It is empty. Give the key of this person in your product.")))
    if found.get("guardian") and found["guardian"] == found.get("external_id"):
        problems.append(Problem(number, "guardian", _("Nobody is their own guardian. Leave the cell empty.")))
    if len(problems) > before:
        return None
    values = {COLUMNS[name]: value for name, value in found.items() if name not in {"external_id", "guardian"}}
    guardian = found.get("guardian", "") if "guardian" in cells else None
    return Line(number, found["external_id"], guardian, values)


def _plain(cell: str) -> str:
    """A cell without the apostrophe that exports put before what a spreadsheet would take for a formula."""
    told = cell.strip(" ")
    return told[1:] if told.startswith(FORMULA) else told


def _read(column: str, told: str) -> Any:
    """
    Read a cell.

    :raises ValidationError: if it cannot be what the column holds
    """
    validate_single_line(told)
    if len(told) > LENGTHS.get(column, 40):
        raise ValidationError(_("It is longer than %d characters.") % LENGTHS.get(column, 40))
    if column == "address":
        validate_email(told)
    elif column == "audience":
        validate_slug(told)
    elif column == "language" and told not in dict(settings.LANGUAGES):
        known = ", ".join(code for code, _name in settings.LANGUAGES)
        raise ValidationError(_("“%(told)s” is not one of %(known)s.") % {"told": told, "known": known})
    elif column in {"joined_at", "left_at"}:
        return _instant(told)
    return told


def _instant(told: str) -> datetime:
    words = _("Write a day as 2026-03-01 (it begins in UTC), or an instant with its offset as 2026-03-01T14:30+01:00.")
    try:
        day = parse_date(told)
        instant = None if day else parse_datetime(told)
        if told_at := day or instant:
            within_reach(told_at)
    except ValueError as error:
        raise ValidationError(words) from error
    if isinstance(day, date):
        return datetime.combine(day, time.min, tzinfo=UTC)
    if instant is None or instant.tzinfo is None:
        raise ValidationError(words)
    return instant


def _known(batch: Iterable[Line]) -> dict[str, Person]:
    people = Person.objects.filter(external_id__in={line.external_id for line in batch}).select_related("guardian")
    return {person.external_id: person for person in people if person.external_id}


def _against(line: Line, known: Mapping[str, Person], at: datetime) -> Problem | None:
    """What the record says against a line: nobody leaves before joining."""
    person = known.get(line.external_id)
    joined_at = line.values.get("joined_at") or (person.joined_at if person else at)
    left_at = line.values.get("closed_at") or (person.closed_at if person else None)
    if left_at and left_at < joined_at:
        return Problem(line.number, "left_at", _("They would leave before they joined. Correct one of the two."))
    return None


def _unknown_guardians(batch: Sequence[Line], seen: set[int]) -> Iterator[Problem]:
    """A guardian is on record, or stands on a line before: of these only hashes are kept, 64 bytes or so a line."""
    if batch[0].guardian is None:
        return
    named = {line.guardian for line in batch if line.guardian}
    on_record = set(Person.objects.filter(external_id__in=named).values_list("external_id", flat=True)) if named else ()
    for line in batch:
        if line.guardian and line.guardian not in on_record and hash(line.guardian) not in seen:
            words = _("Nobody is known as “%s”. Put the guardian on a line before.")
            yield Problem(line.number, "guardian", words % line.guardian[:40])
        seen.add(hash(line.external_id))


def _repeated(keys: Sequence[int]) -> set[int]:
    """The keys that are there twice, looked for in parts: a set of all would be twelve times as large as they are."""
    found = set[int]()
    for part in range(PARTS):
        seen = set[int]()
        for key in keys:
            if key % PARTS == part:
                if key in seen:
                    found.add(key)
                seen.add(key)
    return found


def _twice(source: TextIO, repeated: Container[int]) -> Iterator[Problem]:
    """Read once more who stands on which lines; two that only share a hash are no mistake."""
    words = _("“%(who)s” is on line %(first)d already. Leave one of the two.")
    first = dict[str, int]()
    for line in _lines(source, []):
        if hash(line.external_id) in repeated:
            if line.external_id in first:
                said = {"who": line.external_id[:40], "first": first[line.external_id]}
                yield Problem(line.number, "external_id", words % said)
            first.setdefault(line.external_id, line.number)


def _read_as(source: TextIO) -> str:
    """What to tell about how a file was read; empty where nothing was guessed."""
    is_guessed = getattr(source, "encoding", "") == WINDOWS
    return _("Read as Windows-1252, since it is no UTF-8: look whether the names are right.") if is_guessed else ""


def _circles(told: Mapping[str, tuple[str, int]]) -> Iterator[Problem]:
    """Nobody is their own guardian, over others on lines or on record. `told`: guardian and line, by external id."""
    above = {name: guardian for name, (guardian, _number) in told.items()}
    unknown = set(above.values()) - set(above)
    while unknown:
        found = _guardians_on_record(unknown)
        above |= found
        unknown = set(found.values()) - set(above)
    looked_at = set[str]()
    for start in told:
        way = dict[str, None]()
        name = start
        while name in above and name not in looked_at:
            looked_at.add(name)
            way[name] = None
            name = above[name]
        if name in way:
            circle = list(way)[list(way).index(name) :]
            line = max((told[each][1] for each in circle if each in told), default=0)
            if line:
                words = _("They would be their own guardian, over others. Correct one of them.")
                yield Problem(line, "guardian", words)


def _guardians_on_record(names: Iterable[str]) -> dict[str, str]:
    ordered = sorted(names)
    found = dict[str, str]()
    for start in range(0, len(ordered), AT_ONCE):
        known = Person.objects.filter(external_id__in=ordered[start : start + AT_ONCE])
        pairs = known.exclude(guardian__external_id=None).values_list("external_id", "guardian__external_id")
        found |= {str(name): str(guardian) for name, guardian in pairs}
    return found


def _differences(person: Person, line: Line) -> dict[str, Any]:
    found = {name: value for name, value in line.values.items() if getattr(person, name) != value}
    if line.guardian and (person.guardian is None or person.guardian.external_id != line.guardian):
        found["guardian"] = line.guardian
    return found


@transaction.atomic(durable=True)
def _write(batch: Sequence[Line], *, by: User | None, at: datetime) -> tuple[int, int]:
    """Write some lines, all or none. Nobody is on two of them: `check` saw to it."""
    known = _known(batch)
    before = {person.pk: Known.of(person) for person in known.values()}
    fresh = {line.external_id: line for line in batch if line.external_id not in known}
    # Made whole, but for their guardians: changing rows afterwards costs ten times as much as making them.
    joined = [Person(**{"external_id": each, "joined_at": at, **line.values}) for each, line in fresh.items()]
    known |= {str(person.external_id): person for person in Person.objects.bulk_create(joined)}
    guardians = {line.guardian for line in batch if line.guardian} - set(known)
    people = known | {str(each.external_id): each for each in Person.objects.filter(external_id__in=guardians)}
    changed: dict[str, Person] = {}
    for line in batch:
        person = known[line.external_id]
        for name, value in _differences(person, line).items():
            setattr(person, name, people[value] if name == "guardian" else value)
            changed[line.external_id] = person
    fields = [name for name in COLUMNS.values() if name != "external_id"]
    Person.objects.bulk_update(changed.values(), fields, batch_size=200)
    account_mail.people_moved(changed.values(), before=before, by=by, at=at)
    wards = [person.pk for person in changed.values() if person.guardian_id]
    if wards and Person.objects.filter(pk__in=wards).in_circles():
        # The file was right when it was checked: somebody gave guardians meanwhile.
        raise ValidationError(_("Somebody would be their own guardian: people were changed meanwhile. Try once more."))
    return len(fresh), len(set(changed) - set(fresh))
