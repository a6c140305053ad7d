"""How a public page answers: with its own ETag, 304 where nothing changed, its language, its links, and no cookie."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control

Links = Iterable[tuple[str, str]]


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    language: str = "",
    links: Links = (),
) -> HttpResponseBase:
    """
    Render a public page. It is made without the request: nothing on it can depend on who reads it.

    `links` are pairs of address and relation for the Link header (RFC 8288).
    """
    response = HttpResponse(render_to_string(template, dict(context)), status=status)
    response.headers["Content-Language"] = language or translation.get_language() or "en"
    return _conditional(request, response, links)


def file(
    request: HttpRequest, content: str, content_type: str, *, language: str = "", links: Links = ()
) -> HttpResponseBase:
    """Answer with a text file whose content may change, such as a feed."""
    response = HttpResponse(content, content_type=content_type)
    if language:
        response.headers["Content-Language"] = language
    return _conditional(request, response, links)


def _conditional(request: HttpRequest, response: HttpResponse, links: Links) -> HttpResponseBase:
    response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if written := ", ".join(f'<{address}>; rel="{relation}"' for address, relation in links):
        response.headers["Link"] = written
    # Kept by anybody, asked again each time: a banner such as "superseded" must not come late.
    patch_cache_control(response, public=True, no_cache=True)
    if response.status_code != 200:
        return response
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
