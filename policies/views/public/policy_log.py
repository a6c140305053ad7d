"""The public log: its key, its signed heads, its leaves and proofs. Nobody's name is in it."""

import base64
import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from policies import anchoring, clock, date_formats
from policies.ledger import notes, proofs
from policies.models import Checkpoint, LedgerLeaf
from policies.views.shared import responses
from policies.views.shared.origins import open_to_all

MOST_LEAVES = 1000


@open_to_all
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """What the log is, its latest head, its key, and how to check."""
    head = Checkpoint.objects.order_by("-size").first()
    page = {
        "origin": notes.origin(),
        "head": head,
        "root": bytes(head.root).hex() if head else "",
        "at": date_formats.instant_of(head.at, ZoneInfo("UTC")) if head else None,
        "verifiers": proofs.verifiers(),
        "waiting": LedgerLeaf.objects.waiting(clock.now()).count(),
    }
    return responses.page(request, "policies/log.html", page)


@open_to_all
@require_safe
def key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - one answer for every reader
    """The public keys, one a line, the present one first."""
    return _public(HttpResponse("\n".join(proofs.verifiers()) + "\n", content_type="text/plain; charset=utf-8"))


@open_to_all
@require_safe
def checkpoint(request: HttpRequest, size: int | None = None) -> HttpResponse:  # noqa: ARG001 - one answer for every reader
    """The latest signed head, or the one over `size` leaves, with the signatures of witnesses."""
    heads = Checkpoint.objects.filter(size=size) if size else Checkpoint.objects.order_by("-size")
    head = heads.first()
    if head is None:
        raise Http404(_("There is no signed head of that size."))
    return _public(HttpResponse(anchoring.cosigned(head), content_type="text/plain; charset=utf-8"))


@open_to_all
@require_safe
def leaves(request: HttpRequest) -> HttpResponse:
    """Sealed leaves from `start` on: their hashes, and the bodies of those that are about no person."""
    start = _number(request, "start", 0)
    found = LedgerLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=start + MOST_LEAVES).order_by("leaf_index")
    return _json(
        {
            "start": start,
            "leaves": [
                {
                    "index": leaf.leaf_index,
                    "kind": leaf.kind,
                    "leaf_sha256": bytes(leaf.leaf_hash).hex(),
                    "body": json.loads(leaf.body) if leaf.body else None,
                }
                for leaf in found
            ],
        }
    )


@open_to_all
@require_safe
def inclusion(request: HttpRequest) -> HttpResponse:
    """Show that the leaf at `index` is under the latest signed head, or under the one over `size` leaves."""
    leaf = LedgerLeaf.objects.filter(leaf_index=_number(request, "index")).first()
    if leaf is None:
        raise Http404(_("There is no sealed leaf at this index. A new one is sealed within a minute."))
    try:
        proof = proofs.inclusion(leaf, size=_number(request, "size", 0) or None)
    except proofs.NoSuchTree as error:
        raise Http404(str(error)) from error
    return _json(proof.as_json() if proof else {})


@open_to_all
@require_safe
def tlog_proof(request: HttpRequest) -> HttpResponse:
    """The same for tools of others (c2sp.org/tlog-proof): under the newest head that a witness signed, if any."""
    leaf = LedgerLeaf.objects.filter(leaf_index=_number(request, "index")).first()
    proof = anchoring.proof_of(leaf) if leaf else None
    if proof is None:
        raise Http404(_("There is no sealed leaf at this index. A new one is sealed within a minute."))
    return _public(HttpResponse(proof, content_type="text/plain; charset=utf-8"))


@open_to_all
@require_safe
def consistency(request: HttpRequest) -> HttpResponse:
    """Show that the log over `second` leaves begins with the log over `first`."""
    first, second = _number(request, "first"), _number(request, "second")
    try:
        path = proofs.consistency(first=first, second=second)
    except proofs.NoSuchTree as error:
        raise Http404(str(error)) from error
    return _json({"first": first, "second": second, "path": _encoded(path)})


def _encoded(path: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(step).decode() for step in path]


def _number(request: HttpRequest, name: str, default: int | None = None) -> int:
    """A whole number from the query; anything else is a page that does not exist."""
    given = request.GET.get(name, "" if default is None else str(default))
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Http404(_("%(name)s has to be a whole number.") % {"name": name})
    return int(given)


def _json(body: dict[str, object]) -> HttpResponse:
    return _public(JsonResponse(body))


def _public(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "public, no-cache"
    return response
