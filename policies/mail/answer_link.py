"""Where mails lead for an answer: the organization's own product, by an address with places for policy and version."""

import ipaddress
import re
from urllib.parse import quote, urlsplit

LONGEST = 500
PLACES = ("policy", "version")
_PLACE = re.compile(r"\{([^{}]*)\}")


class NotAnAddress(ValueError):
    """It cannot stand in a mail; the message says why."""


def checked(address: str) -> str:
    """
    Return an address that mails may lead to; an empty one is the page here.

    :raises NotAnAddress: if it is none, not of https (http for this machine alone), or has a place that nothing fills
    """
    if not address:
        return ""
    if len(address) > LONGEST or not address.isascii() or re.search(r"[\x00-\x20\x7f\"<>\\^`|]", address):
        raise NotAnAddress(f"It is longer than {LONGEST} characters, or holds blanks or signs that no address has.")
    unknown = [name for name in _PLACE.findall(address) if name not in PLACES]
    if unknown or {"{", "}"} & set(_PLACE.sub("", address)):
        raise NotAnAddress("The only places to fill in are {policy} and {version}.")
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotAnAddress("Its host or port is none.") from error
    if not host or "{" in parts.netloc or "@" in parts.netloc:
        raise NotAnAddress("It has no host, or a place or a name in it.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise NotAnAddress("It has to begin with https://; http is for this machine alone.")
    return address


def filled(address: str, *, policy: str, version: str) -> str:
    """The address of one question: the policy's own address and the name of the version, such as 2.1."""
    values = {"policy": policy, "version": version}
    return _PLACE.sub(lambda place: quote(values[place[1]], safe=""), address)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
