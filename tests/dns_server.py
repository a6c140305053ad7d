"""A DNS server of our own, over UDP and TCP, that knows what a test gives it and keeps silent, or fails, on request."""

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"
# Bytes in one answer by UDP; clients ask for longer ones by TCP.
LONGEST_BY_UDP = 512
Records = Mapping[tuple[str, str], Sequence[str]]


@dataclass
class Server:
    """
    :ivar records: values by name and kind; TXT without quotes
    :ivar silent: names about which nothing is answered
    :ivar failing: names about which it says that it cannot (SERVFAIL)
    :ivar only_by_tcp: whether it says by UDP only that TCP should be asked
    """

    records: dict[tuple[str, str], Sequence[str]]
    silent: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    only_by_tcp: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def servers(self) -> tuple[tuple[str, int]]:
        """As settings.DNS_SERVERS has it."""
        return ((HOST, self.port),)

    def answer(self, data: bytes, *, by_tcp: bool) -> bytes | None:
        question = dns.message.from_wire(data)
        response = dns.message.make_response(question)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif values := self.records.get((name, kind)):
            texts = [_quoted(value) if kind == "TXT" else value for value in values]
            response.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, texts))
        elif not any(known == name or known.endswith(f".{name}") for known, _kind in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return self._packed(response, by_tcp=by_tcp)

    def _packed(self, response: dns.message.Message, *, by_tcp: bool) -> bytes:
        wire = bytes(response.to_wire(max_size=65_535))
        if by_tcp or (len(wire) <= LONGEST_BY_UDP and not self.only_by_tcp):
            return wire
        response.answer.clear()
        response.flags |= dns.flags.TC
        return bytes(response.to_wire())


@contextmanager
def serving(records: Records) -> Iterator[Server]:
    """A server with these records, as long as the block lasts."""
    server = Server(dict(records))

    class ByUdp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            if answer := server.answer(data, by_tcp=False):
                socket.sendto(answer, self.client_address)

    class ByTcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while length := self.rfile.read(2):
                answer = server.answer(self.rfile.read(int.from_bytes(length)), by_tcp=True)
                if answer is None:
                    return
                self.wfile.write(len(answer).to_bytes(2) + answer)

    with _Tcp((HOST, 0), ByTcp) as tcp, _Udp((HOST, tcp.server_address[1]), ByUdp) as udp:
        server.port = tcp.server_address[1]
        threads = [threading.Thread(target=each.serve_forever, args=[0.02]) for each in (tcp, udp)]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            for each in (tcp, udp):
                each.shutdown()
            for thread in threads:
                thread.join()


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked is gone: a test that wanted silence."""


def _quoted(text: str) -> str:
    """In pieces of 255, as TXT records have them."""
    pieces = [text[first : first + 255] for first in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
