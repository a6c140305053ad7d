"""
Anchors: what others say about the log's heads, where an operator set that up. Off by default.

A time-stamp says that a head existed at a time; a witness's signature says that the log only grew since it looked
last. Both are kept beside the checkpoint, handed out with it, and put into evidence packs.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from policies.anchoring import stamping, witnessing
from policies.ledger import notes, proofs
from policies.models import Checkpoint, CheckpointAnchor, LedgerLeaf

log = logging.getLogger(__name__)

__all__ = ["Source", "anchor_due", "cosigned", "proof_of", "waiting"]

Kind = CheckpointAnchor.Kind


@dataclass(frozen=True)
class Source:
    """
    Somebody who was set up to vouch for the log, and since when a head has waited for that.

    :ivar since: when the first head was signed that came after the last one they saw; None where they saw the newest
    """

    kind: str
    name: str
    since: datetime | None

    def lag(self, *, at: datetime) -> timedelta:
        return max(at - self.since, timedelta(0)) if self.since else timedelta(0)


def anchor_due(*, at: datetime) -> int:
    """Have the newest head anchored by everybody who has not done so for a while; return how many did."""
    head = Checkpoint.objects.order_by("-size").first()
    return sum(_anchor(head, kind, name, ask, at=at) for kind, name, ask in _sources()) if head else 0


def waiting() -> list[Source]:
    """Everybody who is asked, each with since when they have not seen the newest head."""
    found = []
    for kind, name, _ask in _sources():
        seen = CheckpointAnchor.objects.filter(kind=kind, name=name).aggregate(size=Max("checkpoint__size"))["size"]
        unseen = Checkpoint.objects.filter(size__gt=seen or 0).order_by("size")
        found.append(Source(str(kind), name, unseen.values_list("at", flat=True).first()))
    return found


def cosigned(checkpoint: Checkpoint) -> str:
    """The signed note with the signatures of witnesses below our own."""
    lines = checkpoint.anchors.filter(kind=Kind.WITNESS).order_by("id").values_list("data", flat=True)
    return notes.with_lines(checkpoint.note, lines)


def proof_of(leaf: LedgerLeaf, *, entry: bytes = b"") -> str | None:
    """
    That `leaf` is in the log, as one text that tools of others take (c2sp.org/tlog-proof); None while it is not sealed.

    It leads to the newest head that a witness signed, with their lines, or to the newest of all where that one is older
    than the leaf. `entry` opens a salted leaf; a public one brings its body.
    """
    if leaf.leaf_index is None:
        return None
    heads = Checkpoint.objects.filter(size__gt=leaf.leaf_index).order_by("-size")
    head = heads.filter(anchors__kind=Kind.WITNESS).first() or heads.first()
    proof = proofs.inclusion(leaf, size=head.size) if head else None
    if head is None or proof is None:
        return None
    return replace(proof, checkpoint=cosigned(head)).as_text(entry=entry or leaf.body.encode())


def _sources() -> list[tuple[str, str, Callable[[Checkpoint], str]]]:
    """Whom to ask: what kind of anchor they give, their name, and how."""
    found: list[tuple[str, str, Callable[[Checkpoint], str]]] = []
    if settings.LEDGER_TSA_URL:
        found.append((Kind.TIME_STAMP, settings.LEDGER_TSA_URL[:200], stamping.ask))
    for verifier, url in settings.LEDGER_WITNESSES:
        name = verifier.split("+", 1)[0]
        found.append((Kind.WITNESS, name[:200], witnessing.asker(verifier=verifier, url=url)))
    return found


def _anchor(head: Checkpoint, kind: str, name: str, ask: Callable[[Checkpoint], str], *, at: datetime) -> bool:
    theirs = CheckpointAnchor.objects.filter(kind=kind, name=name)
    recent = at - timedelta(minutes=settings.LEDGER_ANCHOR_MINUTES)
    if theirs.filter(checkpoint=head).exists() or theirs.filter(at__gt=recent).exists():
        return False
    try:
        data = ask(head)
    except (stamping.NotStamped, witnessing.NotWitnessed) as error:
        log.warning("The log's head over %d leaves was not anchored by %s: %s", head.size, name, error)
        return False
    _row, is_new = CheckpointAnchor.objects.get_or_create(
        checkpoint=head, kind=kind, name=name, defaults={"data": data, "at": at}
    )
    return is_new
