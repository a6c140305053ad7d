"""A mail provider's HTTP interface, as Resend and Postmark have it: keeps every mail, and misbehaves on request."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """
    What to say to one request. `keeps` says whether the mail is taken all the same; `silence` are seconds before it.
    """

    status: int = 200
    keeps: bool = True
    silence: float = 0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Provider:
    """`answers` are given to the next requests, one each; then everything is well."""

    url: str = ""
    answers: deque[Answer] = field(default_factory=deque)
    requests: int = 0
    mails: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def take(self, mail: dict[str, Any], key: str) -> Answer:
        """Keep a mail, unless one came under the same key before."""
        self.requests += 1
        answer = self.answers.popleft() if self.answers else Answer()
        if answer.keeps and not (key and key in self.known):
            self.mails.append(mail)
            self.known[key] = f"id-{len(self.mails)}"
        return answer


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = provider.take(mail, self.headers.get("Idempotency-Key", ""))
            time.sleep(answer.silence)
            said = {"id": "id-1", "MessageID": "id-1", "ErrorCode": 0, "Message": "OK", "To": mail.get("To", "")}
            body = json.dumps(said if answer.status == 200 else {"message": "No"}).encode()
            self.send_response(answer.status)
            for name, value in (("Content-Length", str(len(body))), *answer.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
