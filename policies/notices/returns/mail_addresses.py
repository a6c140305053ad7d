"""Whether an address can be written to, how it travels, how it is masked, and whether it is suppressed."""

import hmac
import re
from collections.abc import Collection

from django.conf import settings

from policies.models import Delivery, Suppression

# RFC 5321, 4.5.3.1: octets.
LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254

REASONS = {
    Suppression.Reason.HARD_BOUNCE: Delivery.Reason.BOUNCED,
    Suppression.Reason.COMPLAINT: Delivery.Reason.COMPLAINED,
    Suppression.Reason.MANUAL: Delivery.Reason.BLOCKED,
    Suppression.Reason.ERASED: Delivery.Reason.ERASED,
}


# Almost every address is written like this, and can be written to; others take a closer look.
PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,189}")
NOT_IN_AN_ADDRESS = re.compile(r'[\x00-\x20\x7f<>,;:"]')


class Unusable(Exception):
    """An address no mail can be sent to; the message says why."""


def envelope(address: str) -> str:
    """
    The form an address has in RCPT and To: its domain in ASCII (RFC 5891).

    :raises Unusable: if no server would take it
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        raise Unusable("It has no domain or no name before the @.")
    if NOT_IN_AN_ADDRESS.search(local) or NOT_IN_AN_ADDRESS.search(domain):
        raise Unusable("It holds blanks, line breaks or signs that cannot stand in an address.")
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise Unusable("The part before the @ is longer than 64 octets.")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        raise Unusable("Its domain is none.") from error
    if len(local.encode()) + len(ascii_domain) + 1 > LONGEST_ADDRESS:
        raise Unusable("It is longer than 254 octets.")
    return f"{local}@{ascii_domain}"


def is_usable(address: str) -> bool:
    """Whether a mail server would take the address."""
    if PLAIN.fullmatch(address):
        return True
    try:
        envelope(address)
    except Unusable:
        return False
    return True


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def masked(address: str) -> str:
    """Such as “u***@example.org”: its holder recognizes it, and nobody else can write to it. Empty for no address."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if domain else ""


def fingerprint(address: str) -> str:
    """A keyed hash of an address: it can be kept after the address itself is erased."""
    # In one call: a rehearsal hashes every address of its audience.
    return hmac.digest(settings.ADDRESS_KEY.encode(), address.strip().lower().encode(), "sha256").hex()


def suppressed(addresses: Collection[str]) -> dict[str, str]:
    """Which of these addresses get no mail: address to `Delivery.Reason`."""
    if not addresses or not Suppression.objects.exists():
        return {}
    by_hash = {fingerprint(address): address for address in addresses}
    found = Suppression.objects.filter(address_hmac__in=by_hash).values_list("address_hmac", "reason")
    return {by_hash[known]: REASONS[Suppression.Reason(reason)] for known, reason in found}


def reasons_by_hash() -> dict[str, str]:
    """The whole suppression list: the hash of an address to `Delivery.Reason`."""
    found = Suppression.objects.values_list("address_hmac", "reason")
    return {known: REASONS[Suppression.Reason(reason)] for known, reason in found}
