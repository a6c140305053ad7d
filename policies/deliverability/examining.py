"""Everything by which a mail from here could be refused, examined at once; it never raises and ends in bounded time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policies.deliverability import dkim_keys, dmarc, faults, servers, spf
from policies.deliverability.dns_answers import Answers, NotKnown
from policies.deliverability.faults import Finding, Gravity
from policies.deliverability.servers import MailServer
from policies.deliverability.spf import Address


@dataclass(frozen=True)
class Senders:
    """
    What is known here of how mail goes out.

    :ivar legal, alerts: the addresses in From of the two streams
    :ivar return_path: the domain that mail comes back to, which SPF is about
    :ivar server: where mail is handed over; None where a provider takes it by HTTP
    :ivar sent_from: the addresses from which it goes out into the world; empty where nobody said
    :ivar dkim_keys: the DNS names of the keys it is signed with; empty where nobody said
    :ivar way_out: the List-Unsubscribe headers of mails to followers
    """

    legal: str
    alerts: str
    return_path: str
    server: MailServer | None = None
    sent_from: tuple[Address, ...] = ()
    dkim_keys: tuple[str, ...] = ()
    way_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains in From, each once."""
        return tuple(dict.fromkeys(address.rpartition("@")[2].lower() for address in (self.legal, self.alerts)))


def examine(senders: Senders, answers: Answers) -> list[Finding]:
    """What was found, what is wrong first. Nothing found: nothing known keeps deliverability from being good."""
    steps: list[Callable[[], Iterable[Finding]]] = [
        lambda: spf.findings(senders.return_path, answers, addresses=senders.sent_from),
        *(_about(dkim_keys.findings, key, answers) for key in senders.dkim_keys),
        *(_about(dmarc.findings, domain, answers) for domain in senders.domains),
        *(_about(_alignment, domain, answers, senders) for domain in senders.domains),
        lambda: servers.return_path_findings(senders.return_path, answers),
        *(
            _about(servers.sender_findings, domain, answers)
            for domain in senders.domains
            if domain != senders.return_path
        ),
        *(_about(servers.name_findings, address, answers) for address in senders.sent_from),
        lambda: _of_the_server(senders, answers),
        lambda: _of_mails(senders),
        lambda: _ed25519_alone(senders, answers),
    ]
    found = dict.fromkeys(finding for step in steps for finding in _as_far_as_known(step, senders.return_path))
    silent = [finding for finding in found if finding.name == "dns-silent"]
    # One silence is told: the others have the same reason.
    told = [finding for finding in found if finding not in silent[1:]]
    return sorted(told, key=lambda each: list(Gravity).index(each.gravity))


def _about(examine: Callable[..., Iterable[Finding]], *arguments: object) -> Callable[[], Iterable[Finding]]:
    return lambda: examine(*arguments)


def _as_far_as_known(step: Callable[[], Iterable[Finding]], about: str) -> Iterator[Finding]:
    try:
        yield from step()
    except NotKnown as error:
        yield faults.found("dns-silent", about, why=error)


def _alignment(domain: str, answers: Answers, senders: Senders) -> Iterator[Finding]:
    """Whether SPF or DKIM is about the domain that people see: DMARC counts no other (RFC 9989, 4.4)."""
    record = dmarc.record_for(domain, answers)
    by_spf = list(_by_spf(domain, answers, senders.return_path, exactly=bool(record and record.wants_the_same("aspf"))))
    by_dkim = list(
        _by_dkim(domain, answers, senders.dkim_keys, exactly=bool(record and record.wants_the_same("adkim")))
    )
    yield from by_spf
    yield from by_dkim
    if by_spf and by_dkim and senders.dkim_keys:
        yield faults.found("dmarc-cannot-pass", domain)


def _by_spf(domain: str, answers: Answers, return_path: str, *, exactly: bool) -> Iterator[Finding]:
    if not dmarc.are_aligned(domain, return_path, answers, exactly=exactly):
        is_one = exactly and dmarc.are_aligned(domain, return_path, answers, exactly=False)
        yield faults.found("spf-strict" if is_one else "spf-not-aligned", domain, other=return_path)


def _by_dkim(domain: str, answers: Answers, keys: tuple[str, ...], *, exactly: bool) -> Iterator[Finding]:
    if not keys:
        yield faults.found("dkim-not-named", domain)
        return
    signing = [dkim_keys.domain_of(key) for key in keys]
    if not any(dmarc.are_aligned(domain, each, answers, exactly=exactly) for each in signing):
        is_one = exactly and any(dmarc.are_aligned(domain, each, answers, exactly=False) for each in signing)
        yield faults.found("dkim-strict" if is_one else "dkim-not-aligned", domain)


def _of_the_server(senders: Senders, answers: Answers) -> Iterator[Finding]:
    if not senders.sent_from:
        yield faults.found("server-unknown", senders.return_path)
    if senders.server is None:
        return
    yield from servers.tls_findings(senders.server, answers)


def _of_mails(senders: Senders) -> Iterator[Finding]:
    if senders.legal.lower() == senders.alerts.lower():
        yield faults.found("senders-alike", senders.legal)
    target = senders.way_out.get("List-Unsubscribe", "").strip("<>")
    if not target or senders.way_out.get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        yield faults.found("one-click-missing", senders.alerts)
    elif not target.startswith("https://"):
        yield faults.found("one-click-insecure", target)


def _ed25519_alone(senders: Senders, answers: Answers) -> Iterator[Finding]:
    if senders.dkim_keys and all(dkim_keys.is_of_ed25519(key, answers) for key in senders.dkim_keys):
        yield faults.found("dkim-ed25519-alone", senders.return_path)
