"""The signed heads that everything in a pack leads to: our own, and the newest one that somebody outside saw."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from policies import anchoring
from policies.evidence.pack import cover
from policies.evidence.pack.writing import json_of
from policies.ledger import notes, proofs, sealing
from policies.ledger.tree import STORED_EVERY, Reader, Tree
from policies.models import Checkpoint, CheckpointAnchor, LedgerLeaf


@dataclass(frozen=True)
class Log:
    """
    The log as far as the head of a pack goes, and the way to it from any leaf.

    `note` is that head, `witnessed` the newest one that a witness signed, with their lines.
    """

    head: Checkpoint
    note: str
    witnessed: tuple[int, str] | None
    tree: Tree

    @classmethod
    def up_to(cls, head: Checkpoint, anchored: "Anchored | None") -> "Log":
        # Signed once more: the same bytes, unless the key was changed since. A pack is checked by one key.
        note = notes.sign(size=head.size, root=bytes(head.root), at=head.at)
        seen = (anchored.head.size, anchoring.cosigned(anchored.head)) if anchored else None
        return cls(head, note, seen, Tree(_remembered(sealing.stored_tree().read)))

    def proof(self, leaf: LedgerLeaf | None) -> dict[str, object] | None:
        """That a leaf is in the log; None where there is no leaf, or it was sealed later."""
        found = self._inclusion(leaf, self.head.size, self.note)
        return found.as_json() if found else None

    def file(self, leaf: LedgerLeaf | None, *, entry: bytes = b"") -> Iterator[tuple[str, bytes]]:
        """The same as a file for tools of others (c2sp.org/tlog-proof), under what a witness signed where that goes."""
        found = self.witnessed and self._inclusion(leaf, *self.witnessed)
        found = found or self._inclusion(leaf, self.head.size, self.note)
        if leaf and found:
            name = f"proofs/{leaf.kind}-{leaf.reference.replace('/', '-')}.tlog-proof"
            yield name, found.as_text(entry=entry or leaf.body.encode()).encode()

    def _inclusion(self, leaf: LedgerLeaf | None, size: int, note: str) -> proofs.Inclusion | None:
        if leaf is None or leaf.leaf_index is None or leaf.leaf_index >= size:
            return None
        path = tuple(self.tree.inclusion(leaf.leaf_index, size))
        return proofs.Inclusion(bytes(leaf.leaf_hash), leaf.leaf_index, size, path, note)


@dataclass(frozen=True)
class Anchored:
    """The newest head that somebody outside vouched for, and what they said."""

    head: Checkpoint
    anchors: Sequence[CheckpointAnchor]

    @classmethod
    def before(cls, head: Checkpoint) -> "Anchored | None":
        """As far as the pack's own head goes; None where nobody vouched for any."""
        newest = Checkpoint.objects.filter(size__lte=head.size, anchors__isnull=False).order_by("-size").first()
        return cls(newest, list(newest.anchors.order_by("id"))) if newest else None

    def files(self, log: Log) -> Iterator[tuple[str, bytes]]:
        """That head as it was vouched for, the proof that the pack's head extends it, and the stamp itself."""
        kinds = CheckpointAnchor.Kind
        lines = [anchor.data for anchor in self.anchors if anchor.kind == kinds.WITNESS]
        names = {anchor.name for anchor in self.anchors if anchor.kind == kinds.WITNESS}
        stamps = [anchor for anchor in self.anchors if anchor.kind == kinds.TIME_STAMP]
        steps = log.tree.consistency(self.head.size, log.head.size)
        described = {
            "size": self.head.size,
            "consistency": [base64.b64encode(step).decode() for step in steps],
            "cosignatures": lines,
            "signed_by": notes.signer(self.head.note, verifiers=proofs.verifiers()),
            "witnesses": [key for key, _url in settings.LEDGER_WITNESSES if key.split("+", 1)[0] in names],
            "time_stamps": [f"checkpoint-anchored-{number}.tsr" for number in range(1, len(stamps) + 1)],
        }
        yield "checkpoint-anchored.txt", self.head.note.encode()
        yield "checkpoint-anchored.json", json_of(described)
        for number, stamp in enumerate(stamps, start=1):
            yield f"checkpoint-anchored-{number}.tsr", base64.b64decode(stamp.data)

    def said(self) -> list[str]:
        """In words, for the cover."""
        return [
            f"{anchor.get_kind_display()}, {anchor.name}, {cover.said(anchor.at)}, over {self.head.size} entries"
            for anchor in self.anchors
        ]


def _remembered(read: Reader) -> Reader:
    """Read each part of the tree once: many proofs share most of their way."""

    @cache
    def tile(level: int, first: int) -> Sequence[bytes]:
        return read(level, first, 1 << STORED_EVERY)

    def cached(level: int, first: int, count: int) -> Sequence[bytes]:
        start = first >> STORED_EVERY << STORED_EVERY
        return tile(level, start)[first - start : first - start + count]

    return cached
