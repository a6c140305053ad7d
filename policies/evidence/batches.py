"""Rows that are bound in batches against their batches: what was changed, removed or invented is named one by one."""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from policies.ledger import rows
from policies.ledger.rows import DIGEST, IN_BATCHES, InBatches
from policies.models import BoundRows, Delivery, LedgerLeaf

Found = tuple[str, str, str]
# A row is bound within minutes of its own time. One that says that it is older than the last batch came later.
SLACK = timedelta(hours=1)


def leaf_differs(leaf: LedgerLeaf, where: str) -> Iterator[Found]:
    """A leaf without its batch. The batches that are there are held against their leaves with their rows."""
    if not BoundRows.objects.filter(pk=leaf.reference).exists():
        yield "batch-changed", where, "The batch of this leaf was removed: what it bound cannot be checked."


def rows_differ() -> Iterator[Found]:
    """Name every row that is not what its batch has, that is gone, or that should be in a batch and is in none."""
    instants = sorted({*BoundRows.objects.filter(released=False).values_list("at", flat=True)})
    known = {table.table for table in IN_BATCHES}
    for batch in BoundRows.objects.exclude(table__in=known).only("pk", "table"):
        yield "batch-changed", f"rows {batch.pk}", f"A batch of {batch.table}: there is no such table."
    for table in IN_BATCHES:
        unbelieved: list[int] = []
        yield from _batches_differ(table, unbelieved, instants)
        if instants:
            yield from _unlisted(table, unbelieved, instants[-1] - SLACK)


def _batches_differ(table: InBatches, unbelieved: list[int], instants: Sequence[datetime]) -> Iterator[Found]:
    """
    Name the rows that are not as they were, and fill `unbelieved` with batches that the log does not have.

    `instants`: when batches of any table were taken.
    """
    gone: dict[str, int] = {}
    of_this = BoundRows.objects.filter(table=table.table, released=False)
    first = of_this.order_by("at").values_list("at", flat=True).first()
    taken = instants[bisect_left(instants, first) :] if first else ()
    # The batches that say what was deleted come first.
    for batch in BoundRows.objects.filter(table=table.table).order_by("-released", "pk").iterator(chunk_size=2):
        if wrong := _wrong_with(batch):
            unbelieved.append(batch.pk)
            yield wrong
        elif batch.released:
            gone.update(dict.fromkeys(batch.keys.split("\n"), batch.pk))
        else:
            yield from _batch_differs(table, batch, gone)
            yield from _back_dated(table, batch, taken)


def _wrong_with(batch: BoundRows) -> Found | None:
    """Hold a batch against its leaf: only what the log says is believed of the rows."""
    where = f"rows {batch.pk}"
    leaf = LedgerLeaf.objects.filter(kind="rows", reference=str(batch.pk)).first()
    if leaf is None:
        return "batch-unlisted", where, f"A batch of {batch.table} has no leaf: it was added without the ledger."
    body = _body_of(leaf)
    changed = sorted(name for name, value in rows.described(batch).items() if body.get(name) != value)
    if changed or batch.at != leaf.at:
        said = f"The batch of {batch.table}: {', '.join(changed) or 'at'} is not what was recorded."
        return "batch-changed", where, said
    return None


def _body_of(leaf: LedgerLeaf) -> dict[str, object]:
    """What a leaf says; nothing where it was damaged, which is named where leaves are opened."""
    try:
        body = json.loads(leaf.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _batch_differs(table: InBatches, batch: BoundRows, gone: Mapping[str, int]) -> Iterator[Found]:
    """Hold a batch against its rows; `gone` says by which batch, the last one, each key was released."""
    keys, hashes, salt = batch.keys.split("\n"), bytes(batch.hashes), bytes(batch.salt)
    # Whatever state a row is in now: one that was final and is not any more was changed.
    now = table.model._base_manager.filter(pk__in=keys).values_list("pk", *batch.columns.split(","))
    values = {str(pk): row for pk, *row in now}
    for place, key in enumerate(keys):
        where = f"{table.model._meta.model_name} {key}"
        if table.reused and gone.get(key, 0) > batch.pk:
            continue  # whatever has the key today is another row
        if key not in values:
            if key not in gone:
                yield "row-removed", where, "The row was removed, and nothing in the ledger says so."
        elif next(rows.hashes_of([values[key]], salt)) != hashes[place * DIGEST : (place + 1) * DIGEST]:
            yield "row-changed", where, "The row is not what was recorded."


def _back_dated(table: InBatches, batch: BoundRows, taken: Sequence[datetime]) -> Iterator[Found]:
    """
    Name rows of a batch that say that they were there when the one before was taken, and were not.

    The first batch of a table takes what was there, as after an upgrade. Deliveries wait until their notice is over.
    """
    before = taken[: bisect_left(taken, batch.at)]
    if not before or table.time is None or table.model is Delivery:
        return
    older = table.model._base_manager.filter(pk__in=batch.keys.split("\n"), **{f"{table.time}__lt": before[-1] - SLACK})
    for pk in older.order_by("pk").values_list("pk", flat=True):
        said = "The row says that it is older than a batch that does not have it: it was added later."
        yield "row-back-dated", f"{table.model._meta.model_name} {pk}", said


def _unlisted(table: InBatches, unbelieved: list[int], before: datetime) -> Iterator[Found]:
    """Rows in no batch that say that they are older than the last, or lie far behind those that are in one."""
    batches = BoundRows.objects.filter(table=table.table, released=False).exclude(pk__in=unbelieved)
    last = batches.aggregate(last=Max("last"))["last"] or 0
    final = rows.in_none_of(batches, table.rows)
    if table.model is Delivery:  # they are bound together when their notice is over, however long it takes
        final = final.filter(notice__in=rows.ended_notices().filter(finished_at__lt=before))
    times = final.order_by("pk").values_list("pk", *([table.time] if table.time else []))
    for pk, *at in times.iterator(chunk_size=5_000):
        is_between = table.grows and table.model is not Delivery and pk <= last - rows.LOOK_BACK
        if is_between or (at and at[0] is not None and at[0] < before):
            where = f"{table.model._meta.model_name} {pk}"
            yield "row-unlisted", where, "The row is in no batch: it was added without the ledger."
