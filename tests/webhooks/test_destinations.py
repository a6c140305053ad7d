import socket
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import pytest

from policies.webhooks import calling, destinations
from tests.webhooks.receiver import receiving

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1", "100::1",
]  # fmt: skip
# The special-purpose registries of IANA (IPv4 and IPv6, as of 2025), whether or not they call an entry reachable.
REGISTERED = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/31", "192.0.2.0/24",
    "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.88.99.2/32", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::1/128", "::/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
    "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
    "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8",
    # No registry's, and nobody's: IPv4-compatible, translated, site-local, the former test network, not given out.
    "::/96", "::ffff:0:0:0/96", "fec0::/10", "3ffe::/16", "200::/7", "400::/6", "1000::/4", "4000::/3", "8000::/2",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"]


@pytest.fixture(autouse=True)
def _nothing_is_allowed(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ()


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_refused(address: str) -> None:
    with pytest.raises(destinations.Refused):
        destinations.check(ip_address(address), is_secure=True)


@pytest.mark.parametrize("written", REGISTERED)
def test_no_network_of_a_special_purpose_is_called(written: str) -> None:
    network = ip_network(written)
    middle = network[network.num_addresses // 2]
    assert [each for each in (network[0], middle, network[-1]) if destinations.is_public(each)] == []


def test_no_address_inside_is_called_however_it_is_wrapped() -> None:
    inside = int(ip_address("169.254.169.254"))
    wrapped = [
        IPv6Address(int(ip_address(prefix)) | inside << shift)
        for prefix, shift in (
            *(("::ffff:0:0", 0), ("::", 0), ("::ffff:0:0:0", 0), ("64:ff9b::", 0), ("64:ff9b:1::", 0)),
            *(("2002::", 80), ("2001::", 64), ("2001::", 0), ("fe80::5efe:0:0", 0)),
        )
    ]
    assert [each for each in wrapped if destinations.is_public(each)] == []


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called_over_tls_only(address: str) -> None:
    destinations.check(ip_address(address), is_secure=True)
    with pytest.raises(destinations.Refused):
        destinations.check(ip_address(address), is_secure=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/",
        "https://127.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://0/",
        "https://169.254.169.254/latest/meta-data/", "https://127.0.0.1.:443/", "https://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_however_this_machine_is_written_it_is_not_called(url: str) -> None:
    assert calling.post(url, b"{}", {}, longest=2).error.startswith("refused")


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/", "https://",
        "https://user:pass@example.org/", "https://example.org@127.0.0.1/", "https://example.org/#x",
        "https://example.org/a b", "https://example.org/\r\nHost: evil", "https://exa\tmple.org/",
        "https://example.org:99999/", "https://[::1/", "https://example.org/ä", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(destinations.Refused):
        destinations.parse(url)


def test_an_operator_may_allow_a_network(settings: Any) -> None:
    with receiving() as receiver:
        assert calling.post(receiver.url, b"{}", {}).error.startswith("refused")
        settings.WEBHOOK_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"),)
        assert calling.post(receiver.url, b"{}", {}).status == 204
    assert len(receiver.calls) == 1


def test_a_name_that_also_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ["1.1.1.1", "10.0.0.1"])
    with pytest.raises(destinations.Refused):
        destinations.addresses_of(destinations.parse("https://both.example/"))


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebinding resolver: public when it is checked, this machine whenever it is asked again."""
    asked = resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(address: Any, **_: Any) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    answer = calling.post("https://rebind.example/", b"{}", {})
    assert answer.error == "connection: Connection refused"
    assert (asked, called) == (["rebind.example"], [("93.184.216.34", 443)])


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver of ours: gives the answers one by one, then the last one for ever. Returns who was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked
