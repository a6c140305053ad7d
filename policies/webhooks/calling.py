"""
One call: POST a body to an address that was checked, within a deadline, and read no more than the start of the answer.

By hand over a socket, because the address that was checked has to be the one that is called, and because libraries'
timeouts begin anew with every byte: an answer that comes a byte a second would hold a worker for ever.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.webhooks import destinations

# Seconds for everything together, and for connecting to one address.
LONGEST = 15.0
LONGEST_CONNECTING = 5.0
# Bytes of an answer that are read, and characters that are kept.
MOST_READ = 64 * 1024
KEPT = 500
AGENT = "policysite-webhooks/1"


@dataclass(frozen=True)
class Answer:
    """How a call ended: with a status, or with `error` in words. `retry_after` is what the receiver asked for."""

    status: int | None = None
    error: str = ""
    text: str = ""
    body: bytes = b""
    retry_after: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, longest: float = LONGEST, is_trusted: bool = False
) -> Answer:
    """
    Call once. Nothing is raised: whatever goes wrong is in the answer. Redirects are not followed.

    `is_trusted`: the address stands in the settings, so that it may lead anywhere.
    """
    try:
        target = destinations.parse(url)
        addresses = destinations.addresses_of(target, is_trusted=is_trusted)
    except destinations.Refused as refusal:
        return Answer(error=f"refused: {refusal}"[:200])
    until = time.monotonic() + longest
    try:
        with _connected(target, addresses, until) as connection:
            return _exchange(connection, target, body, headers, until)
    except TimeoutError:
        return Answer(error=f"no answer within {longest:.0f} s")
    except ssl.SSLError as error:
        return Answer(error=f"TLS: {error.reason or type(error).__name__}"[:200])
    except http.client.HTTPException as error:
        return Answer(error=f"not HTTP: {type(error).__name__}")
    except OSError as error:
        return Answer(error=f"connection: {error.strerror or type(error).__name__}"[:200])


def _connected(target: destinations.Target, addresses: list[destinations.Address], until: float) -> socket.socket:
    """A connection to one of the addresses that were checked, never to the name."""
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            plain = socket.create_connection((str(address), target.port), timeout=min(LONGEST_CONNECTING, _left(until)))
        except OSError as error:
            failure = error
            continue
        if not target.is_secure:
            return plain
        try:
            plain.settimeout(_left(until))
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    raise failure


def _exchange(
    connection: socket.socket, target: destinations.Target, body: bytes, headers: Mapping[str, str], until: float
) -> Answer:
    head = {
        "Host": target.authority,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    connection.settimeout(_left(until))
    connection.sendall("\r\n".join(lines).encode("ascii") + body)
    with http.client.HTTPResponse(_Deadlined(connection, until), method="POST") as response:  # type: ignore[arg-type]
        response.begin()
        # The status is what counts: what follows is kept for whoever looks into a failure.
        found = _start_of(response)
        return Answer(
            status=response.status,
            text=_printable(found),
            body=found,
            error="" if 200 <= response.status < 300 else _in_words(response.status),
            retry_after=response.headers.get("Retry-After", "")[:50],
        )


def _start_of(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(MOST_READ)
    except (OSError, http.client.HTTPException):
        return b""


def _printable(found: bytes) -> str:
    text = found.decode(errors="replace")[:KEPT]
    return "".join(character if character.isprintable() else " " for character in text)


def _in_words(status: int) -> str:
    if 300 <= status < 400:
        return f"redirect ({status}): not followed"
    return f"status {status}"


def _left(until: float) -> float:
    """Seconds that are left; none left is a timeout."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Deadlined(io.RawIOBase):
    """A socket as http.client reads it; one deadline for all of its reads."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self.connection, self.until = connection, until

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.connection.settimeout(_left(self.until))
        return self.connection.recv_into(buffer)
