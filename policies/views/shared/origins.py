"""
What pages of other origins may read and send (Fetch standard, CORS protocol): whatever is public and needs no key.

No cookie is read for them. An answer is the same for everybody, or for whom a token names that the host signed.
"""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

READING = ("GET", "HEAD")
# What a page of another origin may send and read beside what every page may.
SENT = "Authorization, Content-Type, If-None-Match, Accept-Datetime"
READ = (
    "Content-Length, Content-Location, ETag, Link, Memento-Datetime, Policy-Signature, Repr-Digest, Retry-After, "
    "X-Request-ID"
)
REMEMBERED_SECONDS = 600
OPEN_FOR = "open_for"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_to_all(view: View, methods: tuple[str, ...] = READING) -> View:
    """Let pages of all origins ask this view."""
    setattr(view, OPEN_FOR, methods)
    return view


def methods_open(request: HttpRequest) -> tuple[str, ...]:
    """By which methods pages of other origins may ask the view of a request; none where they may not."""
    found = request.resolver_match
    methods: tuple[str, ...] = getattr(found.func, OPEN_FOR, ()) if found else ()
    return methods


def preflight(methods: tuple[str, ...]) -> HttpResponse:
    """What a browser asks before a page of another origin may ask."""
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
    response.headers["Access-Control-Allow-Headers"] = SENT
    response.headers["Access-Control-Max-Age"] = str(REMEMBERED_SECONDS)
    return response


def let_read(response: HttpResponseBase) -> None:
    """Let the page of another origin that asked read the answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = READ
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
