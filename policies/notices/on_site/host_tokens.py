"""
Who is asking from the organization's own product: a token that the product's server signs with a shared key.

`base64url(JSON {"sub": the person's external id, "exp": seconds since 1970}) + "." + base64url(HMAC-SHA256)`, at most a
day long. It says who is shown a notice; it can neither accept anything nor read anything else.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from django.conf import settings

from policies.models import Person

LONGEST_LIFE = timedelta(hours=24)


class BadToken(Exception):
    """The token is forged, too old, too long-lived, or names nobody."""


def person_of(token: str, *, at: datetime) -> Person:
    """
    Return the person whom a token names at `at`.

    :raises BadToken: if the host's key did not sign it, or it is not valid then
    """
    body, dot, signature = token.partition(".")
    if not settings.HOST_KEY or not dot or not hmac.compare_digest(_signature(body).encode(), signature.encode()):
        raise BadToken
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        subject, expires = str(claims["sub"]), float(claims["exp"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadToken from error
    if not at.timestamp() < expires <= (at + LONGEST_LIFE).timestamp():
        raise BadToken
    person = Person.objects.bound_at(at).filter(external_id=subject).first()
    if person is None:
        raise BadToken
    return person


def sign(external_id: str, *, expires_at: datetime) -> str:
    """Make a token, as the host does it; for tests, the demo, and hosts that run Python."""
    claims = json.dumps({"sub": external_id, "exp": int(expires_at.timestamp())}).encode()
    body = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
    return f"{body}.{_signature(body)}"


def _signature(body: str) -> str:
    digest = hmac.new(settings.HOST_KEY.encode(), b"policysite-host " + body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
