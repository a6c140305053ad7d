"""
The day of a change: 2,000 requests a second over all public pages, while a notice to 100,000 people goes out.

The site and nginx, with the same bytes, answer in turns; how fast mails go meanwhile is compared turn by turn. Run by
`make bench-pages`; PEOPLE=10000 makes the notice smaller.
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = int(os.environ.get("PEOPLE", "100000"))
A_SECOND = 2_000
# Each connection waits for a tenth of a second on average, so that they do not all ask at one moment.
CONNECTIONS, WAIT = 200, 0.1
SCRIPT = """
local paths, asked = {{ {paths} }}, 0
function request() asked = asked + 1; return wrk.format("GET", paths[asked % #paths + 1]) end
function delay() return math.random(0, {most}) end
"""
ACCEPTED = "SELECT count(*) FROM policies_delivery WHERE state = 'accepted'"


def run(
    environment: dict[str, str], *, turns: int, seconds: int, ours: tuple[str, list[str]], nginx: tuple[str, list[str]]
) -> None:
    """Print how both answered, and how the sending went beside each. A pair is an origin and its paths."""
    with a_notice(environment) as database:
        # The notice brought a new version: every page is made anew, and once more two seconds later.
        for of in (ours, nginx):
            _turn(database, *of, max(seconds, 4))
        rows = [[_turn(database, *of, seconds) for of in (ours, nginx)] for _ in range(turns)]
    for name, answers in zip(("ours", "nginx"), zip(*rows, strict=True), strict=True):
        print(f"surge, {name}: {'; '.join(map(str, answers))}")
    ratio = statistics.median(mine.mails / other.mails for mine, other in rows)
    load = os.getloadavg()[0]
    print(f"surge: sending beside ours / beside nginx: {ratio:.2f} (load of the machine {load:.1f})")


class Turn:
    """What wrk said of some seconds, and how many mails went out meanwhile."""

    def __init__(self, said: str, mails: float) -> None:
        self.mails = mails
        self.a_second = float(re.findall(r"Requests/sec: +([\d.]+)", said)[0])
        value, unit = re.findall(r"99% +([\d.]+)(us|ms|s)", said)[0]
        self.p99 = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        errors = re.findall(r"Non-2xx or 3xx responses: (\d+)|(?:connect|read|write|timeout) (\d+)", said)
        self.failed = sum(int(first or second) for first, second in errors)

    def __str__(self) -> str:
        asked = f"{self.a_second:,.0f} a second, p99 {self.p99:.1f} ms, {self.failed} failed"
        return f"{asked}, {self.mails:,.0f} mails a second"


def _turn(database: str, origin: str, paths: list[str], seconds: int) -> Turn:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        quoted = ", ".join(f'"{path}"' for path in paths)
        script.write(SCRIPT.format(paths=quoted, most=int(2 * WAIT * 1000)))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script.name, origin]
        before, began = _accepted(database), time.monotonic()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return Turn(said, (_accepted(database) - before) / (time.monotonic() - began))


@contextmanager
def a_notice(environment: dict[str, str]) -> Iterator[str]:
    """The address of a database from which a notice is going out, as fast as it can."""
    port = _free_port()
    sink = subprocess.Popen([sys.executable, "-m", "bench.notices.sink", str(port)], cwd=ROOT)
    own = {**environment, "EMAIL_URL": f"smtp://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "policysite.settings"}
    command = [sys.executable, "-m", "bench.notices.ours", str(PEOPLE), str(PEOPLE)]
    sender = subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.DEVNULL)
    database = environment["DATABASE_URL"].replace("postgres://", "postgresql://")
    try:
        before = _accepted(database)
        while _accepted(database) < before + 100:
            if sender.poll() is not None:
                raise SystemExit("The sender ended before it sent anything.")
            time.sleep(0.5)
        yield database
    finally:
        for process in (sender, sink):
            process.terminate()
            process.wait(timeout=30)


def _accepted(database: str) -> int:
    with psycopg.connect(database) as connection:
        return int(connection.execute(ACCEPTED).fetchone()[0])  # type: ignore[index]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
