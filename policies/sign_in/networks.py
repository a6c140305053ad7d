"""The network somebody calls from: all that is looked at, or kept, of an address."""

from ipaddress import ip_address, ip_network


def network_of(address: str) -> str | None:
    """The network an address is in: /24 for IPv4, /48 for IPv6; nothing where it is no address."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return None
    return str(ip_network(f"{address}/{bits}", strict=False).network_address)
