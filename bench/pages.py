"""
Measure public pages beside nginx with the same bytes, a bare WSGI callable with them, and a plain Django view.

    make bench-pages                         (starts the production topology with demo data; about five minutes)
    SECONDS=2 make bench-pages

Each server has one process that serves; a figure is requests for each second of its processor. All are asked in turns,
and what counts is the ratio within one turn: the median of `ROUNDS`. It needs nginx and wrk.
"""

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import surge

ROOT = Path(__file__).resolve().parent.parent
SECONDS = int(os.environ.get("SECONDS", "4"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
TICKS = os.sysconf("SC_CLK_TCK")
GRANIAN = ("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--blocking-threads", "4", "--no-ws")
KINDS = {
    "policy page": "/p/encore-privacy/",
    "version page": "/p/encore-privacy/v/2/",
    "redline 1...2": "/p/encore-privacy/compare/1...2/",
    "a version's .md": "/p/encore-privacy/v/2.md",
    "feed": "/p/encore-privacy/feed.atom",
    "app's status": "/api/v1/policies/encore-privacy/status",
    "robots.txt": "/robots.txt",
}
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000; default_type text/html; etag on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; scgi_temp_path {folder}/s;
  uwsgi_temp_path {folder}/u;
  server {{ listen 127.0.0.1:{port}; root {folder}/served; }}
}}
"""


def main() -> int:
    """Print one line for each kind of page."""
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing:
        print(f"It needs {' and '.join(missing)}: apt-get install nginx-light wrk")
        return 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp")))
        folder.chmod(0o755)
        environment = stack.enter_context(deployment(folder))
        ours = stack.enter_context(server("policysite.wsgi:application", environment))
        control = stack.enter_context(server("bench.control_site:application", environment))
        served = keep(folder, ours)
        bare = stack.enter_context(server("bench.bare_pages:application", {**environment, "BENCH_PAGES": str(folder)}))
        nginx = stack.enter_context(an_nginx(folder))
        views = stack.enter_context(server("policysite.wsgi:application", {**environment, "PAGES_KEPT_MEGABYTES": "0"}))
        report(ours, bare, nginx, served)
        report_made(views, control)
        pages = public_pages(ours)
        surge.run(
            environment,
            turns=ROUNDS,
            seconds=2 * SECONDS,
            ours=(ours.url(""), pages),
            nginx=(nginx.url(""), list(keep_for_nginx(folder, ours, pages))),
        )
    return 0


def report(ours: "Server", bare: "Server", nginx: "Server", served: dict[str, str]) -> None:
    """Ask all of them in turns."""
    print("| page | ours | bare callable | nginx | ours / bare | ours / nginx |\n|---|---|---|---|---|---|")
    for kind, path in KINDS.items():
        asked = ((ours, path), (bare, path), (nginx, served[path]))
        line(kind, [[each.asked(at) for each, at in asked] for _ in range(ROUNDS)])
    path = KINDS["policy page"]
    etag = fetched(ours, path)[1]["etag"]
    theirs = fetched(nginx, served[path])[1]["etag"]
    rows = [[ours.asked(path, etag), bare.asked(path), nginx.asked(served[path], theirs)] for _ in range(ROUNDS)]
    line("policy page, 304", rows)
    rows = [[ours.asked(f"{path}?utm_source=mail"), bare.asked(path), nginx.asked(served[path])] for _ in range(ROUNDS)]
    line("policy page, with somebody's tags", rows)


def report_made(views: "Server", control: "Server") -> None:
    """What misses the front: the site without any page kept, beside a plain view."""
    path = KINDS["policy page"]
    for kind in ("policy page", "a version's .md", "robots.txt"):
        rows = [[views.asked(KINDS[kind]), control.asked(path)] for _ in range(ROUNDS)]
        ratio = statistics.median(mine / other for mine, other in rows)
        mine, other = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"| {kind}, made by its view | {mine:,.0f} | {other:,.0f} (plain view) | | {ratio:.2f} | |", flush=True)


def public_pages(ours: "Server") -> list[str]:
    """The pages of every policy and of all of them."""
    slugs = [each["slug"] for each in json.loads(fetched(ours, "/.well-known/policies.json")[0])["policies"]]
    below = ("", "history/", "v/1/", "v/1.md", "v/1.txt", "v/1.json", "feed.atom", "feed.json", "timemap/", "de/")
    return [
        "/",
        "/.well-known/policies.json",
        "/sitemap.xml",
        *(f"/p/{slug}/{page}" for slug in slugs for page in below),
    ]


def keep_for_nginx(folder: Path, ours: "Server", pages: list[str]) -> Iterator[str]:
    """Where nginx has the same bytes."""
    for nth, path in enumerate(pages):
        (folder / "served" / f"surge-{nth}").write_bytes(fetched(ours, path)[0])
        yield f"/surge-{nth}"


def line(kind: str, rows: list[list[float]]) -> None:
    figures = " | ".join(f"{statistics.median(column):,.0f}" for column in zip(*rows, strict=True))
    of_bare, of_nginx = (statistics.median(row[0] / row[at] for row in rows) for at in (1, 2))
    print(f"| {kind} | {figures} | {of_bare:.2f} | {of_nginx:.2f} |", flush=True)


class Server:
    """A process that serves, with those it started."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def asked(self, path: str, etag: str = "") -> float:
        """Requests a second of processor, over some seconds."""
        extra = ["-H", f"If-None-Match: {etag}"] if etag else []
        self._wrk(path, 1, extra)
        before = self._seconds()
        answered = self._wrk(path, SECONDS, extra)
        return answered / (self._seconds() - before)

    def _wrk(self, path: str, seconds: int, extra: list[str]) -> int:
        command = ["wrk", "-t1", "-c8", f"-d{seconds}s", *extra, self.url(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said:
            raise SystemExit(f"{self.url(path)} was refused:\n{said}")
        return int(re.findall(r"(\d+) requests in", said)[0])

    def _seconds(self) -> float:
        waiting, ticks = [self.process.pid], 0
        while waiting:
            pid = waiting.pop()
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return ticks / TICKS


@contextmanager
def deployment(folder: Path) -> Iterator[dict[str, str]]:
    """The production topology with the demo's data, and the environment of its parts."""
    var, port = folder / "stack", free_port()
    environment = {**os.environ, "POLICYSITE_VAR": str(var)}
    command = [sys.executable, "-m", "scripts.stack", "--port", str(port)]
    with (folder / "stack.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(process, lambda: b"policysite is ready" in (folder / "stack.log").read_bytes())
        lines = (var / "environment").read_text().splitlines()
        yield {**os.environ, **dict(line.removeprefix("export ").split("=", 1) for line in lines if "=" in line)}
    finally:
        end(process)


@contextmanager
def server(application: str, environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, *GRANIAN, "--workers", "1", "--port", str(port), application]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(process, lambda: listens(port))
        yield Server(process, port)
    finally:
        end(process)


@contextmanager
def an_nginx(folder: Path) -> Iterator[Server]:
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        wait_for(process, lambda: listens(port))
        yield Server(process, port)
    finally:
        end(process)


def keep(folder: Path, ours: Server) -> dict[str, str]:
    """Write down what the site answers, for the bare callable and for nginx; return where nginx has it."""
    (folder / "served").mkdir()
    index, served = {}, {}
    for nth, path in enumerate(KINDS.values()):
        body, said = fetched(ours, path)
        headers = [pair for pair in said.items() if pair[0] not in {"server", "date", "connection"}]
        name = f"page-{nth}"
        (folder / name).write_bytes(body)
        (folder / "served" / name).write_bytes(body)
        (folder / f"{name}.json").write_text(json.dumps({"status": "200 OK", "headers": headers}))
        index[path], served[path] = name, f"/{name}"
    (folder / "index.json").write_text(json.dumps(index))
    return served


def fetched(each: Server, path: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(each.url(path)) as answer:  # noqa: S310 - one of our own servers
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def wait_for(process: "subprocess.Popen[bytes]", is_there: Callable[[], bool]) -> None:
    # A machine with other work takes minutes to bring up the whole topology.
    for _ in range(6000):
        if is_there():
            return
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended before it was ready")
        time.sleep(0.1)
    raise SystemExit(f"{process.args} is not ready after ten minutes")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
