"""The servers that mail goes through: their names in both directions, their TLS, and where mail comes back to."""

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from policies.deliverability import faults
from policies.deliverability.dns_answers import Answers
from policies.deliverability.faults import Finding
from policies.deliverability.spf import Address

# Seconds for each answer of the mail server.
PATIENCE = 4.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `by` is "tls", "starttls", or "" for neither."""

    host: str
    port: int
    by: str = ""
    local_name: str = "localhost"

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def tls_findings(server: MailServer, answers: Answers) -> Iterator[Finding]:
    """
    Connect, greet and go over to TLS, as a mail would; nothing is said after that.

    :raises NotKnown: if the DNS does not say where a server is that is used in the clear
    """
    if not server.by:
        if any(not address.is_private for address in _addresses_of(server, answers)):
            yield faults.found("server-in-the-clear", server.name)
        return
    try:
        _go_over_to_tls(server)
    except smtplib.SMTPNotSupportedError:
        yield faults.found("server-no-starttls", server.name)
    except ssl.SSLCertVerificationError as error:
        yield faults.found("server-certificate", server.name, why=error.verify_message)
    except (OSError, smtplib.SMTPException) as error:
        yield faults.found("server-away", server.name, why=" ".join(str(error).split())[:200])


def _addresses_of(server: MailServer, answers: Answers) -> tuple[Address, ...]:
    """None for a name that only this machine's own files know: it is near."""
    try:
        return (ipaddress.ip_address(server.host),)
    except ValueError:
        return tuple(ipaddress.ip_address(each) for each in answers.addresses(server.host))


def _go_over_to_tls(server: MailServer) -> None:
    context = ssl.create_default_context()
    if server.by == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, server.local_name, timeout=PATIENCE, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, server.local_name, timeout=PATIENCE)
    with smtp:
        smtp.ehlo()
        if server.by == "starttls":
            smtp.starttls(context=context)


def name_findings(address: Address, answers: Answers) -> Iterator[Finding]:
    """Whether an address has a name, and the name that address (RFC 8601, 2.7.3: iprev). :raises NotKnown:"""
    names = answers.names_of(str(address))
    if not names:
        yield faults.found("ptr-missing", str(address))
    elif not any(_has(name, address, answers) for name in names):
        yield faults.found("ptr-not-confirmed", str(address), other=", ".join(names[:3]))
    elif all(_is_generic(name, address) for name in names):
        yield faults.found("ptr-generic", str(address), other=names[0])


def _has(name: str, address: Address, answers: Answers) -> bool:
    return any(ipaddress.ip_address(each) == address for each in answers.addresses(name))


def _is_generic(name: str, address: Address) -> bool:
    """Made from the number: all of its parts stand in the name, in either order."""
    if address.version == 6:
        return address.exploded.replace(":", "")[-12:] in re.sub(r"[^0-9a-f]", "", name)
    in_name = [str(int(number)) for number in re.findall(r"[0-9]+", name)]
    return all(part in in_name for part in str(address).split("."))


def return_path_findings(domain: str, answers: Answers) -> Iterator[Finding]:
    """Whether what comes back arrives anywhere. :raises NotKnown: if the DNS does not say"""
    exchanges = answers.exchanges(domain)
    if exchanges == ("",):
        yield faults.found("return-path-null", domain)
    elif not exchanges and not answers.addresses(domain):
        yield faults.found("return-path-nowhere", domain)
    for exchange in exchanges:
        if exchange and not answers.addresses(exchange):
            yield faults.found("return-path-exchange", domain, other=exchange)


def sender_findings(domain: str, answers: Answers) -> Iterator[Finding]:
    """Whether a sender's domain takes mail, as receivers ask of it. :raises NotKnown: if the DNS does not say"""
    exchanges = answers.exchanges(domain)
    if exchanges == ("",):
        yield faults.found("from-null", domain)
    elif not exchanges and not answers.addresses(domain):
        yield faults.found("from-nowhere", domain)
