"""The demo's mailbox. Everybody may read it: it holds made-up people's mail, on this machine only."""

from itertools import islice

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from policies.demo import cast
from policies.demo.mailbox import Mail, Mailbox, NoSuchMail

SHOWN = 100
MAX_SEARCH_LENGTH = 100
# A mail brings its own styles, and nothing else: no script, no picture from anywhere, no form. Its links open in the
# whole window.
MAIL_SANDBOX = ["allow-top-navigation-by-user-activation"]
MAIL_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": MAIL_SANDBOX,
}


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest mails, of everybody or to one address."""
    search = request.GET.get("to", "").strip()[:MAX_SEARCH_LENGTH]
    found = list(islice(_mailbox().envelopes(search), SHOWN + 1))
    context = {
        "search": search,
        "mails": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "shown": SHOWN,
        "addresses": [*(member.address for member in cast.CAST), cast.VERA_ADDRESS],
    }
    return render(request, "demo/mailbox.html", context)


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: its text, its HTML in a frame, its source."""
    return render(request, "demo/mail.html", {"mail": _mail(name), "sandbox": " ".join(MAIL_SANDBOX)})


@csp(MAIL_CSP)  # type: ignore[arg-type]  # its annotation knows no view with arguments
@xframe_options_sameorigin
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Serve the HTML part alone, for the frame."""
    html = _mail(name).html
    if html is None:
        raise Http404
    return HttpResponse(f'<base target="_top">{html}')


def _mailbox() -> Mailbox:
    return Mailbox(settings.VAR_DIR / "mailbox")


def _mail(name: str) -> Mail:
    try:
        return _mailbox().mail(name)
    except NoSuchMail as error:
        raise Http404 from error
