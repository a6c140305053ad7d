"""Tables of pipes as people type them, made whole: a row of hyphens, and no cell more than the header has."""

import re
from collections.abc import Iterator, Sequence

_ROW = re.compile(r"^ {0,3}\|.*\|[ \t]*$")
_LOOSE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$")
_DELIMITER = re.compile(r"^[ \t]*(?:\|[ \t]*)?:?[-–—]+:?[ \t]*(?:\|[ \t]*:?[-–—]+:?[ \t]*)*(?:\|[ \t]*)?$")
_CELL_END = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")
_MOST_COLUMNS = 200


def mended(text: str) -> str:
    """Return the text with tables that the renderer reads as tables; what is one already stays as it is."""
    if "|" not in text:
        return text
    written: list[str] = []
    rows: list[str] = []
    in_code = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            in_code = not in_code
        if not in_code and (_LOOSE_ROW if rows else _ROW).match(line):
            rows.append(line)
            continue
        written.extend(_table(rows, written))
        rows = []
        written.append(line)
    return "\n".join([*written, *_table(rows, written)])


def _table(rows: Sequence[str], before: Sequence[str]) -> Iterator[str]:
    """The rows of one table, or the same lines where they are none."""
    if len(rows) < 2 or (before and "|" in before[-1]):
        yield from rows
        return
    # Where the second row is one, the first is a header, whatever it holds.
    delimiters = [k for k in (1, 0) if _DELIMITER.match(rows[k])]
    cells = [len(_CELL_END.split(row.strip())) - 2 for row in rows]
    columns = min(max(cells), _MOST_COLUMNS)
    delimiter = delimiters[0] if delimiters else -1
    is_whole = delimiter == 1 and cells[0] == cells[1] >= columns and not re.search("[–—]", rows[1])
    yield from rows if is_whole else _whole([row.strip() for row in rows], delimiter, cells, columns)


def _whole(rows: Sequence[str], delimiter: int, cells: Sequence[int], columns: int) -> Iterator[str]:
    """The rows with a header, a row of hyphens below it, and as many cells in both as the widest has."""
    header = -1 if delimiter == 0 else 0
    dashes, given = (rows[delimiter], cells[delimiter]) if delimiter >= 0 else ("|", 0)
    yield rows[0] + " |" * (columns - cells[0]) if header == 0 else "|" + " |" * columns
    yield re.sub("[–—]", "---", dashes) + " --- |" * (columns - given)
    yield from (row for k, row in enumerate(rows) if k not in {header, delimiter})
