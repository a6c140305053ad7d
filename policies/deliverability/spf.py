"""Sender Policy Framework (RFC 7208): who may send in the name of a domain."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from policies.deliverability import faults
from policies.deliverability.dns_answers import Answers
from policies.deliverability.faults import Finding

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_QUESTIONS, MOST_VOID, MOST_EXCHANGES = 10, 2, 10


class Result(StrEnum):
    """RFC 7208, 2.6; errors are raised."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - a word of the RFC
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"


class Broken(Exception):
    """The record cannot be used (permerror): the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.said)
        self.finding = finding


QUALIFIERS = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL, "": Result.PASS}
_DIRECTIVE = re.compile(
    r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::(.*?))?((?:/[0-9]{1,3})?(?://[0-9]{1,3})?)", re.IGNORECASE
)
_MODIFIER = re.compile(r"([a-z][-a-z0-9_.]*)=(.*)", re.IGNORECASE)
_MACRO = re.compile(r"%\{([slodipvh])([0-9]*)(r?)([-.+,/_=]*)\}|%%|%_|%-", re.IGNORECASE)
_NEEDS_DOMAIN, _TAKES_PREFIX = {"include", "exists"}, {"a", "mx", "ip4", "ip6"}


@dataclass(frozen=True)
class Directive:
    result: Result
    mechanism: str
    value: str
    prefixes: tuple[int, int]


@dataclass(frozen=True)
class Record:
    directives: tuple[Directive, ...]
    redirect: str


@dataclass
class Check:
    """
    One evaluation of `domain`, for a mail from `sender` sent by `address`.

    Without an address it is that of a stranger whom no network and no name holds: it goes through the whole record.
    """

    answers: Answers
    domain: str
    address: Address | None = None
    questions: int = 0
    void: int = 0
    uses_ptr: bool = False
    _open: list[str] = field(default_factory=list)

    def result(self) -> Result:
        """
        :raises Broken: if the record, or one that it leans on, is in error
        :raises NotKnown: if the DNS does not say
        """
        return self._of(self.domain)

    def _of(self, domain: str) -> Result:
        text = record_of(domain, self.answers, blame=self.domain)
        if text is None:
            return Result.NONE
        record = parse(text, domain)
        self._open.append(domain.lower())
        result = next((each.result for each in record.directives if self._matches(each, domain)), None)
        if result is None and record.redirect:
            self._count()
            result = self._leaning_on(self._expanded(record.redirect, domain), f"redirect={record.redirect}")
        self._open.pop()
        return result or Result.NEUTRAL

    def _leaning_on(self, domain: str | None, term: str) -> Result:
        if domain is None:
            return Result.NEUTRAL
        if domain.lower() in self._open:
            raise Broken(faults.found("spf-loop", self.domain, term=term))
        result = self._of(domain)
        if result == Result.NONE:
            raise Broken(faults.found("spf-include-none", self.domain, term=term))
        return result

    def _matches(self, each: Directive, domain: str) -> bool:
        if each.mechanism == "all":
            return True
        if each.mechanism in {"ip4", "ip6"}:
            return self._holds(f"{each.value}/{each.prefixes[each.mechanism == 'ip6']}")
        self._count()
        name = self._expanded(each.value, domain) if each.value else domain
        term = f"{each.mechanism}:{each.value or domain}"
        if each.mechanism == "include":
            return self._leaning_on(name, term) == Result.PASS
        if each.mechanism == "ptr":
            self.uses_ptr = True
            return name is not None and self._is_called(name)
        return name is not None and self._is_at(each, name, term)

    def _is_at(self, each: Directive, name: str, term: str) -> bool:
        if each.mechanism == "exists":
            found = [address for address in self.answers.addresses(name) if ":" not in address]
            self._note_void(found, term)
            return bool(found)
        if each.mechanism == "mx":
            hosts = [host for host in self.answers.exchanges(name) if host]
            self._note_void(hosts, term)
            if len(hosts) > MOST_EXCHANGES:
                raise Broken(faults.found("spf-many-exchanges", self.domain, term=term))
            addresses = [address for host in hosts for address in self.answers.addresses(host)]
        else:
            addresses = list(self.answers.addresses(name))
            self._note_void(addresses, term)
        return any(self._holds(f"{address}/{each.prefixes[':' in address]}") for address in addresses)

    def _is_called(self, domain: str) -> bool:
        if self.address is None:
            return False
        names = self.answers.names_of(str(self.address))[:MOST_EXCHANGES]
        ends = (domain.lower(), f".{domain.lower()}")
        return any(
            (name == ends[0] or name.endswith(ends[1])) and str(self.address) in self.answers.addresses(name)
            for name in names
        )

    def _holds(self, network: str) -> bool:
        held = ipaddress.ip_network(network, strict=False)
        # Whoever lets a whole half of the world send lets strangers.
        return held.prefixlen <= 1 if self.address is None else self.address in held

    def _count(self) -> None:
        self.questions += 1
        if self.questions > MOST_QUESTIONS:
            raise Broken(faults.found("spf-lookups", self.domain))

    def _note_void(self, found: object, term: str) -> None:
        self.void += not found
        if self.void > MOST_VOID:
            raise Broken(faults.found("spf-void", self.domain, term=term))

    def _expanded(self, text: str, domain: str) -> str | None:
        """A name with its macros filled in; None for a stranger's, of whom nothing is known."""
        if "%" not in text:
            return text
        return None if self.address is None else _MACRO.sub(lambda macro: self._filled(macro, domain), text)

    def _filled(self, macro: re.Match[str], domain: str) -> str:
        if not macro[1]:
            return {"%%": "%", "%_": " ", "%-": "%20"}[macro[0]]
        address = self.address or ipaddress.IPv4Address(0)
        is_v4 = address.version == 4
        value = {
            "s": f"postmaster@{self.domain}",
            "l": "postmaster",
            "o": self.domain,
            "d": domain,
            "i": str(address) if is_v4 else ".".join(address.exploded.replace(":", "")),
            "p": "unknown",
            "v": "in-addr" if is_v4 else "ip6",
            "h": self.domain,
        }[macro[1].lower()]
        parts = re.split(f"[{re.escape(macro[4] or '.')}]", value)
        if macro[3]:
            parts.reverse()
        return ".".join(parts[-int(macro[2]) :] if macro[2] else parts)


def record_of(domain: str, answers: Answers, *, blame: str) -> str | None:
    """
    The one SPF record of a domain; None where there is none.

    :raises Broken: if there are several
    """
    found = [text for text in answers.texts(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if len(found) > 1:
        raise Broken(
            faults.found("spf-two", domain if domain == blame else f"{domain} (named by {blame})", n=len(found))
        )
    return found[0] if found else None


def misspelled(domain: str, answers: Answers) -> str | None:
    """A record that was meant to be one."""
    return next(
        (text for text in answers.texts(domain) if re.match(r'["\s]*(v\s*=\s*)?spf', text, re.IGNORECASE)), None
    )


def parse(text: str, domain: str) -> Record:
    """
    Read a record; an error anywhere in it is one of all of it (RFC 7208, 4.6).

    :raises Broken: if there is one
    """
    directives: list[Directive] = []
    modifiers: dict[str, str] = {}
    for term in text.split()[1:]:
        if modifier := _MODIFIER.fullmatch(term):
            name = modifier[1].lower()
            if name in modifiers and name in {"redirect", "exp"}:
                raise Broken(faults.found("spf-syntax", domain, term=term))
            modifiers[name] = modifier[2]
            # What explains a refusal has macros of its own, and is read by nobody here.
            if name == "redirect":
                _look_at_macros(modifier[2], term, domain)
        else:
            directives.append(_directive(term, domain))
    if modifiers.get("redirect") == "":
        raise Broken(faults.found("spf-syntax", domain, term="redirect="))
    return Record(tuple(directives), modifiers.get("redirect", ""))


def _directive(term: str, domain: str) -> Directive:
    wrong = Broken(faults.found("spf-syntax", domain, term=term))
    # The longest name without a prefix length comes first: a macro may hold a slash.
    parts = _DIRECTIVE.fullmatch(term)
    if parts is None:
        raise wrong
    mechanism, value, lengths = parts[2].lower(), parts[3] or "", parts[4]
    has_value = parts[3] is not None
    if mechanism == "ip6" and lengths.startswith("//"):
        raise wrong
    is_bare = mechanism == "all" and (has_value or lengths)
    lacks = mechanism in {*_NEEDS_DOMAIN, "ip4", "ip6"} and not value
    if is_bare or lacks or (has_value and not value) or (lengths and mechanism not in _TAKES_PREFIX):
        raise wrong
    prefixes = _prefixes(mechanism, lengths)
    if prefixes is None:
        raise wrong
    if mechanism in {"ip4", "ip6"}:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raise wrong from None
        if f"ip{address.version}" != mechanism:
            raise wrong
    else:
        _look_at_macros(value, term, domain)
    return Directive(QUALIFIERS[parts[1]], mechanism, value, prefixes)


def _prefixes(mechanism: str, lengths: str) -> tuple[int, int] | None:
    """The lengths for IPv4 and IPv6; None where they cannot be."""
    first, _slashes, second = lengths.partition("//")
    short = int(first[1:]) if first else None
    if mechanism == "ip6":
        v4, v6 = 32, 128 if short is None else short
    else:
        v4, v6 = 32 if short is None else short, int(second) if second else 128
    return (v4, v6) if v4 <= 32 and v6 <= 128 and not (second and mechanism == "ip4") else None


def _look_at_macros(value: str, term: str, domain: str) -> None:
    rest = _MACRO.sub("", value)
    has_nothing_to_keep = any(macro[2] and int(macro[2]) == 0 for macro in _MACRO.finditer(value))
    if "%" in rest or has_nothing_to_keep:
        raise Broken(faults.found("spf-macro", domain, term=term))


def findings(domain: str, answers: Answers, *, addresses: tuple[Address, ...]) -> Iterator[Finding]:
    """
    What is wrong with the record of a domain from which mail is sent at `addresses`.

    :raises NotKnown: if the DNS does not say
    """
    stranger = Check(answers, domain)
    try:
        result = stranger.result()
        if result == Result.NONE:
            meant = misspelled(domain, answers)
            yield (
                faults.found("spf-misspelled", domain, record=meant) if meant else faults.found("spf-missing", domain)
            )
            return
        if stranger.uses_ptr:
            yield faults.found("spf-ptr", domain)
        if result == Result.PASS:
            yield faults.found("spf-passes-anybody", domain)
            return
        if result == Result.NEUTRAL:
            yield faults.found("spf-neutral-end", domain)
        for address in addresses:
            of_server = Check(answers, domain, address).result()
            if of_server == Result.NEUTRAL:
                yield faults.found("spf-server-neutral", domain, address=address)
            elif of_server != Result.PASS:
                yield faults.found("spf-server-refused", domain, address=address, result=of_server)
    except Broken as error:
        yield error.finding
