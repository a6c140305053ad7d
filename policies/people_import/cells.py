"""One line of a file of people, cell by cell: what it tells, and what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from policies.date_formats import within_reach
from policies.models.fields import (
    TAGS_LENGTH,
    tags_of,
    validate_address,
    validate_language,
    validate_single_line,
    validate_tags,
)
from policies.text.words import language_tags

# The column and the field it fills; the first is needed, an empty cell leaves what is there.
COLUMNS = {
    "external_id": "external_id",
    "name": "name",
    "address": "address",
    "language": "language",
    "audience": "audiences",
    "guardian": "guardian",
    "joined_at": "joined_at",
    "left_at": "closed_at",
}
LENGTHS = {"external_id": 200, "name": 200, "address": 254, "audience": TAGS_LENGTH, "guardian": 200}
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


def line_of(number: int, cells: Mapping[str, str], problems: list[Problem]) -> Line | None:
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
        validate_address(told)
    elif column == "audience":
        tags = tags_of(told)
        validate_tags(tags)
        return tags
    elif column == "language":
        validate_language(told)
        return language_tags.canonical(told)
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
