"""Kinds of settings that name a host, an origin, a server or a mail address."""

import re
from email.headerregistry import HeaderRegistry
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import environ

from policies.mail import answer_link
from policysite.environment.kinds import Kind

LABEL = r"[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)*{LABEL}", re.IGNORECASE)
DNS_PORT = 53
# Where mail servers listen: for others, for programs that begin TLS in the open, and for those that begin with it.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ip() -> Kind:
    return Kind("addresses, such as 198.51.100.7", ip_address)


def dns_server() -> Kind:
    def read(given: str) -> tuple[str, int]:
        parts = _split(f"dns://{_bracketed(given) if given.count(':') > 1 and '[' not in given else given}")
        return str(ip_address(parts.hostname or "")), parts.port or DNS_PORT

    return Kind("addresses of DNS servers, such as 9.9.9.9 or 127.0.0.1:5353", read)


def dkim_key() -> Kind:
    def read(given: str) -> str:
        selector, mark, domain = given.lower().rstrip(".").partition("._domainkey.")
        if not mark or not NAME.fullmatch(selector) or not NAME.fullmatch(domain):
            raise ValueError
        return f"{selector}{mark}{domain}"

    return Kind("names of keys, such as s1._domainkey.example.org", read)


def origin(words: str) -> Kind:
    """A scheme, a host and perhaps a port, written as browsers write it; `http` for this machine alone."""

    def read(given: str) -> str:
        parts = _split(given)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("It has to begin with https://.")
        if parts.path.strip("/"):
            raise ValueError("It has a path, and an origin has none: a site has a host name of its own.")
        if parts.query or parts.fragment or parts.username is not None or given.endswith(("?", "#")):
            raise ValueError("It says more than an origin does.")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("http is for this machine alone.")
        port = "" if parts.port in {None, {"http": 80, "https": 443}[parts.scheme]} else f":{parts.port}"
        return f"{parts.scheme}://{_bracketed(parts.hostname)}{port}"

    return Kind(words, read, "")


def answer_page() -> Kind:
    def read(given: str) -> str:
        try:
            answer_link.checked(given)
        except answer_link.NotAnAddress as error:
            raise ValueError(str(error)) from error
        return given

    return Kind("a page of your product, such as https://app.example.org/terms?of={policy}&v={version}", read, "")


def web_address(words: str) -> Kind:
    def read(given: str) -> str:
        parts = _split(given)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("It has to begin with https:// or http://.")
        return given

    return Kind(words, read, "")


def contact() -> Kind:
    def read(given: str) -> str:
        """As RFC 9116 has it (2.5.3)."""
        is_mail = given.startswith("mailto:") and "@" in given
        if not (is_mail or re.fullmatch(r"https://\S+|tel:\+?[-0-9.]+", given)) or re.search(r"\s", given):
            raise ValueError
        return given

    return Kind("mailto: with an address, or a page with https://", read, "")


def host_name() -> Kind:
    def read(given: str) -> str:
        if not NAME.fullmatch(_ascii(given)):
            raise ValueError
        return given

    return Kind("a domain, such as example.org", read, "")


def allowed_host() -> Kind:
    def read(given: str) -> str:
        bare = given.removeprefix(".")
        if bare.startswith("[") and bare.endswith("]"):
            ip_address(bare[1:-1])
        elif given != "*" and not NAME.fullmatch(_ascii(bare)):
            raise ValueError("It is a name without scheme, port and path.")
        return given

    return Kind("host names, such as policies.example.org", read)


def network() -> Kind:
    def read(given: str) -> IPv4Network | IPv6Network:
        return ip_network(given)

    return Kind("networks, such as 10.1.2.0/24", read)


def sender() -> Kind:
    """One address, with or without a name; a header is made of it."""

    def read(given: str) -> str:
        address = parseaddr(given)[1]
        local, _at, domain = address.rpartition("@")
        if not given.isprintable() or not local or not NAME.fullmatch(_ascii(domain)):
            raise ValueError
        header: Any = HeaderRegistry()("From", given)
        if len(header.addresses) != 1 or header.defects:
            raise ValueError("A name with a comma or the like in it stands in quotes.")
        return given

    return Kind("one address, such as Example <legal@example.org>", read, "")


def mail_server() -> Kind:
    """The settings of Django's that say where mail goes."""

    def read(given: str) -> dict[str, Any]:
        parts = _split(given)
        if parts.scheme not in MAIL_PORTS:
            raise ValueError("It begins with another word.")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("It is a scheme, a host and a port; others are percent-encoded.")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise ValueError("A user and a password go together.")
        if not (user + password).isascii():
            raise ValueError("Mail servers take ASCII alone.")
        return {
            "HOST": parts.hostname,
            "PORT": parts.port or MAIL_PORTS[parts.scheme],
            "HOST_USER": user,
            "HOST_PASSWORD": password,
            "USE_TLS": parts.scheme == "smtp+tls",
            "USE_SSL": parts.scheme == "smtp+ssl",
        }

    return Kind("smtp://host:25, smtp+tls://user:password@host:587 or smtp+ssl://user:password@host:465", read)


def database() -> Kind:
    def read(given: str) -> dict[str, Any]:
        scheme, _colon, rest = given.replace("sqlite://:memory:", "sqlite:///:memory:").partition("://")
        if scheme not in {"postgres", "postgresql", "sqlite"}:
            raise ValueError("It begins with another word.")
        # Several hosts, of which libpq takes the first that answers: each is one.
        user, at, place = rest.partition("/")[0].rpartition("@")
        for host in place.split(","):
            _split(f"{scheme}://{user}{at}{host}/{rest.partition('/')[2]}")
        found: dict[str, Any] = environ.Env.db_url_config(given)
        if not found.get("NAME"):
            raise ValueError("It names no database.")
        return found

    return Kind("postgres://user:password@host:5432/name", read)


def broker() -> Kind:
    def read(given: str) -> str:
        if given == "none":
            return ""
        parts = _split(given)
        if parts.scheme not in {"redis", "rediss", "filesystem"}:
            raise ValueError("It begins with another word.")
        if parts.scheme != "filesystem" and (not parts.hostname or not re.fullmatch(r"/?[0-9]*", parts.path)):
            raise ValueError("It is a host and the number of a database.")
        return given

    return Kind("redis://host:6379/0, rediss:// with TLS, or none", read)


def _split(given: str) -> SplitResult:
    """
    :raises ValueError: if it is no URL, or names a host or port that cannot be
    """
    if not given.isprintable() or " " in given:
        raise ValueError("It has a blank or a line break in it.")
    parts = urlsplit(given)
    host = parts.hostname or ""
    if host and ":" not in host and not NAME.fullmatch(_ascii(host)):
        raise ValueError("Its host cannot be one.")
    if parts.port == 0:
        raise ValueError("There is no port 0.")
    return parts


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _ascii(host: str) -> str:
    """International names as the DNS has them; empty where there is no such name."""
    try:
        return host.encode("idna").decode() if host else ""
    except UnicodeError:
        return ""
