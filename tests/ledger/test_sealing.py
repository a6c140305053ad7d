import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from policies import ledger
from policies.ledger import notes, sealing, tree
from policies.models import Checkpoint, LedgerLeaf, LedgerNode

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def append(count: int, *, start: int = 0) -> None:
    for number in range(start, start + count):
        ledger.append(kind="test", reference=str(number), body={"number": number}, at=NOW)


def hashes() -> list[bytes]:
    return [bytes(found) for found in LedgerLeaf.objects.order_by("leaf_index").values_list("leaf_hash", flat=True)]


def sealed_note() -> str:
    checkpoint = ledger.seal(at=NOW)
    assert checkpoint is not None
    return checkpoint.note


def test_leaves_get_dense_indexes_and_a_signed_head(db: Any) -> None:
    append(3)
    checkpoint = ledger.seal(at=NOW)
    assert checkpoint is not None
    assert list(LedgerLeaf.objects.order_by("id").values_list("leaf_index", flat=True)) == [0, 1, 2]
    assert bytes(checkpoint.root) == tree.root_over(hashes())
    head = notes.read(checkpoint.note, verifiers=(notes.verifier(),))
    assert (head.origin, head.size, head.root) == ("127.0.0.1:8000/policy-log", 3, bytes(checkpoint.root))


def test_nothing_to_seal_makes_no_head(db: Any) -> None:
    assert ledger.seal(at=NOW) is None


def test_stored_levels_give_the_same_roots_and_proofs(db: Any) -> None:
    for start, count in ((0, 255), (255, 2), (257, 300), (557, 500)):
        append(count, start=start)
        ledger.seal(at=NOW)
    assert LedgerNode.objects.count() == 1057 // 256
    found = sealing.stored_tree()
    for checkpoint in Checkpoint.objects.all():
        size = checkpoint.size
        root = tree.root_over(hashes()[:size])
        assert bytes(checkpoint.root) == root
        path = found.inclusion(size // 2, size)
        assert tree.is_included(leaf=hashes()[size // 2], index=size // 2, size=size, path=path, root=root)


def test_many_leaves_are_sealed_in_parts(db: Any) -> None:
    append(25)
    sizes = []
    while sealed := ledger.seal(at=NOW, at_once=10):
        sizes.append(sealed.size)
    assert sizes == [10, 20, 25]


def test_an_index_is_given_once_and_stays(db: Any) -> None:
    append(1)
    ledger.seal(at=NOW)
    with pytest.raises(IntegrityError):
        LedgerLeaf.objects.update(leaf_index=7)


def test_sealers_that_come_together_make_one_tree(fresh_database: Any) -> None:
    append(50)
    sealed = []

    def run() -> None:
        sealed.append(ledger.seal(at=NOW))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed) == 6
    assert [found.size for found in sealed if found] == [50]
    assert list(LedgerLeaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == list(range(50))


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_a_changed_checkpoint_is_not_signed(db: Any, line: Any) -> None:
    append(1)
    lines = sealed_note().split("\n")
    lines[line] += "0"
    with pytest.raises(notes.NotSigned):
        notes.read("\n".join(lines), verifiers=(notes.verifier(),))


def test_a_checkpoint_of_another_key_is_not_signed(db: Any, settings: Any) -> None:
    append(1)
    note = sealed_note()
    settings.LEDGER_KEY = b"k" * 32
    with pytest.raises(notes.NotSigned):
        notes.read(note, verifiers=(notes.verifier(),))


def test_the_key_is_secret_to_its_owner() -> None:
    assert (settings.VAR_DIR / "ledger-key").stat().st_mode & 0o077 == 0
