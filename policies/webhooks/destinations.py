"""
Where a webhook may lead: to public addresses over TLS, and to the networks an operator allowed (OWASP, SSRF).

A host is looked up once and the connection goes to exactly the address that was checked: a name that answers
differently the second time gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Not called, whatever this edition of Python says of them (3.11 takes several for public): what stands in the
# special-purpose registries of IANA (RFC 6890), services that have no server of their own among them, and what is in no
# registry: addresses that were given up and are still routed here and there (fec0::/10, 3ffe::/16). Ways to write an
# IPv4 address in IPv6 are among them: NAT64, 6to4, Teredo.
SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23"),
        *("2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20", "5f00::/16", "fc00::/7"),
        *("fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
# What IANA has given out for hosts; the rest of IPv6 is not in use.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class Refused(Exception):
    """This address is not called: the message says why."""


@dataclass(frozen=True)
class Target:
    """An address taken apart: what to look up, where to connect, what to ask for."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """
    Take an address apart.

    :raises Refused: if it is none that a webhook can have
    """
    if any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise Refused(_("The address has blanks or control characters in it."))
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError as error:
        raise Refused(_("This is no address.")) from error
    if parts.scheme not in {"https", "http"} or not host:
        raise Refused(_("The address has to begin with https:// and name a host."))
    if parts.username is not None or parts.password is not None:
        raise Refused(_("The address cannot hold a name or a password: check the signature instead."))
    if parts.fragment:
        raise Refused(_("The address cannot hold a fragment (#...)."))
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    if not path.isascii():
        raise Refused(_("Write what is not ASCII in the path as %XX."))
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def addresses_of(target: Target, *, is_trusted: bool = False) -> list[Address]:
    """
    Look the host up and check every address it has, unless an operator named the target.

    :raises Refused: if it has none, or one of them may not be called
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(_("The host %(host)s has no address.") % {"host": target.host}) from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    for address in () if is_trusted else addresses:
        check(address, is_secure=target.is_secure)
    return addresses


def check(address: Address, *, is_secure: bool) -> None:
    """
    Let an address through, or not.

    :raises Refused: if it is not public, or without TLS, and no operator allowed its network
    """
    if any(address in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return
    if not is_public(address):
        raise Refused(_("%(address)s is not a public address.") % {"address": address})
    if not is_secure:
        raise Refused(_("Public addresses are called over https only."))


def is_public(address: Address) -> bool:
    """Whether an address leads to the public Internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not any(address in network for network in SPECIAL)
