"""One thing of a sound mail domain is broken, and exactly that is said: each fault is met, by its name."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from policies.deliverability.dns_answers import Answers
from policies.deliverability.examining import Senders, examine
from policies.deliverability.faults import FAULTS, Gravity
from policies.deliverability.servers import MailServer
from policysite.running import processes
from tests.deliverability.sound import KEY, REVERSE, SENDERS, SERVER, WAY_OUT, dkim, hand_made, records, rsa_key
from tests.dns_server import serving
from tests.secure_sink import Authority, make_authority, running

SPF, DMARC, DKIM = ("example.org", "TXT"), ("_dmarc.example.org", "TXT"), (KEY, "TXT")
ED25519 = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
ELLIPTIC = base64.b64encode(
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
REPORTS = "rua=mailto:dmarc@example.org"
MANY = {(f"n{n}.example.org", "TXT"): ["v=spf1 ip4:203.0.113.1 -all"] for n in range(11)}
ELSEWHERE: Mapping[tuple[str, str], Sequence[str]] = {
    ("example.net", "TXT"): [f"v=spf1 ip4:{SERVER} -all"],
    ("example.net", "MX"): ["10 mail.example.org."],
    ("_dmarc.example.net", "TXT"): [f"v=DMARC1; p=reject; {REPORTS}"],
    ("s1._domainkey.example.net", "TXT"): [dkim()],
    ("example.net._report._dmarc.example.org", "TXT"): ["v=DMARC1"],
}
BELOW: Mapping[tuple[str, str], Sequence[str]] = {
    ("b.example.org", "TXT"): [f"v=spf1 ip4:{SERVER} -all"],
    ("b.example.org", "MX"): ["10 mail.example.org."],
}
FROM_BELOW = {"legal": "legal@b.example.org", "alerts": "alerts@b.example.org"}


@dataclass(frozen=True)
class Case:
    """What is broken: records that are put (or, empty, taken away), and what is other about the senders."""

    what: str
    faults: set[str]
    put: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    senders: Mapping[str, Any] = field(default_factory=dict)


def spf(what: str, faults: str, record: str, **more: Any) -> Case:
    return Case(what, set(faults.split()), {SPF: [record], **more.pop("put", {})}, **more)


def dmarc(what: str, faults: str, record: str, **more: Any) -> Case:
    return Case(what, set(faults.split()), {DMARC: [record], **more.pop("put", {})}, **more)


def key(what: str, faults: str, *found: str) -> Case:
    return Case(what, set(faults.split()), {DKIM: found})


CASES = [
    spf("no SPF", "spf-missing", "site-verification=1"),
    Case("no TXT at all", {"spf-missing"}, {SPF: []}),
    spf("SPF without its v", "spf-misspelled", f"spf1 ip4:{SERVER} -all"),
    spf("SPF of another version", "spf-misspelled", f"v=spf2 ip4:{SERVER} -all"),
    spf("quotes in SPF", "spf-misspelled", f'"v=spf1 ip4:{SERVER} -all"'),
    Case("two SPF records", {"spf-two"}, {SPF: [f"v=spf1 ip4:{SERVER} -all", "v=spf1 mx -all"]}),
    spf("a mechanism that is none", "spf-syntax", f"v=spf1 ipv4:{SERVER} -all"),
    spf("an address that is none", "spf-syntax", "v=spf1 ip4:198.51.100.999 -all"),
    spf("a prefix that is none", "spf-syntax", "v=spf1 ip4:198.51.100.0/33 -all"),
    spf("IPv6 as IPv4", "spf-syntax", "v=spf1 ip4:2001:db8::1 -all"),
    spf("an include of nothing", "spf-syntax", f"v=spf1 ip4:{SERVER} include: -all"),
    spf("an error after what matches", "spf-syntax", f"v=spf1 ip4:{SERVER} -all oops"),
    spf("two redirects", "spf-syntax", "v=spf1 redirect=a.example.org redirect=b.example.org"),
    spf("an unknown macro", "spf-macro", "v=spf1 exists:%{x}.example.org -all"),
    spf("a macro left open", "spf-macro", "v=spf1 exists:%{i.example.org -all"),
    spf("a macro that keeps nothing", "spf-macro", "v=spf1 exists:%{i0}.example.org -all"),
    spf("a lone percent sign", "spf-macro", "v=spf1 include:100%.example.org -all"),
    spf(
        "eleven includes",
        "spf-lookups",
        f"v=spf1 {' '.join(f'include:n{n}.example.org' for n in range(11))} ip4:{SERVER} -all",
        put=MANY,
    ),
    spf(
        "eleven lookups, most of them deep down",
        "spf-lookups",
        "v=spf1 include:deep.example.org mx -all",
        put={
            **MANY,
            ("deep.example.org", "TXT"): [f"v=spf1 {' '.join(f'include:n{n}.example.org' for n in range(9))} -all"],
        },
    ),
    spf(
        "three names that are gone",
        "spf-void",
        f"v=spf1 a:g1.example.org a:g2.example.org mx:g3.example.org ip4:{SERVER} -all",
    ),
    spf("an include of itself", "spf-loop", "v=spf1 include:example.org -all"),
    spf(
        "includes in a circle",
        "spf-loop",
        "v=spf1 include:round.example.org -all",
        put={("round.example.org", "TXT"): ["v=spf1 include:example.org -all"]},
    ),
    spf("an include without SPF", "spf-include-none", f"v=spf1 ip4:{SERVER} include:mail.example.org -all"),
    spf("a redirect without SPF", "spf-include-none", "v=spf1 redirect=mail.example.org"),
    spf(
        "an include with two records",
        "spf-two",
        f"v=spf1 include:two.example.org ip4:{SERVER} -all",
        put={("two.example.org", "TXT"): ["v=spf1 -all", "v=spf1 mx -all"]},
    ),
    spf(
        "an error in an include",
        "spf-syntax",
        f"v=spf1 include:bad.example.org ip4:{SERVER} -all",
        put={("bad.example.org", "TXT"): ["v=spf1 ipv4:203.0.113.1 -all"]},
    ),
    spf(
        "a mx of eleven",
        "spf-many-exchanges",
        f"v=spf1 mx:many.example.org ip4:{SERVER} -all",
        put={("many.example.org", "MX"): [f"10 m{n}.example.org." for n in range(11)]},
    ),
    spf("everybody may send", "spf-passes-anybody", "v=spf1 +all"),
    spf("everybody may send, without a sign", "spf-passes-anybody", "v=spf1 all"),
    spf("all networks may send", "spf-passes-anybody", "v=spf1 ip4:0.0.0.0/0 -all"),
    spf(
        "everybody may send by an include",
        "spf-passes-anybody",
        "v=spf1 include:open.example.org -all",
        put={("open.example.org", "TXT"): ["v=spf1 +all"]},
    ),
    spf("nothing said about strangers", "spf-neutral-end", f"v=spf1 ip4:{SERVER}"),
    spf("neutral about strangers", "spf-neutral-end", f"v=spf1 ip4:{SERVER} ?all"),
    spf("our server is not in it", "spf-server-refused", "v=spf1 ip4:203.0.113.9 -all"),
    spf("our server is softly refused", "spf-server-refused", "v=spf1 ip4:203.0.113.9 ~all"),
    spf("our server is refused by name", "spf-server-refused", f"v=spf1 -ip4:{SERVER} mx -all"),
    spf("neutral about our server", "spf-server-neutral spf-neutral-end", "v=spf1 ip4:203.0.113.9 ?all"),
    spf("ptr", "spf-ptr", f"v=spf1 ip4:{SERVER} ptr -all"),
    Case(
        "a second server is not in it",
        {"spf-server-refused", "ptr-missing"},
        senders={"sent_from": (ip_address(SERVER), ip_address("2001:db8::7"))},
    ),
    Case("the return path is at a provider", {"spf-not-aligned"}, ELSEWHERE, {"return_path": "example.net"}),
    dmarc(
        "strict about SPF, return path below",
        "spf-strict",
        f"v=DMARC1; p=reject; aspf=s; {REPORTS}",
        put=BELOW,
        senders={"return_path": "b.example.org"},
    ),
    Case("nobody said who signs", {"dkim-not-named"}, senders={"dkim_keys": ()}),
    key("no key", "dkim-missing"),
    key("two keys at one name", "dkim-two", dkim(), dkim(t="s")),
    key("no list of tags", "dkim-syntax", f"v=DKIM1; k=rsa; {rsa_key()}"),
    key("a tag twice", "dkim-syntax", f"{dkim()}; k=rsa"),
    key("no p", "dkim-syntax", "v=DKIM1; k=rsa"),
    key("another version", "dkim-version", dkim(v="DKIM2")),
    key("the version at the end", "dkim-version", f"k=rsa; p={rsa_key()}; v=DKIM1"),
    key("a revoked key", "dkim-revoked", dkim(p="")),
    key("an unknown kind", "dkim-type", dkim(k="dsa")),
    key("a key cut off", "dkim-unreadable", dkim(p=rsa_key()[:200])),
    key("a key that is no base64", "dkim-unreadable", dkim(p="not a key!")),
    key("an elliptic key as RSA", "dkim-other-key", dkim(p=ELLIPTIC)),
    key("an RSA key as Ed25519", "dkim-other-key dkim-ed25519-alone", dkim(k="ed25519")),
    key("512 bits", "dkim-short", dkim(p=hand_made(512))),
    key("1024 bits", "dkim-1024", dkim(p=rsa_key(1024))),
    key("Ed25519 alone", "dkim-ed25519-alone", dkim(k="ed25519", p=ED25519)),
    key("sha1 alone", "dkim-hash", dkim(h="sha1")),
    key("a key for something else", "dkim-service", dkim(s="tlsrpt")),
    key("a key that is tried out", "dkim-testing", dkim(t="y:s")),
    Case(
        "a provider's own domain signs", {"dkim-not-aligned"}, ELSEWHERE, {"dkim_keys": ("s1._domainkey.example.net",)}
    ),
    dmarc(
        "strict about DKIM, signed below",
        "dkim-strict",
        f"v=DMARC1; p=reject; adkim=s; {REPORTS}",
        put={("s1._domainkey.b.example.org", "TXT"): [dkim()]},
        senders={"dkim_keys": ("s1._domainkey.b.example.org",)},
    ),
    Case("no DMARC", {"dmarc-missing"}, {DMARC: []}),
    dmarc("DMARC of another version", "dmarc-misspelled", f"v=DMARC 1; p=reject; {REPORTS}"),
    dmarc("DMARC in small letters", "dmarc-misspelled", f"v=dmarc1; p=reject; {REPORTS}"),
    Case("two DMARC records", {"dmarc-two"}, {DMARC: ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}),
    dmarc("a tag without a value", "dmarc-syntax", "v=DMARC1; p=reject; rua"),
    dmarc("a value without a tag", "dmarc-syntax", "v=DMARC1; p=reject; =x"),
    dmarc("no policy", "dmarc-policy", "v=DMARC1; sp=reject"),
    dmarc("a policy that is none", "dmarc-policy", "v=DMARC1; p=monitor"),
    dmarc("an alignment that is none", "dmarc-tag", f"v=DMARC1; p=reject; adkim=strict; {REPORTS}"),
    dmarc("what RFC 9989 took out", "dmarc-removed", f"v=DMARC1; p=reject; pct=50; {REPORTS}"),
    dmarc("nothing done about forgeries", "dmarc-none", f"v=DMARC1; p=none; {REPORTS}"),
    dmarc("a missing p that counts as none", "dmarc-none", f"v=DMARC1; {REPORTS}"),
    dmarc(
        "nothing done about forgeries below",
        "dmarc-subdomains-none",
        f"v=DMARC1; p=reject; sp=none; {REPORTS}",
        put=BELOW,
        senders=FROM_BELOW,
    ),
    dmarc("a DMARC that is tried out", "dmarc-testing", f"v=DMARC1; p=reject; t=y; {REPORTS}"),
    dmarc("a domain as a public suffix", "dmarc-public-suffix", f"v=DMARC1; p=reject; psd=y; {REPORTS}"),
    dmarc("no reports", "dmarc-no-reports", "v=DMARC1; p=reject"),
    dmarc("reports to no address", "dmarc-reports-unreadable", "v=DMARC1; p=reject; rua=dmarc@example.org"),
    dmarc("reports to strangers", "dmarc-reports-unpermitted", "v=DMARC1; p=reject; rua=mailto:us@reports.example"),
    Case(
        "nothing is of our domain",
        {"spf-not-aligned", "dkim-not-aligned", "dmarc-cannot-pass"},
        ELSEWHERE,
        {"return_path": "example.net", "dkim_keys": ("s1._domainkey.example.net",)},
    ),
    Case("nobody said from where mail goes out", {"server-unknown"}, senders={"sent_from": ()}),
    Case(
        "mail in the clear to another network",
        {"server-in-the-clear"},
        {("relay.example.org", "A"): ["9.9.9.9"]},
        {"server": MailServer("relay.example.org", 25)},
    ),
    Case("no name", {"ptr-missing"}, {(REVERSE, "PTR"): []}),
    Case("a name of somebody else", {"ptr-not-confirmed"}, {(REVERSE, "PTR"): ["www.example.org."]}),
    Case(
        "a name made from the number",
        {"ptr-generic"},
        {(REVERSE, "PTR"): ["7-100-51-198.pool.isp.example."], ("7-100-51-198.pool.isp.example", "A"): [SERVER]},
    ),
    Case(
        "nothing can come back",
        {"return-path-nowhere"},
        {**BELOW, ("b.example.org", "MX"): []},
        {"return_path": "b.example.org"},
    ),
    Case(
        "a null MX for what comes back",
        {"return-path-null"},
        {**BELOW, ("b.example.org", "MX"): ["0 ."]},
        {"return_path": "b.example.org"},
    ),
    Case("a MX without an address", {"return-path-exchange"}, {("example.org", "MX"): ["10 gone.example.org."]}),
    Case("a sender that is nowhere", {"from-nowhere"}, senders=FROM_BELOW),
    Case("a sender that takes no mail", {"from-null"}, {("b.example.org", "MX"): ["0 ."]}, FROM_BELOW),
    Case("one sender for both streams", {"senders-alike"}, senders={"alerts": "Legal@example.org"}),
    Case(
        "no one-click header",
        {"one-click-missing"},
        senders={"way_out": {"List-Unsubscribe": WAY_OUT["List-Unsubscribe"]}},
    ),
    Case("no way out", {"one-click-missing"}, senders={"way_out": {}}),
    Case(
        "one click in the clear",
        {"one-click-insecure"},
        senders={"way_out": {**WAY_OUT, "List-Unsubscribe": "<http://a.example/>"}},
    ),
]
# Met below, with a mail server or with silence.
BELOW_HERE = {"server-no-starttls", "server-certificate", "server-away", "dns-silent"}


def found(put: Mapping[tuple[str, str], Sequence[str]], **senders: Any) -> set[str]:
    with serving({**records(), **put}) as server:
        return {each.name for each in examine(replace(SENDERS, **senders), Answers(server.servers, seconds=60))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_one_broken_thing_is_named(case: Case) -> None:
    assert found(case.put, **case.senders) == case.faults


def test_every_fault_is_met_here() -> None:
    assert set().union(*(case.faults for case in CASES)) | BELOW_HERE == set(FAULTS)


@pytest.mark.parametrize(
    ("put", "senders"),
    [
        ({}, {}),
        ({SPF: ["v=spf1 mx -all"]}, {}),
        ({SPF: ["v=spf1 a:mail.example.org/24 ~all"]}, {}),
        ({SPF: ["v=spf1 redirect=_spf.example.org"], ("_spf.example.org", "TXT"): [f"v=spf1 ip4:{SERVER} -all"]}, {}),
        (
            {
                SPF: ["v=spf1 exists:%{ir}.%{v}.allow.%{d2} -all"],
                ("7.100.51.198.in-addr.allow.example.org", "A"): ["127.0.0.2"],
            },
            {},
        ),
        ({DMARC: ["v = DMARC1 ; p = quarantine ; rua = mailto:dmarc@example.org!10m ; x=1;"]}, {}),
        (
            {
                DMARC: ["v=DMARC1; p=reject; rua=mailto:us@reports.example"],
                ("example.org._report._dmarc.reports.example", "TXT"): ["v=DMARC1;"],
            },
            {},
        ),
        (BELOW, {"return_path": "b.example.org"}),
        (BELOW, FROM_BELOW),
        ({(KEY, "TXT"): [f"p={rsa_key()}"]}, {}),
        ({}, {"server": MailServer("127.0.0.1", 25)}),
        (
            {("s2._domainkey.example.org", "TXT"): [dkim(k="ed25519", p=ED25519)]},
            {"dkim_keys": (KEY, "s2._domainkey.example.org")},
        ),
    ],
)
def test_what_is_sound_is_said_to_be(put: Mapping[tuple[str, str], Sequence[str]], senders: Mapping[str, Any]) -> None:
    assert found(put, **senders) == set()


def test_long_answers_come_by_tcp() -> None:
    with serving(records()) as server:
        server.only_by_tcp = True
        assert examine(SENDERS, Answers(server.servers, seconds=60)) == []


@pytest.mark.parametrize("trouble", ["silent", "failing"])
@pytest.mark.parametrize("name", ["example.org", "_dmarc.example.org", KEY, REVERSE])
def test_a_dns_that_does_not_answer_is_not_known_and_never_good_or_wrong(trouble: str, name: str) -> None:
    with serving(records()) as server:
        getattr(server, trouble).add(name)
        found = examine(SENDERS, Answers(server.servers, seconds=0.5))
    assert {(each.name, each.gravity) for each in found} == {("dns-silent", Gravity.UNKNOWN)}


def test_no_dns_at_all_is_told_once() -> None:
    found = examine(SENDERS, Answers((("127.0.0.1", processes.free_port()),), seconds=0.5))
    assert [each.name for each in found] == ["dns-silent"]


def test_each_question_is_asked_once() -> None:
    with serving(records()) as server:
        examine(SENDERS, Answers(server.servers, seconds=60))
    assert len(server.asked) == len(set(server.asked))


def test_what_is_wrong_comes_first_and_says_what_to_do() -> None:
    with serving({**records(), SPF: ["v=spf1 ?all"], DMARC: []}) as server:
        found = examine(replace(SENDERS, dkim_keys=()), Answers(server.servers, seconds=60))
    gravities = [each.gravity for each in found]
    assert gravities == sorted(gravities, key=list(Gravity).index)
    assert 'Publish one at _dmarc (TXT), to begin with "v=DMARC1; p=none; rua=mailto:...".' in found[1].said


def test_what_others_wrote_is_short_and_steers_no_terminal() -> None:
    with serving({**records(), SPF: ["v=spf1 \x1b[2J{0}" + "x" * 1000]}) as server:
        [found] = examine(SENDERS, Answers(server.servers, seconds=60))
    assert found.said.startswith("The SPF record of example.org has a term that is none: �[2J{0}xxx")
    assert len(found.said) < 300


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def of_server(port: int, by: str) -> Senders:
    return replace(SENDERS, server=MailServer("127.0.0.1", port, by))


@pytest.mark.parametrize("by", ["starttls", "tls"])
def test_a_server_with_a_good_certificate_is_sound(
    by: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    port = processes.free_port()
    with serving(records()) as dns, running(authority.issue(), starttls=by == "starttls", port=port):
        assert examine(of_server(port, by), Answers(dns.servers, seconds=60)) == []


@pytest.mark.parametrize("by", ["starttls", "tls"])
def test_a_certificate_that_is_not_good_is_told(by: str, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    port = processes.free_port()
    with serving(records()) as dns, running(authority.issue(days=-1), starttls=by == "starttls", port=port):
        found = examine(of_server(port, by), Answers(dns.servers, seconds=60))
    assert [each.name for each in found] == ["server-certificate"]
    assert "certificate has expired" in found[0].said


def test_a_server_without_starttls_is_told(smtp_sink: Any) -> None:
    with serving(records()) as dns:
        found = examine(of_server(smtp_sink.port, "starttls"), Answers(dns.servers, seconds=60))
    assert [each.name for each in found] == ["server-no-starttls"]


def test_a_server_that_is_away_is_not_known() -> None:
    with serving(records()) as dns:
        found = examine(of_server(processes.free_port(), "starttls"), Answers(dns.servers, seconds=60))
    assert [(each.name, each.gravity) for each in found] == [("server-away", Gravity.UNKNOWN)]
