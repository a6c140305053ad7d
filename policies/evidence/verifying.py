"""
Check everything the ledger binds: bodies against leaves, leaves against the signed heads, rows against bodies.

Nothing is trusted but the key: what a database's owner changed behind the triggers is named here. A database that was
rolled back as a whole agrees with itself; it is found with a checkpoint that somebody kept.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from uuid import UUID

from django.db import connection, transaction

from policies import ledger
from policies.evidence import batches, bound_renderings, derived, leaf_opening, policy_terms, sound_acts
from policies.ledger import notes, proofs, sealing
from policies.ledger.tree import STORED_EVERY, TILE, Growing, is_consistent, root_over
from policies.models import Checkpoint, LedgerLeaf, LedgerNode

# What is not found by opening leaves, and what follows from other rows.
CHECKS = (
    leaf_opening.screens_changed,
    leaf_opening.texts_changed,
    policy_terms.policies_differ,
    bound_renderings.pages_differ,
    batches.rows_differ,
    derived.standings_differ,
    derived.audiences_differ,
)
# Where nothing is said of the time: before and after everything, as it is written.
EARLIEST, LATEST = "", "~"


@dataclass(frozen=True)
class Finding:
    """One mismatch: what is wrong (`code`, for programs), where, and in words."""

    code: str
    where: str
    message: str


@dataclass
class Report:
    """
    What was checked and what was found; `closed` leaves belong to erased people and cannot be opened any more.

    The first `since` leaves were verified before and not opened again; `head` is the newest signed head that was met.
    """

    since: int = 0
    head: str = ""
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


def verify(*, kept: Sequence[str] = (), since: str | None = None) -> Report:
    """
    Check the whole ledger, or what came after `since`, a head that was verified before.

    `kept` and `since` are checkpoints, as texts, that somebody kept where the database's owner cannot write. After
    `since` the log is proven to begin with that head; earlier leaves are not opened again. Everything else is checked
    as a whole: that all acts are listed, texts, terms, pages and screens.

    :raises notes.NotSigned: if `since` is no signed head of this log
    """
    start = notes.read(since, verifiers=proofs.verifiers()) if since is not None else None
    report = Report(since=start.size if start else 0, head=since or "")
    # In a transaction PostgreSQL hands rows out as it reads them; outside of one it lays all of them down first.
    with transaction.atomic() if connection.vendor == "postgresql" else nullcontext():
        left = _check_leaves(report, kept, start)
    for finding in chain(leaf_opening.unlisted(among=left), *(check() for check in CHECKS)):
        report.add(*finding)
    return report


def _check_leaves(report: Report, kept: Sequence[str], start: notes.Head | None) -> list[UUID] | None:
    """
    Read the leaves once: grow the tree over them, and hold each against what it is about.

    :returns: the acts that may be in no leaf; None where that is known of none
    """
    tree = Growing.after(report.since, sealing.stored_tree())
    if start and start.root != tree.root():
        code = "rolled-back" if sealing.size() < start.size else "head-mismatch"
        said = "The log does not begin with the head that was verified before. Verifying everything tells where."
        report.add(code, f"verified head {start.size}", said)
        return None
    heads, acts = _Heads(report, kept, tree), sound_acts.SoundActs(after=report.since)
    leaves = sound_acts.leaves(after=report.since)
    while chunk := list(islice(leaves, sound_acts.CHUNK)):
        report.leaves += len(chunk)
        heads.grow(chunk)
        _open(report, acts.doubtful(chunk))
    heads.finish()
    return acts.left()


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
    """
    The signed heads and the tree that grows past them: each is held against the tree of its size.

    A leaf is of a time between that of the last head without it and that of the first one with it: whatever else it
    says was not written when it says that it was. A head over as many new leaves as one takes left others waiting, and
    says nothing about those.
    """

    def __init__(self, report: Report, kept: Sequence[str], tree: Growing) -> None:
        self.report, self.tree = report, tree
        self.waiting: dict[int, list[tuple[str, notes.Head, str]]] = {}
        self.earliest, self.latest = EARLIEST, LATEST
        before = Checkpoint.objects.filter(size__lt=report.since).order_by("-size").values_list("size", flat=True)
        self.signed = before.first() or 0
        for where, note in self._ours():
            self._await(where, note)
        for number, note in enumerate(kept, start=1):
            self._await(f"kept checkpoint {number}", note)
        self._meet()

    def _ours(self) -> Iterator[tuple[str, str]]:
        """The database's own heads, their rows held against what their notes say."""
        for checkpoint in Checkpoint.objects.filter(size__gte=self.report.since).order_by("size"):
            self.report.checkpoints += 1
            where, stated = f"checkpoint {checkpoint.size}", checkpoint.note.splitlines()
            root = base64.b64encode(bytes(checkpoint.root)).decode()
            if stated[1:3] != [str(checkpoint.size), root]:
                self.report.add("checkpoint-changed", where, "Its row does not say what its signed note says.")
            if f"at {ledger.instant(checkpoint.at)}" not in stated:
                self.report.add("checkpoint-changed", where, "Its row has another time than its signed note.")
            yield where, checkpoint.note

    def _await(self, where: str, note: str) -> None:
        """Wait for the tree to reach a head; of one below its beginning, ask for the proof that it leads there."""
        try:
            head = notes.read(note, verifiers=proofs.verifiers())
        except notes.NotSigned as error:
            self.report.add("checkpoint-unsigned", where, str(error))
            return
        if 0 < head.size < self.tree.size:
            between = {"first": head.size, "second": self.tree.size}
            path = sealing.stored_tree().consistency(**between)
            if not is_consistent(**between, first_root=head.root, second_root=self.tree.root(), path=path):
                said = f"What was verified before does not begin with its {head.size} leaves."
                self.report.add("head-mismatch", where, said)
            return
        self.waiting.setdefault(head.size, []).append((where, head, note))

    def _meet(self) -> None:
        for where, head, note in self.waiting.pop(self.tree.size, ()):
            if head.root == self.tree.root():
                self.report.head = note
                if self.tree.size - self.signed < sealing.AT_ONCE:
                    self.earliest = max(self.earliest, _moved(head.at, -batches.SLACK))
            else:
                said = f"The first {self.tree.size} leaves do not have the root it says."
                self.report.add("head-mismatch", where, said)
        self.signed = self.tree.size
        following = self.waiting.get(min((size for size in self.waiting if size > self.tree.size), default=0), ())
        self.latest = min((_moved(head.at, batches.SLACK) for _where, head, _note in following), default=LATEST)

    def grow(self, leaves: Sequence[sound_acts.Leaf]) -> None:
        report, tree = self.report, self.tree
        for _id, index, kind, reference, hashed, _body, at in leaves:
            if not self.earliest <= at <= self.latest:
                self._misplaced(f"{kind} {reference}", at)
            if index is None:
                continue
            while index > tree.size:
                report.add("leaf-missing", f"leaf {tree.size}", "A sealed leaf is missing.")
                tree.add(b"")
            if index < tree.size:
                report.add("leaf-doubled", f"leaf {index}", "Two leaves claim one place.")
                continue
            tree.add(hashed)
            if tree.size in self.waiting:
                self._meet()

    def _misplaced(self, where: str, at: str) -> None:
        is_late = at < self.earliest
        beside = "the head before it is newer" if is_late else "the head over it is older"
        said = f"It says that it is of {at}, but {beside}: it was not written then."
        self.report.add("leaf-time", where, said)

    def finish(self) -> None:
        """What no leaf led to: heads beyond the last one, leaves beyond the last head, stored parts of the tree."""
        size = self.report.sealed = self.tree.size
        for said, waiting in self.waiting.items():
            for where, _head, _note in waiting:
                self.report.add("rolled-back", where, f"It covers {said} leaves, the database has only {size} sealed.")
        latest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
        if size > latest:
            self.report.add("leaf-unsigned", f"leaf {latest}", "Sealed leaves lie beyond the last signed head.")
        for finding in _levels_differ(self.tree.tiles, first=self.report.since // TILE):
            self.report.add(*finding)


def _moved(at: str, by: timedelta) -> str:
    """An instant of a head, moved; as leaves write theirs."""
    if not at:
        return EARLIEST if by < timedelta() else LATEST
    return ledger.instant(datetime.fromisoformat(at) + by)


def _levels_differ(roots: list[bytes], *, first: int) -> Iterator[tuple[str, str, str]]:
    """The stored levels, held against the roots of the complete tiles, of which the first ones may be left out."""
    level = STORED_EVERY
    while True:
        nodes = LedgerNode.objects.filter(level=level)
        stored = dict(nodes.filter(index__gte=first).values_list("index", "node_hash"))
        if not roots and not stored:
            return
        for index in range(first, max(first + len(roots), max(stored, default=-1) + 1)):
            value = bytes(stored[index]) if index in stored else None
            if index >= first + len(roots) or value != roots[index - first]:
                yield "node-mismatch", f"level {level}, node {index}", "A stored part of the tree is wrong."
        above = first // TILE
        earlier = nodes.filter(index__gte=above * TILE, index__lt=first).order_by("index")
        whole = [bytes(value) for value in earlier.values_list("node_hash", flat=True)] + roots
        roots = [root_over(whole[i : i + TILE]) for i in range(0, len(whole) - TILE + 1, TILE)]
        first, level = above, level + STORED_EVERY
