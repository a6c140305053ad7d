"""Where bounces come back to: a return path of its own for each delivery, signed, so that nobody can make one up."""

import hashlib
import hmac

from django.conf import settings

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def return_path(delivery_id: int) -> str:
    """The envelope sender of a delivery (VERP): `b+<id>.<signature>@<domain>`."""
    name = _base36(delivery_id)
    return f"b+{name}.{_signature(name)}@{settings.MAIL_DOMAIN}"


def delivery_of(return_path: str) -> int | None:
    """The delivery whose return path this is; None for one that we did not make."""
    name, dot, signature = return_path.partition("@")[0].removeprefix("b+").partition(".")
    if not dot or not name.isalnum() or not hmac.compare_digest(signature.lower(), _signature(name.lower())):
        return None
    return int(name, 36)


def _signature(name: str) -> str:
    return hmac.new(settings.ADDRESS_KEY.encode(), f"return-path {name}".encode(), hashlib.sha256).hexdigest()[:12]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"
