"""
Handing a person over from a product where they are signed in: a link that works once, for two minutes.

The link alone changes nothing: opened, it shows a page with a button, and only the button's form starts a session.
What is answered in that session is recorded with the strength "asserted by the host".
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction

from policies.models import Person, UsedLink

SALT = "policies.acceptance.handover"
PERIOD = timedelta(minutes=2)


class NotAllowed(ValueError):
    """The address to return to is not on an allowed origin."""


class LinkSpent(ValueError):
    """The link was changed, is too old, or was used before."""


@dataclass(frozen=True)
class HandOver:
    """Who is handed over by whom, and where they go afterwards."""

    person_id: int
    return_to: str
    source: str


def issue(*, person: Person, return_to: str, source: str, at: datetime) -> str:
    """
    Make a link's token.

    :raises NotAllowed: if `return_to` is not on one of HAND_OVER_ORIGINS
    """
    if return_to and not is_allowed(return_to):
        raise NotAllowed("The origin of return_to is not allowed: add it to HAND_OVER_ORIGINS.")
    payload = [person.pk, return_to, source, secrets.token_urlsafe(8), at.timestamp()]
    return signing.dumps(payload, salt=SALT, compress=True)


def read(token: str, *, at: datetime) -> HandOver:
    """
    Read a token without using it up.

    :raises LinkSpent: if it was changed, is too old, or was used before
    """
    try:
        person_id, return_to, source, _nonce, issued = signing.loads(token, salt=SALT, max_age=PERIOD)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkSpent("This link does not work any more. Go back to the product and try again.") from error
    is_fresh = at.timestamp() - issued < PERIOD.total_seconds()
    if not is_fresh or UsedLink.objects.filter(sha256=_fingerprint(token)).exists():
        raise LinkSpent("This link does not work any more. Go back to the product and try again.")
    return HandOver(person_id, return_to, source)


def use(token: str, *, at: datetime) -> HandOver:
    """
    Use a token up: of two that come together, one gets through.

    :raises LinkSpent: as `read`
    """
    found = read(token, at=at)
    try:
        with transaction.atomic():
            UsedLink.objects.create(sha256=_fingerprint(token), at=at)
    except IntegrityError as error:
        raise LinkSpent("This link does not work any more. Go back to the product and try again.") from error
    return found


def is_allowed(address: str) -> bool:
    """Whether an address is on one of the product's own origins."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" in settings.HAND_OVER_ORIGINS and parts.scheme in {"http", "https"}


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
