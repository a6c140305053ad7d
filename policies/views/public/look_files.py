"""What a look brings: its colors as a style sheet, and its logo, each at an address that names what it is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from policies.look import in_use
from policies.views.shared.origins import open_to_all

FOR_EVER = 365 * 24 * 60 * 60


@open_to_all
@require_safe
def sheet(_request: HttpRequest, sha256: str) -> HttpResponse:
    """The colors of a look that is or was in use."""
    return for_ever(in_use.sheet_named(sha256).encode(), "text/css; charset=utf-8")


@open_to_all
@require_safe
def logo(_request: HttpRequest, sha256: str) -> HttpResponse:
    """The logo of a look that is or was in use."""
    return for_ever(in_use.logo_named(sha256), "image/png")


def for_ever(content: bytes, content_type: str) -> HttpResponse:
    """What never changes at its address; 404 where there is nothing."""
    if not content:
        raise Http404
    response = HttpResponse(content, content_type=content_type)
    patch_cache_control(response, public=True, max_age=FOR_EVER, immutable=True)
    return response
