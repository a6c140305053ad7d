"""What the DNS says, within one bounded time. Silence and errors are “not known”, never “there is none”."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
import dns.reversename

# Seconds: for one question, and for all of one look together.
ONE_QUESTION, ALL_QUESTIONS = 3.0, 8.0
DNS_PORT = 53


class NotKnown(Exception):
    """The DNS did not say; the message says why."""


@dataclass
class Answers:
    """
    The answers of the named servers, each asked for once; of the system's own where none is named.

    :ivar servers: (address, port)
    :ivar seconds: for all questions together
    """

    servers: Sequence[tuple[str, int]] = ()
    seconds: float = ALL_QUESTIONS
    _known: dict[tuple[str, str], tuple[Any, ...] | NotKnown] = field(default_factory=dict, repr=False)
    _resolver: dns.resolver.Resolver | None = field(default=None, repr=False)
    _until: float = 0

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records, each joined from its pieces. :raises NotKnown:"""
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT"))

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 and IPv6. :raises NotKnown:"""
        return tuple(record.address for kind in ("A", "AAAA") for record in self._ask(name, kind))

    def exchanges(self, name: str) -> tuple[str, ...]:
        """The names of its MX records, the preferred first; "" is the null MX (RFC 7505). :raises NotKnown:"""
        found = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        return tuple(_plain(record.exchange) for record in found)

    def names_of(self, address: str) -> tuple[str, ...]:
        """The names of its PTR records. :raises NotKnown:"""
        reverse = _plain(dns.reversename.from_address(address))
        return tuple(_plain(record.target) for record in self._ask(reverse, "PTR"))

    def _ask(self, name: str, kind: str) -> tuple[Any, ...]:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            try:
                self._known[key] = self._asked(*key)
            except NotKnown as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, NotKnown):
            raise found
        return found

    def _asked(self, name: str, kind: str) -> tuple[Any, ...]:
        try:
            # International names as the DNS has them; a record may name anything.
            absolute = dns.name.from_text(f"{name}.", idna_codec=dns.name.IDNA_2008_Practical)
        except (dns.exception.DNSException, UnicodeError):
            return ()
        try:
            answer = self._ready().resolve(
                absolute, kind, lifetime=self._left(), search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise NotKnown(f"The DNS did not answer about {name} ({kind}, {type(error).__name__}).") from error
        return tuple(answer.rrset or ())

    def _left(self) -> float:
        if not self._until:
            self._until = time.monotonic() + self.seconds
        left = self._until - time.monotonic()
        if left <= 0:
            raise NotKnown(f"The DNS took more than {self.seconds:g} s in all.")
        return min(left, ONE_QUESTION)

    def _ready(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=not self.servers)
            if self.servers:
                self._resolver.nameservers = [
                    dns.nameserver.Do53Nameserver(address, port) for address, port in self.servers
                ]
        return self._resolver


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower().removesuffix(".")
