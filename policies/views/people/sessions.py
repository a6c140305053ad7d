"""Where somebody is signed in, and ending what they do not know: for people, and for users who are no person."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from policies import clock
from policies.acceptance.sessions import browser_names, open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.look import in_use
from policies.models import OpenSession, Person, User
from policies.views.people.signed_in import for_person


@dataclass(frozen=True)
class Shown:
    """One session as its holder recognizes it."""

    pk: int
    browser: str
    network: str
    began_at: datetime


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """GET lists them, POST ends one or all others."""
    if isinstance(request.user, User):
        return _page(request, Whose(request.user, request.user.person))
    return for_person(_of_person)(request)


def _of_person(request: HttpRequest, person: Person) -> HttpResponse:
    return _page(request, Whose(None, person))


def _page(request: HttpRequest, whose: Whose) -> HttpResponse:
    at = clock.now()
    found = open_sessions.of(whose, at=at)
    others = [each for each in found if each.session_id != request.session.session_key]
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        keys = [each.pk for each in others if chosen in {"", str(each.pk)}]
        ended = open_sessions.end(whose, keys, at=at)
        said = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", ended) % {"n": ended}
        messages.success(request, said if ended else gettext("There was nothing to end."))
        return redirect("policies:sessions")
    here = next((_shown(each) for each in found if each not in others), None)
    page = {
        "here": here,
        "others": [_shown(each) for each in others],
        "organization": in_use.organization(),
        "is_of_the_desk": whose.user is not None and whose.user.is_staff,
    }
    return render(request, "account/sessions.html", page)


def _shown(session: OpenSession) -> Shown:
    return Shown(session.pk, browser_names.of(session.browser), session.network, session.began_at)
