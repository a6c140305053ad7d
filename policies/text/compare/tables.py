"""Tables compared by row and cell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policies.text.compare import diffing
from policies.text.compare.pieces import Piece, compare_words, key, likeness
from policies.text.structure import inline
from policies.text.structure.blocks import Block
from policies.text.structure.inline import Word

Cells = tuple[tuple[Word, ...], ...]


@dataclass(frozen=True)
class RowChange:
    """
    A row before and after: same, changed, added, removed, moved or moved-away; ``cells`` in reading order.
    """

    kind: str
    old: Cells
    new: Cells
    cells: tuple[tuple[Piece, ...], ...]
    is_header: bool = False

    @property
    def text(self) -> str:
        return " | ".join(inline.text(cell) for cell in (self.new or self.old))

    @property
    def is_paired(self) -> bool:
        return bool(self.old and self.new)


def one_sided(op: str, block: Block) -> tuple[RowChange, ...]:
    return tuple(_row(op, row, is_header=k == 0) for k, row in enumerate(block.cells))


def compare(old: Block, new: Block) -> tuple[RowChange, ...]:
    """Align rows by their words, then by their first cell, then by likeness; columns by their header or their cells."""
    kept = _kept(old, new)
    if kept is not None:
        return _without_columns(old, new, kept)
    order = _columns(old, new)
    if order is None:
        return _rows(old.cells, new.cells)
    placed = [tuple(row[k] if k is not None else () for k in order) for row in old.cells]
    rows = _rows(placed, new.cells)
    if None in order or not rows[0].is_header:
        return rows
    # The columns stand in another order: the header says so, and no other row says it again.
    header = tuple(compare_words(a, b) for a, b in zip(old.cells[0], new.cells[0], strict=True))
    return (RowChange("changed", old.cells[0], new.cells[0], header, is_header=True), *rows[1:])


def _columns(old: Block, new: Block) -> list[int | None] | None:
    """Return which old column each new one was, where columns came or changed places and none went."""
    names = [[key(inline.text(cell)) for cell in table.cells[0]] if table.cells else [] for table in (old, new)]
    before, after = names
    is_regular = _is_regular(old) and _is_regular(new)
    if before == after or not is_regular or len({*before}) < len(before) or not {*before} <= {*after}:
        return None
    return [before.index(name) if name in before else None for name in after]


def _is_regular(table: Block) -> bool:
    return len({len(row) for row in table.cells}) == 1


def _kept(old: Block, new: Block) -> list[int | None] | None:
    """Return which new column each old one became, where there are fewer now and those left keep their order."""
    if not (_is_regular(old) and _is_regular(new)) or len(old.cells[0]) <= len(new.cells[0]):
        return None
    before, after = (
        [_bag(tuple(row[k] for row in table.cells)) for k in range(len(table.cells[0]))] for table in (old, new)
    )
    chain = dict(diffing.best_chain([[likeness(a, b) for b in after] for a in before]))
    return [chain.get(k) for k in range(len(before))] if len(chain) == len(after) else None


def _without_columns(old: Block, new: Block, kept: Sequence[int | None]) -> tuple[RowChange, ...]:
    """Compare by the columns that are left; the cells of those that went stand where they stood."""
    narrow = [tuple(cell for cell, to in zip(row, kept, strict=True) if to is not None) for row in old.cells]
    whole = {id(row): full for row, full in zip(narrow, old.cells, strict=True)}
    return tuple(_widened(row, whole.get(id(row.old), ()), kept) for row in _rows(narrow, new.cells))


def _widened(row: RowChange, old: Cells, kept: Sequence[int | None]) -> RowChange:
    if row.kind == "removed":
        return replace(row, old=old, cells=_pieces("-", old))
    gone = _pieces("-", old or ((),) * len(kept))
    cells = tuple(gone[k] if to is None else row.cells[to] for k, to in enumerate(kept))
    new = tuple(() if to is None else row.new[to] for to in kept)
    is_changed = any(piece.op != "=" for cell in cells for piece in cell)
    kind = "changed" if row.kind == "same" and is_changed else row.kind
    return replace(row, kind=kind, old=old, new=new, cells=cells)


def _rows(old: Sequence[Cells], new: Sequence[Cells]) -> tuple[RowChange, ...]:
    rows: list[RowChange] = []
    before, after = [_key(row) for row in old], [_key(row) for row in new]
    for i, p, j, q, equal in diffing.gaps(diffing.matches(before, after), len(before), len(after)):
        rows.extend(_gap(old[i:p], new[j:q], starts_table=i == j == 0))
        for k in range(equal):
            row = new[q + k]
            rows.append(RowChange("same", old[p + k], row, _pieces("=", row), is_header=q + k == 0))
    return tuple(rows)


def _gap(old: Sequence[Cells], new: Sequence[Cells], *, starts_table: bool) -> list[RowChange]:
    bags_old, bags_new = [_bag(row) for row in old], [_bag(row) for row in new]
    scores = []
    for a, x in zip(old, bags_old, strict=True):
        line = []
        for b, y in zip(new, bags_new, strict=True):
            value = likeness(x, y)
            if a and b and a[0] and key(inline.text(a[0])) == key(inline.text(b[0])):
                value = max(value, 0.4) + 0.5
            line.append(value if value >= 0.5 else 0.0)
        scores.append(line)
    rows: list[RowChange] = []
    i = j = 0
    for a_at, b_at in [*diffing.best_chain(scores), (len(old), len(new))]:
        rows.extend(_row("-", row) for row in old[i:a_at])
        rows.extend(_row("+", row) for row in new[j:b_at])
        if a_at < len(old) and b_at < len(new):
            cells = _compare_cells(old[a_at], new[b_at])
            kind = "changed" if any(p.op != "=" for cell in cells for p in cell) else "same"
            rows.append(RowChange(kind, old[a_at], new[b_at], cells, is_header=starts_table and a_at == b_at == 0))
        i, j = a_at + 1, b_at + 1
    return rows


def _compare_cells(old: Cells, new: Cells) -> tuple[tuple[Piece, ...], ...]:
    """Compare cell by cell; where the number of columns differs, equal cells decide which go together."""
    if len(old) == len(new):
        return tuple(compare_words(a, b) for a, b in zip(old, new, strict=True))
    cells: list[tuple[Piece, ...]] = []
    names_old, names_new = [key(inline.text(c)) for c in old], [key(inline.text(c)) for c in new]
    for i, p, j, q, equal in diffing.gaps(diffing.matches(names_old, names_new), len(old), len(new)):
        both = min(p - i, q - j)
        cells.extend(compare_words(old[i + k], new[j + k]) for k in range(both))
        cells.extend(_pieces("-", old[i + both : p]))
        cells.extend(_pieces("+", new[j + both : q]))
        cells.extend(_pieces("=", new[q : q + equal]))
    return tuple(cells)


def likeness_of(old: Cells, new: Cells) -> float:
    return likeness(_bag(old), _bag(new))


def moved(old: Cells, new: Cells) -> tuple[RowChange, RowChange]:
    """Return a row as it is shown where it stood, and where it stands now."""
    return RowChange("moved-away", old, (), _pieces("=", old)), RowChange("moved", old, new, _compare_cells(old, new))


def _row(op: str, row: Cells, *, is_header: bool = False) -> RowChange:
    old, new = (row, ()) if op == "-" else ((), row)
    return RowChange("removed" if op == "-" else "added", old, new, _pieces(op, row), is_header=is_header)


def _pieces(op: str, row: Cells) -> tuple[tuple[Piece, ...], ...]:
    return tuple((Piece(op, cell),) if cell else () for cell in row)


def _key(row: Cells) -> str:
    return "|".join(key(inline.told(cell)) for cell in row)


def _bag(row: Cells) -> Counter[str]:
    return Counter(word for cell in row for word in key(inline.text(cell)).split())
