"""
Where somebody calls from: asked here alone, after `policies.middleware.ClientAddress` looked through the proxies.

Limits count callers, records keep a network, and neither knows more of an address.
"""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address of whoever calls; empty where the server does not say."""
    return str(request.META.get("REMOTE_ADDR", ""))


def caller(request: HttpRequest) -> str:
    """
    Who counts as one caller for limits: an IPv4 address, or the /64 of an IPv6 address, all of which one customer has.
    """
    return _network(address_of(request), v4=32, v6=64) or ""


def network_of(address: str) -> str | None:
    """The network an address is in: /24 for IPv4, /48 for IPv6; nothing where it is no address."""
    return _network(address, v4=24, v6=48)


def network_kept(request: HttpRequest) -> str | None:
    """The network of whoever calls, where the deployment keeps it."""
    return network_of(address_of(request)) if settings.RECORD_NETWORK_ADDRESS else None


def _network(address: str, *, v4: int, v6: int) -> str | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        # A socket for both says ::ffff:192.0.2.1 of 192.0.2.1: all of IPv4 would be one caller.
        found = found.ipv4_mapped or found
    return str(ip_network(f"{found}/{v4 if found.version == 4 else v6}", strict=False).network_address)
