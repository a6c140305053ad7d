"""
Browsers in which somebody signed in before: strangers who try an account's passwords, or ask for its codes, are limited
apart from them, and so keep nobody out (a device cookie, as OWASP has it).

The cookie is signed and sent to the pages of signing in alone. It opens nothing and names no account: it only tells
whether an address that is typed there is one of those that signed in here.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from policies.notices.returns import mail_addresses

KEPT = timedelta(days=180)
# Accounts that sign in by turns in one browser.
MOST = 5
SALT = "policies.sign_in.known_browsers"
PATH = "/sign-in/"


def remember(request: HttpRequest, response: HttpResponse, *, address: str) -> None:
    """Let this browser be known for an address that has just signed in."""
    others = [each for each in _known(request) if each != _fingerprint(address)]
    response.set_cookie(
        _name(),
        signing.dumps([_fingerprint(address), *others][:MOST], salt=SALT),
        max_age=KEPT,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_known(request: HttpRequest, address: str) -> bool:
    """Whether somebody with this address signed in here before."""
    return bool(address) and _fingerprint(address) in _known(request)


def bucket(request: HttpRequest, address: str) -> str:
    """What the tries of a known browser are counted by, so that an account has one; empty where it is not known."""
    return f"known:{_fingerprint(address)}" if is_known(request, address) else ""


def _known(request: HttpRequest) -> Sequence[str]:
    try:
        found = signing.loads(request.COOKIES.get(_name(), ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return []
    return [each for each in found if isinstance(each, str)]


def _name() -> str:
    return "__Secure-known" if settings.SESSION_COOKIE_SECURE else "known"


def _fingerprint(address: str) -> str:
    return mail_addresses.fingerprint(address.strip().casefold())[:32]
