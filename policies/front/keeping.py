"""How a view says that its page may be kept: in the request's environ, which the front sees and no caller does."""

from django.http import HttpRequest, HttpResponseBase

KEEP = "policies.front"
# Made for whoever reads: the page speaks the language of its reader. Others speak that of their address.
BY_READER, BY_ADDRESS = "reader", "address"


def keep(request: HttpRequest, response: HttpResponseBase, *, by: str = BY_ADDRESS) -> HttpResponseBase:
    """Let the front keep this page, if it is for everybody."""
    if "public" in response.headers.get("Cache-Control", ""):
        request.META[KEEP] = by
    return response


def speaks_its_own_language(request: HttpRequest) -> bool:
    return request.META.get(KEEP) == BY_ADDRESS
