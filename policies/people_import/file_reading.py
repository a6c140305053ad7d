"""The lines of a file of people, as spreadsheets save it: which letters, which separator, which columns."""

import codecs
import csv
import io
import itertools
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from django.utils.translation import gettext as _

from policies.people_import.cells import COLUMNS, Line, Problem, line_of

MOST_PROBLEMS = 100
SEPARATORS = ",;\t"
WINDOWS, UTF_16 = "cp1252", "utf-16"
CHUNK = 1 << 16


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


def read_as(source: TextIO) -> str:
    """What to tell about how a file was read; empty where nothing was guessed."""
    is_guessed = getattr(source, "encoding", "") == WINDOWS
    return _("Read as Windows-1252, since it is no UTF-8: look whether the names are right.") if is_guessed else ""


def lines(source: TextIO, problems: list[Problem]) -> Iterator[Line]:
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
            elif line := line_of(rows.line_num, dict(zip(header, row, strict=True)), problems):
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


def twice(source: TextIO, repeated: Container[int]) -> Iterator[Problem]:
    """Read once more who stands on which lines; two that only share a hash are no mistake."""
    words = _("“%(who)s” is on line %(first)d already. Leave one of the two.")
    first = dict[str, int]()
    for line in lines(source, []):
        if hash(line.external_id) in repeated:
            if line.external_id in first:
                said = {"who": line.external_id[:40], "first": first[line.external_id]}
                yield Problem(line.number, "external_id", words % said)
            first.setdefault(line.external_id, line.number)
