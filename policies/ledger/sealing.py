"""
Sealing: give new leaves their dense index, extend the stored levels of the tree, and sign its head.

One sealer at a time holds the slot. Leaves are numbered in the order in which they are found committed, never by id:
ids are drawn before a transaction commits and so can appear late. The log is public, so what is under embargo waits
until that ends.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from policies.ledger import notes
from policies.ledger.tree import STORED_EVERY, TILE, Tree, root_over
from policies.models import Checkpoint, JobSlot, LedgerLeaf, LedgerNode
from policies.models.ledger import OF_VERSIONS

SLOT = "seal-ledger"
AT_ONCE = 20_000

# An embargo lies ahead of the caller's clock and of the database's: a caller whose clock is late holds nothing back.
NOW = {"postgresql": "now()", "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"}
NUMBER_LEAVES = """
    UPDATE policies_ledgerleaf SET leaf_index = placed.leaf_index
    FROM (
        SELECT id, %s + row_number() OVER (ORDER BY id) - 1 AS leaf_index
        FROM (
            SELECT id FROM policies_ledgerleaf
            WHERE leaf_index IS NULL
                AND NOT (at > %s AND at > {now} AND kind IN {of_versions})
            ORDER BY id LIMIT %s
        ) AS waiting
    ) AS placed
    WHERE placed.id = policies_ledgerleaf.id
"""


def seal_all(*, at: datetime) -> Checkpoint | None:
    """Seal until no leaf waits; return the last checkpoint made, if any."""
    last = None
    while (sealed := seal(at=at)) is not None:
        last = sealed
    return last


@transaction.atomic(durable=True)
def seal(*, at: datetime, at_once: int = AT_ONCE) -> Checkpoint | None:
    """Seal up to `at_once` leaves under one signed head; None where none waits."""
    JobSlot.objects.get_or_create(name=SLOT)
    JobSlot.objects.select_for_update().get(name=SLOT)
    before = size()
    with connection.cursor() as cursor:
        number = NUMBER_LEAVES.format(now=NOW[connection.vendor], of_versions=OF_VERSIONS)
        cursor.execute(number, [before, connection.ops.adapt_datetimefield_value(at), at_once])
        after = before + cursor.rowcount
    if after == before:
        return None
    _store_levels(before, after)
    root = stored_tree().root(after)
    return Checkpoint.objects.create(size=after, root=root, note=notes.sign(size=after, root=root, at=at), at=at)


def size() -> int:
    """How many leaves the latest signed head covers."""
    latest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return latest or 0


def stored_tree() -> Tree:
    """The tree over the sealed leaves, read from the database."""
    return Tree(_read)


def _read(level: int, first: int, count: int) -> Sequence[bytes]:
    if level == 0:
        leaves = LedgerLeaf.objects.filter(leaf_index__gte=first, leaf_index__lt=first + count)
        return [bytes(value) for value in leaves.order_by("leaf_index").values_list("leaf_hash", flat=True)]
    nodes = LedgerNode.objects.filter(level=level, index__gte=first, index__lt=first + count)
    return [bytes(value) for value in nodes.order_by("index").values_list("node_hash", flat=True)]


def _store_levels(before: int, after: int) -> None:
    """Store the roots of the subtrees of 256, 65,536, ... leaves that are complete now and were not before."""
    level = STORED_EVERY
    while after >> level:
        first, end = before >> level, after >> level
        LedgerNode.objects.bulk_create(
            LedgerNode(level=level, index=index, node_hash=root_over(_read(level - STORED_EVERY, index * TILE, TILE)))
            for index in range(first, end)
        )
        level += STORED_EVERY
