"""
When somebody showed who they are, and asking them again.

What cannot be taken back asks once more (OWASP ASVS 7.5.1). What was sent meanwhile is kept, and goes on after the
answer.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from policies import clock
from policies.acceptance.sessions import open_sessions

View = Callable[..., HttpResponse]
Answering = TypeVar("Answering", bound=Callable[..., HttpResponseBase])


def records_of(request: HttpRequest) -> list[dict[str, Any]]:
    """How and when the user of this session showed who they are: each with `method`, and `at` in seconds."""
    return list(get_authentication_records(request, request.user))


def signed_in_at(request: HttpRequest) -> list[float]:
    return [record["at"] for record in records_of(request)]


def has_just_signed_in(request: HttpRequest) -> bool:
    last = max(signed_in_at(request), default=0)
    return clock.now().timestamp() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def can_be_asked(request: HttpRequest) -> bool:
    """Whether the user has a password or a second factor to be asked for."""
    return bool(get_reauthentication_flows(request.user))


def asking_again(view: Answering) -> Answering:
    """Ask who is there before `view`, unless they signed in within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    return cast("Answering", reauthentication_required(app="policies.desk")(view))


def just_signed_in(view: View) -> View:
    """
    Before `view`, have somebody sign in again who has neither password nor second factor to be asked for.

    allauth asks the others. Without this, whoever took over a session could put a second factor of their own on the
    account, and its holder would never get in again.
    """

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated and not can_be_asked(request) and not has_just_signed_in(request):
            return anew(request, then=request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def with_a_new_key(view: View) -> View:
    """Around a page that asks who is there: after the answer the session goes on under another key (ASVS 7.2.4)."""

    def watched(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        before = len(records_of(request))
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated and len(records_of(request)) > before:
            open_sessions.renew_key(request.session)
        return response

    return watched


def leaving_nothing(view: View) -> View:
    """Around the page that signs out: the browser forgets what it kept of this site (ASVS 14.3.1)."""

    def watched(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        was_there = request.user.is_authenticated
        response = view(request, *args, **kwargs)
        if was_there and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return watched


def anew(request: HttpRequest, *, then: str) -> HttpResponse:
    """End a session, and have its user sign in before they go on to `then`."""
    if request.user.is_authenticated:
        logout(request)
    return redirect_to_login(then)
