"""
Check everything the ledger binds: bodies against leaves, leaves against the signed heads, rows against bodies.

Nothing is trusted but the key: what a database's owner changed behind the triggers is named here. A database that was
rolled back as a whole agrees with itself; it is found with a checkpoint that somebody kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction

from policies import ledger
from policies.evidence import bound_renderings, leaf_opening, policy_terms, sound_acts
from policies.ledger import notes, proofs
from policies.ledger.tree import STORED_EVERY, TILE, node_hash, root_over
from policies.models import Checkpoint, LedgerLeaf, LedgerNode


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
    """A tree that grows leaf by leaf: its head at any moment from the roots of its complete tiles, and the open one."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: list[bytes] = []
        self._tile: list[bytes] = []
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        self._tile.append(leaf)
        self.size += 1
        if len(self._tile) == TILE:
            self._close()

    def root(self) -> bytes:
        roots = [root for _height, root in self._peaks] + ([root_over(self._tile)] if self._tile else [])
        if not roots:
            return root_over([])
        value = roots.pop()
        while roots:
            value = node_hash(roots.pop(), value)
        return value

    def _close(self) -> None:
        height, value = 0, root_over(self._tile)
        self.tiles.append(value)
        self._tile.clear()
        while self._peaks and self._peaks[-1][0] == height:
            _height, left = self._peaks.pop()
            height, value = height + 1, node_hash(left, value)
        self._peaks.append((height, value))


def verify(*, kept: Sequence[str] = ()) -> Report:
    """Check the whole ledger; `kept` are checkpoints that somebody outside kept, as texts."""
    report = Report()
    # In a transaction PostgreSQL hands rows out as it reads them; outside of one it lays all of them down first.
    with transaction.atomic() if connection.vendor == "postgresql" else nullcontext():
        _check_leaves(report, kept)
    checks = (leaf_opening.unlisted, leaf_opening.screens_changed, leaf_opening.texts_changed)
    for check in (*checks, policy_terms.policies_differ, bound_renderings.pages_differ):
        for finding in check():
            report.add(*finding)
    return report


def _check_leaves(report: Report, kept: Sequence[str]) -> None:
    """Read all leaves once: grow the tree over them, and hold each against what it is about."""
    heads, acts = _Heads(report, kept), sound_acts.SoundActs()
    leaves = sound_acts.leaves()
    while chunk := list(islice(leaves, sound_acts.CHUNK)):
        report.leaves += len(chunk)
        heads.grow(chunk)
        _open(report, acts.doubtful(chunk))
    heads.finish()


def _open(report: Report, doubtful: Sequence[int]) -> None:
    """Open with care what is not known to be sound."""
    leaves = list(LedgerLeaf.objects.filter(pk__in=doubtful).order_by("id")) if doubtful else []
    opener = leaf_opening.Opener(leaves)
    for leaf in leaves:
        opened = opener.open(leaf)
        report.closed += opened.is_closed
        for finding in opened.findings:
            report.add(*finding)


class _Heads:
    """The signed heads and the tree that grows past them: each is held against the tree of its size."""

    def __init__(self, report: Report, kept: Sequence[str]) -> None:
        self.report, self.tree, self.waiting = report, Growing(), _heads(report, kept)

    def grow(self, leaves: Sequence[sound_acts.Leaf]) -> None:
        report, tree, waiting = self.report, self.tree, self.waiting
        for _id, index, _kind, _reference, hashed, *_rest in leaves:
            if index is None:
                return
            while index > tree.size:
                report.add("leaf-missing", f"leaf {tree.size}", "A sealed leaf is missing.")
                tree.add(b"")
            if index < tree.size:
                report.add("leaf-doubled", f"leaf {index}", "Two leaves claim one place.")
                continue
            tree.add(hashed)
            for where, root in waiting.pop(tree.size, ()):
                if root != tree.root():
                    report.add("head-mismatch", where, f"The first {tree.size} leaves do not have the root it says.")

    def finish(self) -> None:
        """What no leaf led to: heads beyond the last one, leaves beyond the last head, stored parts of the tree."""
        size = self.report.sealed = self.tree.size
        for said, waiting in self.waiting.items():
            for where, _root in waiting:
                self.report.add("rolled-back", where, f"It covers {said} leaves, the database has only {size} sealed.")
        latest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
        if size > latest:
            self.report.add("leaf-unsigned", f"leaf {latest}", "Sealed leaves lie beyond the last signed head.")
        for finding in _levels_differ(self.tree.tiles):
            self.report.add(*finding)


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


def _levels_differ(expected: list[bytes]) -> Iterator[tuple[str, str, str]]:
    """The stored levels, held against the roots of the complete tiles."""
    level = STORED_EVERY
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
