"""The mail of a version, before it is sent: a document of its own for a frame, with the styles that mails need."""

from csp.decorators import csp
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from policies.admin.desk.base import may
from policies.admin.version.shared import VersionsAdmin
from policies.models import Version
from policies.notices.write import messages

# A mail brings its own styles, and nothing else: no script, no picture, no form.
MAIL_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [],
}


@csp(MAIL_CSP)  # type: ignore[arg-type]  # its annotation knows no view with arguments
@xframe_options_sameorigin
def mail(_of: VersionsAdmin, request: HttpRequest, version: Version, language: str) -> HttpResponse:
    """Serve the HTML part of a version's notice."""
    if not may(request, "view_version"):
        raise PermissionDenied
    if not version.texts.filter(language=language).exists():
        raise Http404
    return HttpResponse(messages.preview(version, language).html)
