"""A mail server that speaks TLS and wants to know who signs in, with certificates made for the moment."""

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "policies@example.org", "correct horse"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of one test: who trusts `file` trusts what it issued."""

    name: str
    key: ec.EllipticCurvePrivateKey
    file: Path

    def issue(self, name: str = HOST, *, days: int = 1) -> ssl.SSLContext:
        """A server's TLS with a certificate for this address, which ends in so many days, or ended that long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
        certificate = (
            _certificate(name, key, issuer=self.name, days=days)
            .add_extension(address, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.file.with_name(f"{name}.pem")
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make_authority(folder: Path) -> Authority:
    name, key, file = (
        f"Authority of {folder.name}"[:64],
        ec.generate_private_key(ec.SECP256R1()),
        folder / "authority.pem",
    )
    is_authority = x509.BasicConstraints(ca=True, path_length=None)
    certificate = (
        _certificate(name, key, issuer=name, days=30)
        .add_extension(is_authority, critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(name, key, file)


def _certificate(name: str, key: ec.EllipticCurvePrivateKey, *, issuer: str, days: int) -> x509.CertificateBuilder:
    """One of the authority itself, or one that it is about to sign."""
    now = datetime.now(tz=UTC)
    builder = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Handler:
    """What came in: whether each mail came in TLS, who signed in how, and what was said in the clear."""

    refusal: str = ""
    mails: list[bool] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    in_clear: bytearray = field(default_factory=bytearray)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.mails.append(is_tls(server))
        return "250 2.0.0 Kept"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        is_right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        if is_right and is_tls(server) and not self.refusal:
            self.signed_in.append(mechanism)
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=self.refusal or None)


class Server(SMTP):
    """aiosmtpd's server, which tells what it heard outside TLS."""

    event_handler: Handler

    def data_received(self, data: bytes) -> None:
        if not is_tls(self):
            self.event_handler.in_clear += data
        super().data_received(data)


def is_tls(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


class SecureController(Controller):
    def factory(self) -> SMTP:
        return Server(self.handler, **self.SMTP_kwargs)


@dataclass(frozen=True)
class SecureSink:
    port: int
    handler: Handler


@contextmanager
def running(context: ssl.SSLContext, *, starttls: bool, port: int, **options: Any) -> Iterator[SecureSink]:
    """
    The server on a port of this machine. `starttls`: it takes nothing before STARTTLS; else it is TLS from the start.

    `options` are those of aiosmtpd's SMTP, such as `auth_required`.
    """
    handler = Handler()
    tls = {"tls_context": context, "require_starttls": True} if starttls else {}
    options = {"authenticator": handler.authenticate, "auth_require_tls": starttls, **tls, **options}
    controller = SecureController(
        handler,
        hostname=HOST,
        server_hostname="sink.example",
        port=port,
        ssl_context=None if starttls else context,
        **options,
    )
    controller.start()
    try:
        yield SecureSink(port, handler)
    finally:
        controller.stop()
