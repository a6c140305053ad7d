"""The mail of a version, before it is sent: a document of its own for a frame, with the styles that mails need."""

from csp.decorators import csp
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

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
@never_cache
@require_safe
@permission_required("policies.view_version", raise_exception=True)
def mail_html(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Serve the HTML part of a version's notice."""
    if not request.user.is_staff:
        raise PermissionDenied
    version = get_object_or_404(Version.objects.select_related("policy", "based_on"), pk=pk)
    if not version.texts.filter(language=language).exists():
        raise Http404
    return HttpResponse(messages.preview(version, language).html)
