"""What shows outsiders that a leaf is in the tree, and that a later tree begins with an earlier one."""

import base64
from dataclasses import dataclass

from django.conf import settings

from policies.ledger import notes
from policies.ledger.sealing import stored_tree
from policies.models import Checkpoint, LedgerLeaf


class NoSuchTree(ValueError):
    """There is no signed head of that size, or the leaf is not under it."""


@dataclass(frozen=True)
class Inclusion:
    """A leaf's place, the hashes that lead to the root, and the signed head that has this root."""

    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    checkpoint: str

    def as_json(self) -> dict[str, object]:
        return {
            "leaf_sha256": self.leaf.hex(),
            "leaf_index": self.index,
            "tree_size": self.size,
            "path": [base64.b64encode(step).decode() for step in self.path],
            "checkpoint": self.checkpoint,
        }

    def as_text(self, *, entry: bytes) -> str:
        """
        The same as one text that tools of others take (c2sp.org/tlog-proof).

        `entry` is what the leaf is the hash of (after a byte 0), as extra data; empty where that is not to be told.
        """
        extra = [f"extra {base64.b64encode(entry).decode()}"] if entry else []
        path = [base64.b64encode(step).decode() for step in self.path]
        return "\n".join(["c2sp.org/tlog-proof@v1", *extra, f"index {self.index}", *path, "", self.checkpoint])


def inclusion(leaf: LedgerLeaf, *, size: int | None = None) -> Inclusion | None:
    """
    Show that `leaf` is under the latest signed head, or under the one of `size`. None while it waits to be sealed.

    :raises NoSuchTree: if no head has that size, or it does not cover the leaf
    """
    if leaf.leaf_index is None:
        return None
    head = Checkpoint.objects.filter(size=size).first() if size else Checkpoint.objects.order_by("-size").first()
    if head is None or head.size <= leaf.leaf_index:
        raise NoSuchTree(f"No signed head of {size} leaves covers this leaf.")
    path = stored_tree().inclusion(leaf.leaf_index, head.size)
    return Inclusion(bytes(leaf.leaf_hash), leaf.leaf_index, head.size, tuple(path), head.note)


def consistency(*, first: int, second: int) -> list[bytes]:
    """
    Show that the tree of `second` leaves begins with that of `first`.

    :raises NoSuchTree: if one of them has no signed head, or they are in the wrong order
    """
    heads = Checkpoint.objects.filter(size__in={first, second}).count()
    if first > second or heads != len({first, second}):
        raise NoSuchTree("Both sizes have to be those of signed heads, the smaller one first.")
    return stored_tree().consistency(first, second)


def verifiers() -> tuple[str, ...]:
    """The public keys that sign, or once signed, the heads of this log; the present one first."""
    return notes.verifier(), *settings.LEDGER_OLD_VERIFIERS
