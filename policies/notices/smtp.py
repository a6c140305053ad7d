"""
A small SMTP client that shows its phases, so that the sender knows what is certain when a connection ends.

smtplib does greeting, STARTTLS and signing in; the exchange of mails is ours. Where the server offers PIPELINING
(RFC 2920), MAIL, RCPT and DATA travel together with the end of the mail before: one round trip a mail.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from policies.notices.answers import Phase, Reply

LONGEST_LINE = 2048


@dataclass(frozen=True)
class Server:
    """Where mail goes out. `timeout` is in seconds, for connecting and for each answer."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 60
    local_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


class Broken(Exception):
    """The connection ended, or stayed silent for too long, in this phase."""

    def __init__(self, phase: Phase, why: object) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase = phase
        self.why = str(why)[:300]


class Refused(Exception):
    """The server said no in this phase."""

    def __init__(self, phase: Phase, reply: Reply) -> None:
        super().__init__(f"{phase}: {reply.code} {reply.text}")
        self.phase = phase
        self.reply = reply


class Session:
    """
    One connection. Per mail: `begin`, `go_ahead` (354 was read), then `send` and `answer`.

    `begin` for the next mail may follow `send` before `answer`: it then travels with the text.
    """

    def __init__(self, server: Server) -> None:
        """
        Connect and greet.

        :raises Broken: if the server cannot be reached or goes silent
        :raises Refused: if it turns us away
        """
        self.mails_sent = 0
        self.used_at = time.monotonic()
        self._buffer = bytearray()
        self._unread = 0
        self._begun: tuple[bytes, ...] = ()
        self._smtp = self._connect(server)
        self.pipelining = self._smtp.has_extn("pipelining")
        self.smtputf8 = self._smtp.has_extn("smtputf8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, *, sender: str, recipient: str) -> None:
        """Ask to take a mail; nothing is read yet."""
        options = "" if recipient.isascii() and sender.isascii() else " SMTPUTF8"
        mail, rcpt = f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()
        self._begun = (mail, rcpt, b"DATA\r\n")
        if self.pipelining:
            self._buffer += b"".join(self._begun)

    def go_ahead(self) -> None:
        """
        Read the answers up to 354.

        :raises Refused: if the server takes no mail from us, or none for this recipient; the session goes on
        :raises Broken: if the connection ended: this mail was certainly not sent
        """
        refusal: Refused | None = None
        for phase, command in zip((Phase.MAIL, Phase.RCPT, Phase.DATA), self._begun, strict=True):
            if not self.pipelining:
                self._buffer += command
            code, said = self._read(phase)
            if code == 421:
                raise Refused(phase, _reply(code, said))
            wanted = 354 if phase == Phase.DATA else 250
            if refusal is None and code not in {wanted, 251}:
                refusal = Refused(phase, _reply(code, said))
                if not self.pipelining:
                    break
            elif refusal and code == 354:
                # RFC 2920, 3.1: whoever gets 354 after all has to end the empty text.
                self._buffer += b".\r\n"
                self._unread += 1
        if refusal:
            self._buffer += b"RSET\r\n"
            self._unread += 1
            raise refusal

    def send(self, text: bytes) -> None:
        """Hand over the whole text, with CRLF line ends. The point of no return: it may go out at once."""
        # RFC 5321, 4.5.2: a line that starts with a dot gets another one.
        self._buffer += text.replace(b"\r\n.", b"\r\n..")
        self._buffer += b".\r\n"
        if len(self._buffer) > 1 << 16:
            self._flush(Phase.TEXT)

    def answer(self) -> Reply:
        """
        Read what the server said to the text.

        :raises Broken: if the connection ended: nobody knows whether the mail was taken
        """
        reply = _reply(*self._read(Phase.TEXT))
        self.mails_sent += 1
        return reply

    def close(self) -> None:
        """Say goodbye, and do not wait long for it."""
        try:
            if self._smtp.sock:
                self._smtp.sock.settimeout(1)
                self._smtp.sock.sendall(bytes(self._buffer) + b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self.drop()

    def drop(self) -> None:
        """End the connection without a word."""
        self._smtp.close()

    @property
    def has_worked(self) -> bool:
        """Whether the server took part in at least one mail over this connection."""
        return self.mails_sent > 0

    @property
    def is_fresh(self) -> bool:
        """Whether the server will still know us: most of them close an idle connection after a while."""
        return self._smtp.sock is not None and time.monotonic() - self.used_at < 20

    def _connect(self, server: Server) -> smtplib.SMTP:
        name = server.local_name or "localhost"
        with _in(Phase.CONNECT):
            if server.tls:
                # Without a context of ours smtplib looks at no certificate.
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host,
                    server.port,
                    timeout=server.timeout,
                    local_hostname=name,
                    context=ssl.create_default_context(),
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout, local_hostname=name)
        try:
            _greet(smtp, server)
        except (Refused, Broken):
            smtp.close()
            raise
        if smtp.sock:
            # Without this the kernel may hold back a small packet for 40 ms, waiting for more.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _read(self, phase: Phase) -> tuple[int, bytes]:
        if self._buffer:
            self._flush(phase)
        while self._unread:
            self._unread -= 1
            self._read_one(phase)
        return self._read_one(phase)

    def _read_one(self, phase: Phase) -> tuple[int, bytes]:
        lines = []
        try:
            while True:
                line = self._smtp.file.readline(LONGEST_LINE) if self._smtp.file else b""
                if not line.endswith(b"\n"):
                    raise Broken(phase, "the server closed the connection")
                lines.append(line[4:])
                if line[3:4] != b"-":
                    break
            code = int(line[:3])
        except OSError as error:
            raise Broken(phase, error) from error
        except ValueError as error:
            raise Broken(phase, f"not an answer of a mail server: {error}") from error
        if code == 421:
            self.drop()
        return code, b" ".join(lines)

    def _flush(self, phase: Phase) -> None:
        try:
            if self._smtp.sock is None:
                raise Broken(phase, "the connection is closed")
            self._smtp.sock.sendall(self._buffer)
        except OSError as error:
            raise Broken(phase, error) from error
        finally:
            self._buffer.clear()
            self.used_at = time.monotonic()


def _greet(smtp: smtplib.SMTP, server: Server) -> None:
    """Greet, go over to TLS where that is asked for, and sign in. What was to be in TLS is never said in the clear."""
    with _in(Phase.HELLO):
        smtp.ehlo_or_helo_if_needed()
    if server.starttls:
        with _in(Phase.TLS):
            smtp.starttls(context=ssl.create_default_context())
        with _in(Phase.HELLO):
            smtp.ehlo_or_helo_if_needed()
    if server.user:
        with _in(Phase.SIGN_IN):
            smtp.login(server.user, server.password)


@contextmanager
def _in(phase: Phase) -> Iterator[None]:
    """
    Say of what smtplib raises in which phase that was.

    :raises Refused, Broken: in place of it
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Refused(phase, _reply(error.smtp_code, error.smtp_error)) from error
    except ssl.SSLCertVerificationError as error:
        raise Broken(Phase.TLS, f"its certificate is not trusted: {error.verify_message}") from error
    except UnicodeEncodeError:
        # smtplib encodes what it signs in with as ASCII. The error itself quotes it.
        raise Broken(phase, "user name and password have to be in ASCII") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Broken(phase, error) from error


def _reply(code: int, said: bytes | str) -> Reply:
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    return Reply(code, " ".join(text.split())[:300])
