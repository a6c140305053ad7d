"""
Where a product's link lands, a page with one button, and the way back to the product. Only the button starts a session.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from policies import acceptance, clock
from policies.acceptance import handover
from policies.acceptance.sessions import person_session
from policies.acceptance.sessions.person_session import PersonSession
from policies.models import Act, Person
from policies.views.people.signed_in import account_of, begin_for
from policies.views.shared import errors

# Where a session keeps the address of the product for the page that leads there.
BACK_TO = "policies.back_to"


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
    here = PersonSession(
        person.pk,
        Act.Strength.HOST,
        source=handed.source,
        return_to=handed.return_to,
        return_key=handover.return_key(token),
    )
    begin_for(request, here, person)
    request.session.set_expiry(30 * 60)
    return _private(redirect(_first_page(person)))


@never_cache
@require_safe
def go_back(request: HttpRequest) -> HttpResponse:
    """
    Send somebody back to the product, by a page and no redirect.

    A browser holds a form's redirects against our `form-action` and would stop one that leads to another origin.
    """
    address = request.session.get(BACK_TO)
    if not address:
        return redirect("policies:questions")
    return render(request, "review/back.html", {"address": address, "product": urlsplit(address).netloc})


def back_to(request: HttpRequest, *, said: str, acts: Sequence[Act] = ()) -> str:
    """Where the product is told what was answered; empty where nobody was handed over, or with no way back."""
    here = person_session.read(request.session)
    if not here.return_to:
        return ""
    return handover.way_back(here.return_to, key=here.return_key, said=said, acts=acts)


def leave_for(request: HttpRequest, *, said: str, act: Act) -> str:
    """The page that leads back by itself after one answer; empty where there is no way back, or more to answer."""
    address = back_to(request, said=said, acts=(act,))
    person = person_session.read(request.session).person
    is_last = person is not None and all(question.policy == act.version.policy for question in _required(person))
    if not address or not is_last:
        return ""
    request.session[BACK_TO] = address
    return reverse("policies:go_back")


def _first_page(person: Person) -> str:
    """One question is asked at once; more, or none, are on the page that lists them."""
    required = _required(person)
    if len(required) != 1 or person.wards.exists():
        return reverse("policies:questions")
    return reverse("policies:answer", args=[required[0].policy.slug])


def _required(person: Person) -> list[acceptance.Question]:
    asked = acceptance.outstanding(person=person, at=clock.now())
    return [question for question in asked if not question.policy.is_optional]


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
