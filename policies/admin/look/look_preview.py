"""A look before everybody sees it: a page of it for a frame, with its colors and its logo."""

from dataclasses import replace
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_sameorigin

from policies.admin.desk.base import may
from policies.admin.desk.mail_frame import MAIL_CSP
from policies.admin.look import page as look_page
from policies.look import in_use
from policies.models import Appearance, Version
from policies.notices.write import messages

# A page as it is, without its scripts, and for frames of ours alone.
PAGE_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
}


@csp(PAGE_CSP)  # type: ignore[arg-type]  # its annotation knows no view with arguments
@xframe_options_sameorigin
def page(_of: Any, request: HttpRequest, look: Appearance, language: str) -> HttpResponse:
    """A made-up page with the head, the notice and the foot that this look gives to all."""
    _need(request)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        return HttpResponse(render_to_string("look/page.html", {"shown_look": prepared(look)}))


@csp(MAIL_CSP)  # type: ignore[arg-type]
@xframe_options_sameorigin
def mail(_of: Any, request: HttpRequest, look: Appearance, language: str) -> HttpResponse:
    """The HTML part of a notice with this look, of the version that was changed last."""
    _need(request)
    written = mail_of(look, language)
    if written is None:
        raise Http404
    return HttpResponse(written.html)


def mail_of(look: Appearance, language: str) -> messages.Preview | None:
    """A notice with this look; None where there is no version yet that one could be about."""
    version = Version.objects.order_by("-edited_at", "-pk").first()
    if version is None or language not in dict(settings.LANGUAGES):
        return None
    return messages.preview(version, language, look=in_use.look_of(look))


def sheet(_of: Any, request: HttpRequest, look: Appearance) -> HttpResponse:
    """Its colors, which have no public address before it is in use."""
    _need(request)
    return HttpResponse(in_use.look_of(look).sheet, content_type="text/css; charset=utf-8")


def logo(_of: Any, request: HttpRequest, look: Appearance) -> HttpResponse:
    """Its logo, likewise."""
    _need(request)
    if not look.logo:
        raise Http404
    return HttpResponse(bytes(look.logo), content_type="image/png")


def prepared(look: Appearance) -> in_use.Look:
    """A look with what the desk alone is given."""
    made = in_use.look_of(look)
    return replace(
        made,
        sheet_url=look_page.url(look, "sheet") if made.sheet_url else "",
        logo_url=look_page.url(look, "logo") if made.logo_url else "",
    )


def _need(request: HttpRequest) -> None:
    if not may(request, "change_policy"):
        raise PermissionDenied
