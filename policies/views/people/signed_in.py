"""What pages for signed-in people share: who is there, how they signed in, what their browser tells."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from policies import clock
from policies.acceptance import Circumstances
from policies.acceptance.sessions import open_sessions, person_session
from policies.acceptance.sessions.person_session import PersonSession
from policies.models import Act, Person, User
from policies.notices.returns.mail_addresses import masked
from policies.sign_in.networks import network_kept

# RFC 9557, to the second and with the zone's name: 2027-03-01T14:30:05+01:00[Europe/Berlin]
CLIENT_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)(\[[A-Za-z0-9_+/-]{1,37}\])?")

# All that is open to whoever was handed over: any key may begin such a session, for anybody.
OPEN_TO_HANDED_OVER = {
    *("policies:questions", "policies:questions_for", "policies:answer", "policies:answer_for", "policies:answered"),
    *("policies:receipt", "policies:receipt_file", "policies:receipt_proof", "policies:noted"),
}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Person, P], HttpResponse]


def for_person(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in whom policies bind, as a Person; send others to sign in, or say why there is nothing."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if _is_too_little(request):
            return render(request, "account/sign_in_for_this.html", {"next": _page_of(request)}, status=403)
        person = person_here(request)
        if person is None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("policies:sign_in"))
        response = view(request, person, *args, **kwargs) if person else render(request, "account/nobody.html")
        add_never_cache_headers(response)
        return response

    return wrapped


def _is_too_little(request: HttpRequest) -> bool:
    """Whether a product alone says who this is, on a page that wants more. What nobody listed is such a page."""
    is_users = isinstance(request.user, User)
    page = request.resolver_match.view_name if request.resolver_match else ""
    return not is_users and person_session.read(request.session).is_handed_over and page not in OPEN_TO_HANDED_OVER


def _page_of(request: HttpRequest) -> str:
    """Where to go on after signing in: a form that was sent stands on another page than its own address."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("policies:account")


def person_here(request: HttpRequest) -> Person | None:
    """Who this browser answers for: whoever signed in by code or was handed over, or a signed-in user's person."""
    user = request.user
    return user.person if isinstance(user, User) else person_session.read(request.session).person


def begin_for(request: HttpRequest, here: PersonSession, person: Person) -> None:
    """Begin the session of a person, in one that was emptied, and write down where."""
    person_session.put(request.session, here)
    browser, network = request.headers.get("User-Agent", ""), network_kept(request)
    open_sessions.note(request.session, person=person, browser=browser, network=network, at=clock.now())


def strength_of(request: HttpRequest) -> Act.Strength:
    """How this session was signed in to, as allauth recorded it."""
    if not isinstance(request.user, User):
        return Act.Strength(person_session.read(request.session).strength)
    used = {record["method"] for record in get_authentication_records(request, request.user)}
    for method, strength in (
        ("mfa", Act.Strength.MFA),
        ("code", Act.Strength.CODE),
        ("password", Act.Strength.PASSWORD),
    ):
        if method in used:
            return strength
    return Act.Strength.UNKNOWN


def circumstances_of(request: HttpRequest, *, acted_by: Person | None = None, remark: str = "") -> Circumstances:
    """How an answer on a page came in. A setting says whether network (cut short) and browser are kept."""
    is_kept = settings.RECORD_NETWORK_ADDRESS
    return Circumstances(
        method=Act.Method.FORM,
        strength=strength_of(request),
        source=person_session.read(request.session).source[:60],
        client_time=client_time_of(request),
        gpc=True if request.headers.get("Sec-GPC") == "1" else None,
        network_address=network_kept(request),
        user_agent=request.headers.get("User-Agent", "") if is_kept else "",
        acted_by=acted_by,
        remark=remark,
    )


def client_time_of(request: HttpRequest) -> str:
    """What the browser's clock said, as the page's script wrote it; nothing where it is no such thing. A claim."""
    given = request.POST.get("client_time", "")
    return given if CLIENT_TIME.fullmatch(given) else ""


def next_address(request: HttpRequest) -> str:
    """Where to go afterwards: an address on this site that the request names, else nothing."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(given, allowed_hosts=set(), require_https=request.is_secure())
    return given if is_ours and given.startswith("/") else ""


def account_of(person: Person) -> str:
    """An account as its holder recognizes it and nobody else learns who it is: the masked address, or the name."""
    return masked(person.address) or str(person)
