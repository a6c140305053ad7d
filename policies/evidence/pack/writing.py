"""How the files of a pack are written: JSON and CSV, the same bytes for the same values."""

import csv
import io
import json
from collections.abc import Iterable, Sequence


def json_of(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def csv_of(rows: Iterable[Sequence[object]]) -> bytes:
    """RFC 4180; a cell that a spreadsheet would take for a formula starts with an apostrophe."""
    written = io.StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def _cell(value: object) -> str:
    text = str(value)
    return (
        f"'{text}"
        if text.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
        else text
    )
