"""SPF as RFC 7208 has it: the examples of its macros, and how terms are counted and matched."""

from ipaddress import ip_address

import pytest

from policies.deliverability.dns_answers import Answers
from policies.deliverability.spf import Broken, Check, Result, parse
from tests.dns_server import serving

V4, V6 = "192.0.2.3", "2001:db8::cb01"


def result(record: str, address: str | None = V4, **others: str) -> Result:
    records = {(name.replace("_", "."), "TXT"): [text] for name, text in {"example.org": record, **others}.items()}
    hosts = {("host.example.org", "A"): [V4], ("host.example.org", "AAAA"): [V6]}
    with serving({**records, **hosts}) as server:
        return Check(
            Answers(server.servers, seconds=60), "example.org", ip_address(address) if address else None
        ).result()


@pytest.mark.parametrize(
    ("macro", "filled"),
    [
        # RFC 7208, 7.4, with our own names.
        ("%{s}", "postmaster@strong.email.example.com"),
        ("%{o}", "strong.email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "postmaster"),
        ("%{l-}", "postmaster"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "postmaster.lp._spf.example.com"),
        ("100%%-%_-%-", "100%- -%20"),
    ],
)
def test_macros_are_filled_in(macro: str, filled: str) -> None:
    check = Check(Answers(), "strong.email.example.com", ip_address(V4))
    assert check._expanded(macro, "email.example.com") == filled


def test_a_macro_of_ipv6_is_written_in_nibbles() -> None:
    check = Check(Answers(), "example.com", ip_address(V6))
    reverse = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    assert check._expanded("%{ir}.%{v}._spf.%{d2}", "example.com") == f"{reverse}.ip6._spf.example.com"


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", V4, Result.PASS),
        ("v=spf1 ip4:192.0.2.0/31 -all", V4, Result.FAIL),
        ("v=spf1 ip6:2001:db8::/32 ~all", V6, Result.PASS),
        ("v=spf1 ip6:2001:db8::/32 ~all", V4, Result.SOFTFAIL),
        ("v=spf1 a:host.example.org/24//64 -all", "192.0.2.200", Result.PASS),
        ("v=spf1 a:host.example.org/24//64 -all", "2001:db8::1", Result.PASS),
        ("v=spf1 a:host.example.org//64 -all", "192.0.2.200", Result.FAIL),
        ("v=spf1 ?ip4:192.0.2.3 -all", V4, Result.NEUTRAL),
        ("V=SPF1 A:HOST.EXAMPLE.ORG -ALL", V4, Result.PASS),
        ("v=spf1", V4, Result.NEUTRAL),
        ("v=spf1 redirect=other.example.net ip4:192.0.2.3", V4, Result.PASS),
        ("v=spf1 exp=%{x}.example.org unknown=%{y} -all", V4, Result.FAIL),
        ("v=spf1 exists:host.example.org -all", V4, Result.PASS),
        ("v=spf1 exists:%{i}.example.org -all", None, Result.FAIL),
        ("no spf", V4, Result.NONE),
    ],
)
def test_a_record_is_evaluated(record: str, address: str | None, expected: Result) -> None:
    assert result(record, address) == expected


def test_an_include_matches_only_where_it_passes() -> None:
    record = "v=spf1 include:one.example.net ~all"
    assert result(record, **{"one.example.net": "v=spf1 ip4:192.0.2.3 -all"}) == Result.PASS
    assert result(record, **{"one.example.net": "v=spf1 -all"}) == Result.SOFTFAIL


def test_ten_questions_are_allowed_and_the_eleventh_is_not() -> None:
    ten = " ".join(["a:host.example.org"] * 10)
    assert result(f"v=spf1 {ten} -all", "203.0.113.1") == Result.FAIL
    with pytest.raises(Broken, match="more than 10"):
        result(f"v=spf1 {ten} a:host.example.org -all", "203.0.113.1")


@pytest.mark.parametrize(
    "term",
    [
        "all:x",
        "all/8",
        "ip4:1.2.3.4//64",
        "ip6:::1//64",
        "ip6:::1/129",
        "exists",
        "exists:x/8",
        "a:",
        "mx/33",
        "a//129",
        "+",
    ],
)
def test_what_is_no_term_breaks_the_record(term: str) -> None:
    with pytest.raises(Broken):
        parse(f"v=spf1 {term} -all", "example.org")
