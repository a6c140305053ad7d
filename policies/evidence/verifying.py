"""
Check everything the ledger binds: bodies against leaves, leaves against the signed heads, rows against bodies.

Nothing is trusted but the key: what a database's owner changed behind the triggers is named here. A database that was
rolled back as a whole agrees with itself; it is found with a checkpoint that somebody kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies import ledger
from policies.evidence import bound_renderings, leaf_opening, policy_terms
from policies.ledger import notes, proofs
from policies.ledger.tree import STORED_EVERY, TILE, node_hash, root_over
from policies.models import Checkpoint, LedgerLeaf, LedgerNode

CHUNK = 5_000


@dataclass(frozen=True)
class Finding:
    """One mismatch: what is wrong (`code`, for programs), where, and in words."""

    code: str
    where: str
    message: str


@dataclass
class Report:
    """What was checked and what was found; `closed` leaves belong to erased people and cannot be opened any more."""

    leaves: int = 0
    sealed: int = 0
    closed: int = 0
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.findings

    def add(self, code: str, where: str, message: str) -> None:
        self.findings.append(Finding(code, where, message))


class Growing:
    """A tree that grows leaf by leaf: its head at any moment from the roots of its complete subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, value = 0, leaf
        while self._peaks and self._peaks[-1][0] == height:
            _height, left = self._peaks.pop()
            height, value = height + 1, node_hash(left, value)
        self._peaks.append((height, value))
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return root_over([])
        value = self._peaks[-1][1]
        for _height, left in reversed(self._peaks[:-1]):
            value = node_hash(left, value)
        return value


def verify(*, kept: Sequence[str] = ()) -> Report:
    """Check the whole ledger; `kept` are checkpoints that somebody outside kept, as texts."""
    report = Report()
    _check_leaves(report)
    _check_heads(report, kept)
    checks = (leaf_opening.unlisted, leaf_opening.screens_changed, leaf_opening.texts_changed)
    for check in (*checks, policy_terms.policies_differ, bound_renderings.pages_differ):
        for finding in check():
            report.add(*finding)
    return report


def _check_leaves(report: Report) -> None:
    for chunk in _chunks(LedgerLeaf.objects.order_by("id")):
        report.leaves += len(chunk)
        opener = leaf_opening.Opener(chunk)
        for leaf in chunk:
            opened = opener.open(leaf)
            report.closed += opened.is_closed
            for finding in opened.findings:
                report.add(*finding)


def _check_heads(report: Report, kept: Sequence[str]) -> None:
    """Grow the tree once over all sealed leaves and hold it against every head on the way."""
    heads = _heads(report, kept)
    tree, nodes = Growing(), _Levels()
    for index, hashed in _sealed():
        while index > tree.size:
            report.add("leaf-missing", f"leaf {tree.size}", "A sealed leaf is missing.")
            tree.add(b"")
        if index < tree.size:
            report.add("leaf-doubled", f"leaf {index}", "Two leaves claim one place.")
            continue
        tree.add(hashed)
        nodes.add(hashed)
        for where, root in heads.pop(tree.size, ()):
            if root != tree.root():
                report.add("head-mismatch", where, f"The first {tree.size} leaves do not have the root it says.")
    report.sealed = tree.size
    for size, waiting in heads.items():
        for where, _root in waiting:
            report.add("rolled-back", where, f"It covers {size} leaves, the database has only {tree.size} sealed.")
    latest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    if tree.size > latest:
        report.add("leaf-unsigned", f"leaf {latest}", "Sealed leaves lie beyond the last signed head.")
    for finding in nodes.compare():
        report.add(*finding)


def _heads(report: Report, kept: Sequence[str]) -> dict[int, list[tuple[str, bytes]]]:
    """The heads to meet, by size: the database's own, and those that somebody kept."""
    verifiers = proofs.verifiers()
    heads: dict[int, list[tuple[str, bytes]]] = {}
    for checkpoint in Checkpoint.objects.order_by("size"):
        report.checkpoints += 1
        where = f"checkpoint {checkpoint.size}"
        try:
            head = notes.read(checkpoint.note, verifiers=verifiers)
        except notes.NotSigned as error:
            report.add("checkpoint-unsigned", where, str(error))
            continue
        if (head.size, head.root) != (checkpoint.size, bytes(checkpoint.root)):
            report.add("checkpoint-changed", where, "Its row does not say what its signed note says.")
        if f"at {ledger.instant(checkpoint.at)}" not in checkpoint.note.splitlines():
            report.add("checkpoint-changed", where, "Its row has another time than its signed note.")
        heads.setdefault(head.size, []).append((where, head.root))
    for number, note in enumerate(kept, start=1):
        where = f"kept checkpoint {number}"
        try:
            head = notes.read(note, verifiers=verifiers)
        except notes.NotSigned as error:
            report.add("checkpoint-unsigned", where, str(error))
            continue
        heads.setdefault(head.size, []).append((where, head.root))
    return heads


class _Levels:
    """The stored levels as they should be, held against what is stored."""

    def __init__(self) -> None:
        self._tile: list[bytes] = []
        self._roots: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self._tile.append(leaf)
        if len(self._tile) == TILE:
            self._roots.append(root_over(self._tile))
            self._tile.clear()

    def compare(self) -> Iterator[tuple[str, str, str]]:
        level, expected = STORED_EVERY, self._roots
        while True:
            stored = dict(LedgerNode.objects.filter(level=level).values_list("index", "node_hash"))
            if not expected and not stored:
                return
            for index in range(max(len(expected), max(stored, default=-1) + 1)):
                value = bytes(stored[index]) if index in stored else None
                if index >= len(expected) or value != expected[index]:
                    yield "node-mismatch", f"level {level}, node {index}", "A stored part of the tree is wrong."
            expected = [root_over(expected[i : i + TILE]) for i in range(0, len(expected) - TILE + 1, TILE)]
            level += STORED_EVERY


def _sealed() -> Iterator[tuple[int, bytes]]:
    leaves = LedgerLeaf.objects.filter(leaf_index__isnull=False).order_by("leaf_index")
    for index, hashed in leaves.values_list("leaf_index", "leaf_hash").iterator(chunk_size=CHUNK):
        if index is not None:
            yield index, bytes(hashed)


def _chunks(leaves: Any) -> Iterator[list[LedgerLeaf]]:
    last = 0
    while chunk := list(leaves.filter(id__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk
