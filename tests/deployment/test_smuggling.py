"""Requests that two servers may read differently, through a real nginx in front of the real server."""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from policysite.running import processes
from tests.services.deployment import Deployment, responds

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="needs nginx, which is not installed here")

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream site {{ server 127.0.0.1:{behind}; keepalive 1; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host 127.0.0.1; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""
# The beginning of a request: where one server takes it for one, whoever comes next gets its answer.
HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Next: "
ASKED_NEXT = "GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
HEAD = "POST /p/x/follow/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# A request that ends elsewhere for whoever goes by another of its headers.
AMBIGUOUS = {
    "CL.TE": f"{HEAD}Content-Length: {len(HIDDEN) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "TE.CL": f"{HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\n\r\n",
    "TE.TE": f"{HEAD}Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\n\r\n",
    "two chunked": f"{HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a blank before the colon": f"{HEAD}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{HIDDEN}",
    "two lengths": f"{HEAD}Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "a list of lengths": f"{HEAD}Content-Length: 0, {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "a signed length": f"{HEAD}Content-Length: +0\r\n\r\n{HIDDEN}",
    "a folded header": f"{HEAD}X-A: b\r\n Content-Length: {len(HIDDEN)}\r\nContent-Length: 0\r\n\r\n{HIDDEN}",
    "a folded encoding": f"{HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a bare line feed": f"{HEAD}X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{HIDDEN}",
    "an odd size of a chunk": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{HIDDEN}",
    "h2c": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    f"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n{HIDDEN}",
}


@pytest.fixture(scope="module")
def front(standing_site: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx that passes on to the standing site."""
    folder, port = tmp_path_factory.mktemp("nginx"), processes.free_port()
    deployment: Deployment = standing_site.deployment  # type: ignore[attr-defined]
    text = CONFIGURATION.format(folder=folder, port=port, behind=deployment.port)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = processes.start(command, log=folder / "log", environment=dict(os.environ), folder=folder)
    try:
        processes.wait_until(
            lambda: responds(f"http://127.0.0.1:{port}/"), process=process, log=folder / "log", name="nginx", within=10
        )
        yield port
    finally:
        processes.ask(process)
        processes.collect(process, within=10)


def exchange(port: int, sent: str) -> str:
    """What comes back on one connection within a moment."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent.encode())
        connection.settimeout(0.5)
        with suppress(TimeoutError, ConnectionResetError):
            while part := connection.recv(65536):
                found += part
    return found.decode(errors="replace")


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_nothing_is_smuggled_through_a_proxy(web_server: str, front: int, name: str) -> None:
    """Refused or answered, but read by both servers alike: whoever comes next gets an answer of their own."""
    answer = exchange(front, AMBIGUOUS[name])
    assert "101 Switching" not in answer
    for _ in range(3):
        assert exchange(front, ASKED_NEXT).startswith("HTTP/1.1 200"), name


def test_whoever_comes_next_would_get_another_answer_where_something_was_smuggled(web_server: str) -> None:
    """As a proxy would send it that had read two requests as one."""
    answer = exchange(int(web_server.rpartition(":")[2]), f"{HEAD}Content-Length: 0\r\n\r\n{HIDDEN}{ASKED_NEXT}")
    first, second = re.findall(r"^HTTP/1\.1 (\d+)", answer, re.MULTILINE)
    assert "200" not in {first, second}
