"""How a view says that its page may be kept: in the request's environ, which the front sees and no caller does."""

from collections.abc import Collection
from typing import NamedTuple

from django.http import HttpRequest, HttpResponseBase

KEEP = "policies.front"
# Made for whoever reads: the page speaks the language of its reader. Others speak that of their address.
BY_READER, BY_ADDRESS = "reader", "address"


class Kept(NamedTuple):
    """
    What a view said of its page.

    :ivar by: BY_READER or BY_ADDRESS
    :ivar reads: the names that it looks for in a query, whatever else stands there; None where it looks at all of it
    """

    by: str
    reads: frozenset[str] | None


def keep(
    request: HttpRequest, response: HttpResponseBase, *, by: str = BY_ADDRESS, reads: Collection[str] | None = ()
) -> HttpResponseBase:
    """Let the front keep this page, if it is for everybody."""
    if "public" in response.headers.get("Cache-Control", ""):
        request.META[KEEP] = Kept(by, None if reads is None else frozenset(reads))
    return response


def spoken_by(request: HttpRequest) -> str:
    """Whose language the page speaks: BY_READER, BY_ADDRESS, or empty where its view did not say."""
    kept: Kept | None = request.META.get(KEEP)
    return kept.by if kept else ""
