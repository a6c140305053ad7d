"""The wire below an SMTP session: connecting, greeting, signing in, and lines that go out and come back."""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from policies.notices.returns.replies import Phase, Reply

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


class Wire:
    """One connection: what is written waits until an answer is read, so that it travels together."""

    def __init__(self, server: Server) -> None:
        """
        Connect, greet and sign in.

        :raises Broken: if the server cannot be reached or goes silent
        :raises Refused: if it turns us away
        """
        self.used_at = time.monotonic()
        self._buffer = bytearray()
        self._unread = 0
        self._smtp = _connect(server)

    def offers(self, extension: str) -> bool:
        return self._smtp.has_extn(extension)

    def write(self, data: bytes, *, is_answered: bool = False) -> None:
        """Put bytes on the way; `is_answered` where an answer will come that nobody reads."""
        self._buffer += data
        self._unread += is_answered

    def write_out(self, phase: Phase, *, above: int = 0) -> None:
        """
        Send what waits, if that is more than `above` bytes.

        :raises Broken: if the connection ended
        """
        if len(self._buffer) > above:
            self._flush(phase)

    def read(self, phase: Phase) -> tuple[int, bytes]:
        """
        Send what waits and read the next answer: its code and its words.

        :raises Broken: if the connection ended or stayed silent
        """
        self.write_out(phase)
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

    def say_goodbye(self) -> None:
        """End the conversation, and do not wait long for it."""
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
    def is_fresh(self) -> bool:
        """Whether the server will still know us: most of them close an idle connection after a while."""
        return self._smtp.sock is not None and time.monotonic() - self.used_at < 20


def reply_of(code: int, said: bytes | str) -> Reply:
    """An answer as it is kept: in ASCII, on one line, at most 300 characters."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    return Reply(code, " ".join(text.split())[:300])


def _connect(server: Server) -> smtplib.SMTP:
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
        raise Refused(phase, reply_of(error.smtp_code, error.smtp_error)) from error
    except ssl.SSLCertVerificationError as error:
        raise Broken(Phase.TLS, f"its certificate is not trusted: {error.verify_message}") from error
    except UnicodeEncodeError:
        # smtplib encodes what it signs in with as ASCII. The error itself quotes it.
        raise Broken(phase, "user name and password have to be in ASCII") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Broken(phase, error) from error
