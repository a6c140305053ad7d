"""Addresses that get no mail: because it came back, because somebody complained, or by hand."""

from datetime import datetime

from policies.models import Suppression
from policies.notices.returns import mail_addresses

# RFC 3463: there is no such mailbox, and there will be none tomorrow.
UNKNOWN_MAILBOX = {"5.1.1", "5.1.3", "5.1.10"}


def suppress(address: str, reason: str, *, source: str, at: datetime) -> None:
    """Write no more to an address. Idempotent; the first reason stays."""
    if address:
        Suppression.objects.get_or_create(
            address_hmac=mail_addresses.fingerprint(address), defaults={"reason": reason, "source": source, "at": at}
        )


def allow_again(address: str) -> bool:
    """Lift a suppression, for example because the person says that the address works; return whether there was one."""
    return bool(Suppression.objects.filter(address_hmac=mail_addresses.fingerprint(address)).delete()[0])
