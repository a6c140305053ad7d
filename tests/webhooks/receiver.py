"""A program that listens: a real HTTP server on this machine that answers as it is told to."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answering = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Call:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes one request a connection; `answers` are used up one by one, the last one stays."""

    answers: list[Answering]
    tls: ssl.SSLContext | None = None
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?for=us"

    def stop(self) -> None:
        # A listening socket that is only closed leaves the thread in accept().
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._take(connection)

    def _take(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        with connection, connection.makefile("rb") as stream:
            line = stream.readline().decode().strip()
            lines = iter(lambda: stream.readline().decode().strip(), "")
            headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
            self.calls.append(Call(line, headers, stream.read(int(headers.get("content-length", 0)))))
            (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(connection)


@contextmanager
def receiving(*answers: Answering, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(list(answers) or [status(204)], tls)
    try:
        yield receiver
    finally:
        receiver.stop()


def status(code: int, *, body: bytes = b"", **headers: str) -> Answering:
    """An answer as any server gives it."""

    def answer(connection: socket.socket) -> None:
        named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [f"HTTP/1.1 {code} Whatever", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)

    return answer


def says(data: bytes) -> Answering:
    return lambda connection: connection.sendall(data)


def nothing(seconds: float) -> Answering:
    """Takes the request and says nothing for a while."""
    return lambda _connection: time.sleep(seconds)


def drips(seconds: float) -> Answering:
    """A slow-loris answer: a byte now and then, so that no single read takes long."""

    def answer(connection: socket.socket) -> None:
        until = time.monotonic() + seconds
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while time.monotonic() < until:
            connection.sendall(b"a")
            time.sleep(0.02)

    return answer


def floods(megabytes: int, sent: list[int]) -> Answering:
    """An answer without an end in sight; `sent` gets the number of each megabyte that could be sent."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for number in range(megabytes):
            connection.sendall(b"x" * 1_000_000)
            sent.append(number)

    return answer
