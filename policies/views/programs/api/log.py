"""The public log's proofs, as programs ask for them. The same lie at /.well-known/policy-log/ for verifiers."""

import base64

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from policies.ledger import proofs
from policies.models import Checkpoint, LedgerLeaf

router = Router(tags=["log"])
LARGEST = 2**53 - 1  # the largest whole number that every JSON reader keeps


class CheckpointOut(Schema):
    """A signed head of the log: `note` is the signed text, `verifiers` the keys that sign, the present one first."""

    size: int
    root_sha256: str
    note: str
    verifiers: list[str]


class Place(Schema):
    """A leaf by its index or by its hash, and under which head; the latest one where `size` is left out."""

    index: int | None = Field(None, ge=0, le=LARGEST)
    leaf_sha256: str = Field("", pattern="^([0-9a-f]{64})?$")
    size: int | None = Field(None, ge=1, le=LARGEST)


class InclusionOut(Schema):
    leaf_sha256: str
    leaf_index: int
    tree_size: int
    path: list[str]
    checkpoint: str


class Sizes(Schema):
    first: int = Field(..., ge=1, le=LARGEST)
    second: int = Field(..., ge=1, le=LARGEST)


class ConsistencyOut(Schema):
    first: int
    second: int
    path: list[str]


@router.get("/checkpoint", response=CheckpointOut, summary="The latest signed head")
def checkpoint(request: HttpRequest) -> CheckpointOut:  # noqa: ARG001 - ninja's signature
    head = Checkpoint.objects.order_by("-size").first()
    if head is None:
        raise Http404("Nothing is in the log yet.")
    root = bytes(head.root).hex()
    return CheckpointOut(size=head.size, root_sha256=root, note=head.note, verifiers=list(proofs.verifiers()))


@router.get("/inclusion", response=InclusionOut, summary="That a leaf is in the log")
def inclusion(request: HttpRequest, place: Query[Place]) -> InclusionOut:  # noqa: ARG001
    """RFC 9162, 2.1.3. Name the leaf by `index` or, as a receipt does, by `leaf_sha256`."""
    leaf = _leaf(place)
    try:
        proof = proofs.inclusion(leaf, size=place.size)
    except proofs.NoSuchTree as error:
        raise Http404(str(error)) from error
    if proof is None:
        raise Http404("This leaf waits for the next head: within a minute.")
    return InclusionOut.model_validate(proof.as_json())


@router.get("/consistency", response=ConsistencyOut, summary="That the log only grew")
def consistency(request: HttpRequest, sizes: Query[Sizes]) -> ConsistencyOut:  # noqa: ARG001
    """RFC 9162, 2.1.4: the log over `second` leaves begins with the one over `first`. Both have signed heads."""
    try:
        path = proofs.consistency(first=sizes.first, second=sizes.second)
    except proofs.NoSuchTree as error:
        raise Http404(str(error)) from error
    encoded = [base64.b64encode(step).decode() for step in path]
    return ConsistencyOut(first=sizes.first, second=sizes.second, path=encoded)


def _leaf(place: Place) -> LedgerLeaf:
    by_hash = LedgerLeaf.objects.filter(leaf_hash=bytes.fromhex(place.leaf_sha256))
    found = by_hash if place.leaf_sha256 else LedgerLeaf.objects.filter(leaf_index=place.index)
    leaf = found.first() if place.leaf_sha256 or place.index is not None else None
    if leaf is None:
        raise Http404("There is no such leaf.")
    return leaf
