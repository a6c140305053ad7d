"""The network somebody calls from: all that is looked at, or kept, of an address."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def network_of(address: str) -> str | None:
    """The network an address is in: /24 for IPv4, /48 for IPv6; nothing where it is no address."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return None
    return str(ip_network(f"{address}/{bits}", strict=False).network_address)


def network_kept(request: HttpRequest) -> str | None:
    """The network of whoever calls, where the deployment keeps it."""
    return network_of(request.META.get("REMOTE_ADDR", "")) if settings.RECORD_NETWORK_ADDRESS else None
