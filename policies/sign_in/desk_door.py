"""
The one check before every page of the desk: who is there, and have they shown enough in this session?

A desk that was left alone asks who is there; what was sent meanwhile is kept and goes on after the answer.
"""

from collections.abc import Callable
from enum import Enum, auto

from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from policies import clock
from policies.sign_in import second_factor, showing_again

View = Callable[..., HttpResponse]

LAST_SEEN = "policies.desk_seen"
NOTED_EVERY_SECONDS = 60


class Lacking(Enum):
    """What keeps somebody from the desk, the first of it."""

    SIGN_IN = auto()
    PLACE = auto()
    APP = auto()
    CODE = auto()
    PRESENCE = auto()


def lacking(request: HttpRequest) -> Lacking | None:
    """
    What somebody has to do before the desk opens to them; nothing where it does.

    Sign in, with a session of less than a working day; be given a place; set up an authenticator app; give its code
    in this session, having it is not enough; say that they are still there.
    """
    user = request.user
    if not user.is_authenticated or _has_lasted_too_long(request):
        return Lacking.SIGN_IN
    if not (user.is_active and user.is_staff):
        return Lacking.PLACE
    if settings.DESK_SECOND_FACTOR and not second_factor.was_given(request):
        return Lacking.CODE if is_mfa_enabled(user) else Lacking.APP
    # Somebody with neither password nor second factor, as in the demo, cannot be asked.
    if _was_left_alone(request) and showing_again.can_be_asked(request):
        return Lacking.PRESENCE
    return None


def at_the_desk(view: View) -> View:
    """Let `view` answer whoever lacks nothing; keep what others sent where they can go on with it."""

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        found = lacking(request)
        if found is Lacking.CODE:
            asked: HttpResponse = suspend_request(request, reverse("mfa_reauthenticate"))
            return asked
        if found is Lacking.PRESENCE:
            raise ReauthenticationRequired
        if found is None:
            note_seen(request)
        # The desk itself sends others away, each to where they can go.
        return view(request, *args, **kwargs)

    return guarded


def note_seen(request: HttpRequest) -> None:
    """Remember that somebody works at the desk; written at most once a minute."""
    now = clock.now().timestamp()
    if now - request.session.get(LAST_SEEN, 0) >= NOTED_EVERY_SECONDS:
        request.session[LAST_SEEN] = now


def _was_left_alone(request: HttpRequest) -> bool:
    seen: float = max(request.session.get(LAST_SEEN, 0), *showing_again.signed_in_at(request))
    return clock.now().timestamp() - seen > settings.DESK_IDLE_SECONDS


def _has_lasted_too_long(request: HttpRequest) -> bool:
    """Also where nothing says when it began."""
    begun = min(showing_again.signed_in_at(request), default=0)
    return clock.now().timestamp() - begun > settings.SESSION_COOKIE_AGE
