"""Many rows are bound, and held against their batches, in the memory that few take."""

import tracemalloc
from collections.abc import Callable

import pytest

from policies import ledger
from policies.evidence import batches
from policies.models import AuditEvent, BoundRows
from tests.acceptance.asking import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FEW, MANY = 6_000, 24_000


def peak_of(action: Callable[[], object]) -> int:
    """Bytes of Python's that an action holds at most."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_held_does_not_grow_with_the_rows() -> None:
    ledger.bind(at=NOW)
    peaks = []
    for count in (FEW, MANY):
        rows = (AuditEvent(verb="test.counted", at=NOW, data={}) for _ in range(count))
        AuditEvent.objects.bulk_create(rows, batch_size=2_000)
        peaks.append((peak_of(lambda: ledger.bind(at=NOW)), peak_of(lambda: list(batches.rows_differ()))))
    assert sum(BoundRows.objects.filter(table="policies_auditevent").values_list("count", flat=True)) >= FEW + MANY
    assert list(batches.rows_differ()) == []
    (few_bound, few_checked), (many_bound, many_checked) = peaks
    assert many_bound < few_bound + 500_000
    assert many_checked < few_checked + 500_000
