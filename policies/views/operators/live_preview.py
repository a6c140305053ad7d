"""
What the editor at the desk asks for while somebody types.

These take the place of markdownx's own views, which preview and take uploads for anybody.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from policies import clock
from policies.sign_in import desk_door
from policies.text.rejected import TextRejected
from policies.text.source import canonical
from policies.text.structure import markdown
from policies.views.shared import limits

PREVIEWS_PER_MINUTE = 120


def markdownify(source: str) -> str:
    """The HTML that publishing would make of `source`, or one sentence that says why it cannot be published."""
    try:
        return markdown.render(canonical.check(source)).html
    except TextRejected as error:
        return _problem(str(error))


@never_cache
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Render what is being typed, by the renderer that publishing uses. Fragments only: the script inserts them."""
    if desk_door.lacking(request) or not request.user.has_perm("policies.change_version"):
        signed_out = _(
            "You are signed out, or may not edit versions. Sign in in another tab: nothing you wrote is lost."
        )
        return HttpResponseForbidden(_problem(signed_out))
    desk_door.note_seen(request)
    minute = int(clock.now().timestamp()) // 60
    if limits.is_over("preview", request.user.pk, per_minute=PREVIEWS_PER_MINUTE, minute=minute):
        return HttpResponse(
            _problem(_("Too many previews in one minute. Wait a moment; nothing you wrote is lost.")),
            status=429,
            headers={"Retry-After": "60"},
        )
    return HttpResponse(markdownify(request.POST.get("content", "")))


def no_upload(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Policies hold text only: nobody uploads anything here."""
    return HttpResponseForbidden(_("Pictures cannot be uploaded: a policy is text."))


def _problem(message: str) -> str:
    return format_html('<p class="errornote">{}</p>', message)
