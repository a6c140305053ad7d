"""
Leaves of acts that are what their rows say, found fast: rows are read in the order they lie in, as text, as tuples.

Only "sound" is said here, and which acts a leaf is about. Whatever is not shown to be sound, for whatever reason, is
opened with care by `leaf_opening`, which names what is wrong and looks for the leaf of every act that is left.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.db.models import Func, Min, TextField

from policies import ledger
from policies.models import Act, ActSubject, LedgerLeaf

CHUNK = 5_000
# How many rows of acts are held beside a chunk of leaves: a leaf's act lies about where the leaf does.
AHEAD = 2 * CHUNK
# So many acts that no leaf was about are looked for one by one; of more, all are looked for at once.
MOST_LEFT = CHUNK

IS_HEX = re.compile("[0-9a-f]{32}")
BINDINGS = frozenset(Act.Binding.values)

# id, index, kind, reference, hash, body, instant
Leaf = tuple[int, int | None, str, str, bytes, str, str]
Row = tuple[Any, ...]


class Said(Func):
    """An instant as records say it, written by the database: objects for millions of them take longest of all."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        written = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return self.as_sql(compiler, connection, template=written, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        fraction = "CASE length(%(expressions)s) WHEN 19 THEN '.000000' ELSE '' END"
        written = f"replace(%(expressions)s, ' ', 'T') || {fraction} || 'Z'"
        return self.as_sql(compiler, connection, template=written, **context)


class Hex(Func):
    """A UUID as 32 hexadecimal digits, written by the database."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="replace((%(expressions)s)::text, '-', '')", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)


_WRITTEN = {"undoes__subject_ref": Hex("undoes__subject_ref"), "displayed_at": Said("displayed_at")}


def leaves(*, after: int = 0) -> Iterator[Leaf]:
    """The leaves in the order of the tree without the first ones; at the end those that wait for their place."""
    columns = ("id", "leaf_index", "kind", "reference", "leaf_hash", "body", Said("at"))
    sealed = LedgerLeaf.objects.filter(leaf_index__gte=after).order_by("leaf_index").values_list(*columns)
    waiting = LedgerLeaf.objects.filter(leaf_index=None).order_by("id").values_list(*columns)
    return chain(sealed.iterator(chunk_size=CHUNK), waiting.iterator(chunk_size=CHUNK))


def acts(*, since: int = 0) -> Iterator[Row]:
    """What leaves bind of acts, in the order they were recorded, each after its reference, instant and binding."""
    columns = [_WRITTEN.get(name, name) for name in ledger.ACT_COLUMNS]
    rows = Act.objects.filter(id__gte=since).order_by("id")
    return rows.values_list(Hex("subject_ref"), Said("at"), "binding", *columns).iterator(chunk_size=CHUNK)


def subjects(*, since: int = 0) -> Iterator[Row]:
    """Whose they were, each after its reference and salt."""
    rows = ActSubject.objects.filter(id__gte=since).order_by("id")
    return rows.values_list(Hex("subject_ref"), "salt", *ledger.SUBJECT_COLUMNS).iterator(chunk_size=CHUNK)


class SoundActs:
    """Holds leaves, chunk by chunk, against the acts and whose they were, which are read along with them."""

    def __init__(self, *, after: int = 0) -> None:
        first = _first(after) if after else {Act: 0, ActSubject: 0}
        self._is_partial = after > 0
        self._acts, self._subjects = _Ahead(acts(since=first[Act])), _Ahead(subjects(since=first[ActSubject]))

    def doubtful(self, chunk: Iterable[Leaf]) -> list[int]:
        """The ids of those leaves that are not shown to be the leaves of sound acts."""
        self._acts.fill()
        self._subjects.fill()
        return [leaf[0] for leaf in chunk if not self._is_sound(leaf)]

    def left(self) -> list[UUID] | None:
        """
        The references of all acts that no sound leaf was about, after the last chunk; None where they are too many.

        Every other act has a leaf, and nobody has to look for it again.
        """
        rows = None if self._is_partial else self._acts.left(MOST_LEFT)
        return None if rows is None else [UUID(hex=reference) for reference in rows]

    def _is_sound(self, leaf: Leaf) -> bool:
        _id, _index, kind, reference, hashed, body, at = leaf
        if kind != "act" or body:
            return False
        act, subject = self._acts.held.pop(reference, None), self._subjects.held.pop(reference, None)
        if act is None or subject is None or act[1] != at or act[2] not in BINDINGS:
            return False
        return ledger.written_act_leaf_hash(act, subject) == hashed


class _Ahead:
    """Rows by their reference, so many read ahead of what is asked for."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.held: dict[str, Row] = {}

    def fill(self) -> None:
        self.held.update((row[0], row) for row in islice(self._rows, AHEAD - len(self.held)))

    def left(self, most: int) -> list[str] | None:
        """The references of what is held and still to be read; None where there are more than `most`."""
        found = [*islice(chain(self.held, (row[0] for row in self._rows)), most + 1)]
        return found if len(found) <= most else None


def _first(after: int) -> dict[Any, int]:
    """The lowest ids of the rows that the next leaves are about: those before are not read again."""
    found = LedgerLeaf.objects.filter(kind="act", leaf_index__gte=after).order_by("leaf_index")
    references = found.values_list("reference", flat=True)[:CHUNK]
    # Written by us as 32 digits; what somebody made of them since is opened with care.
    known = [UUID(hex=reference) for reference in references if IS_HEX.fullmatch(reference)]
    return {
        model: model.objects.filter(subject_ref__in=known).aggregate(first=Min("id"))["first"] or 0
        for model in (Act, ActSubject)
    }
