"""Where a product's link lands: a page with one button. Only the button starts a session."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from policies import clock
from policies.acceptance import handover
from policies.acceptance.sessions import person_session
from policies.acceptance.sessions.person_session import PersonSession
from policies.models import Act, Person
from policies.views.people.signed_in import account_of
from policies.views.shared import errors


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows whom the link is for; POST uses it up and starts a session for answering."""
    if request.method != "POST":
        return _shown(request, token, status=200)
    try:
        handed = handover.use(token, at=clock.now())
    except handover.LinkSpent:
        return _spent(request)
    person = _person(handed)
    if person is None:
        return _spent(request)
    request.session.flush()
    here = PersonSession(person.pk, Act.Strength.HOST, source=handed.source, return_to=handed.return_to)
    person_session.put(request.session, here)
    request.session.set_expiry(30 * 60)
    return _private(redirect("policies:questions"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    What a form gets that came without its token. Where it would hand somebody over, the link says what is the matter.

    A link that is opened in several windows at once gives each a token of its own, and a browser keeps one of them:
    whoever comes second reads that it was used, and not that a form was old; while it works, the page is shown again.
    """
    match = request.resolver_match
    if match and match.func is arrive:
        return _shown(request, match.kwargs["token"], status=403)
    return errors.csrf_failure(request, reason)


def _shown(request: HttpRequest, token: str, *, status: int) -> HttpResponse:
    try:
        person = _person(handover.read(token, at=clock.now()))
    except handover.LinkSpent:
        return _spent(request)
    if person is None:
        return _spent(request)
    return _private(render(request, "review/hand_over.html", {"account": account_of(person)}, status=status))


def _person(handed: handover.HandOver) -> Person | None:
    return Person.objects.filter(pk=handed.person_id, erased_at=None).first()


def _spent(request: HttpRequest) -> HttpResponse:
    return _private(render(request, "review/link_spent.html", status=410))


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a token: it goes into no cache, and by SECURE_REFERRER_POLICY into no other site's log."""
    add_never_cache_headers(response)
    return response
