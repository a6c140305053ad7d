"""
Handing a person over from a product where they are signed in: a link that works once, for two minutes.

Afterwards they go back with what they answered in the address, signed with a key that the product alone was given.

The link alone changes nothing: opened, it shows a page with a button, and only the button's form starts a session.
What is answered in that session is recorded with the strength "asserted by the host".
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from policies.models import Act, Person, UsedLink

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


def return_key(token: str) -> str:
    """The key that one hand-over's way back is signed with, in 64 hex digits. Who has the link cannot make it."""
    return salted_hmac(f"{SALT}.return", token, algorithm="sha256").hexdigest()


def way_back(return_to: str, *, key: str, said: str, acts: Sequence[Act] = ()) -> str:
    """
    Where somebody goes afterwards: `return_to` with `policysite=SAID&act=REFERENCE...&policysite_signature=HEX`.

    `said` is "agreed", "declined" or "later". Signed is everything from "policysite=" to before the signature, by
    HMAC-SHA256 with the key's characters.
    """
    told = urlencode([("policysite", said), *(("act", str(act.subject_ref)) for act in acts)])
    signature = hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()
    address, hash_sign, fragment = return_to.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{told}&policysite_signature={signature}{hash_sign}{fragment}"


def is_allowed(address: str) -> bool:
    """Whether an address is on one of the product's own origins."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" in settings.HAND_OVER_ORIGINS and parts.scheme in {"http", "https"}


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
