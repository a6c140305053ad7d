"""
The demo: `python -m scripts.demo [--port 8000] [--reset]` runs web, worker and mail server until it is told to stop.

Everything it keeps lies in `var/` (or in `POLICYSITE_VAR`), the output of its processes in `var/log/`.
"""

import argparse
import fcntl
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts import processes

ROOT = Path(__file__).parents[1]
# A granian whose worker is only just starting misses the request to end, and would wait for it for ever.
WEB = [
    "--interface",
    "wsgi",
    "--host",
    "127.0.0.1",
    "--blocking-threads",
    "4",
    "--no-ws",
    "--workers-kill-timeout",
    "3",
]
# Threads: over a filesystem broker, forked workers hang for half a minute when their whole group is told to end.
WORKER = ["--beat", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]

# Killing the worker to see what happens is part of the demo; ending again and again is a fault.
MANY_ENDS = 5

CAST = """
Sign in at {url}/sign-in/login/code/ as one of these; the code arrives at {url}/demo/mailbox/
  edith@example.org   Edith, editor: writes and proposes ({url}/admin/)
  ravi@example.org    Ravi, approver: approves and publishes ({url}/admin/)
  uma@example.org     Uma, user: is told of changes, accepts or declines
  oscar@example.org   Oscar, outsider: has an account and no rights
Vera, visitor, reads {url}/ without an account.
Ctrl-C stops everything and keeps the data; `make demo RESET=1` starts over.
"""


class Refused(Exception):
    """The demo cannot run; says why and what to do, in one line."""


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Stop:
    """Remembers that a signal asked for the end. Set up before the first process starts."""

    def __init__(self) -> None:
        self.is_asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, *_: object) -> None:
        self.is_asked = True

    def pause(self) -> None:
        """
        Let a moment pass.

        :raises Stopped: if the end was asked for
        """
        if self.is_asked:
            raise Stopped
        time.sleep(0.1)


@dataclass
class Part:
    """One of the demo's processes: a Python module with its arguments."""

    name: str
    module: list[object]
    ends: int = 0
    process: processes.Process | None = None

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@dataclass
class Demo:
    port: int
    folder: Path
    stop: Stop
    mail_port: int = field(default_factory=processes.free_port)
    running: list[Part] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "policysite.sqlite3"

    def run(self) -> None:
        """
        Bring everything up, say so, and look after it until the end is asked for.

        :raises Refused: if it cannot run
        :raises Stopped: in the end
        """
        check_port(self.port)
        self.prepare_database()
        self.start(Part("mail", ["scripts.mailbox", "--port", self.mail_port, "--folder", self.folder / "mailbox"]))
        self.start(Part("worker", ["celery", "--app", "policysite", "worker", *WORKER]))
        check_port(self.port)  # again: preparing took a while
        self.start(Part("web", ["granian", *WEB, "--port", self.port, "policysite.wsgi:application"]))
        while not responds(f"{self.url}/"):
            self.look_after_parts()
        print(f"policysite is ready: {self.url}/", CAST.format(url=self.url), sep="\n", flush=True)
        while True:
            self.look_after_parts()

    def prepare_database(self) -> None:
        """Bring the database up to date. A new one gets its name only when it is complete."""
        if self.database.exists():
            self.manage("migrate", database=self.database)
            return
        print("Writing five policies, their history and 300 people into a new database ...", flush=True)
        new = self.folder / "new.sqlite3"
        new.unlink(missing_ok=True)
        self.manage("migrate", database=new)
        self.manage("load_demo", database=new)
        new.rename(self.database)

    def manage(self, command: str, *, database: Path) -> None:
        part = Part(command, ["manage", command])
        self.start(part, DATABASE_URL=f"sqlite:///{database}")
        while not part.has_ended:
            self.stop.pause()
        self.running.remove(part)
        if part.process and part.process.returncode:
            raise Refused(f"{command} failed: {processes.tail(self.log(part), lines=1)} All of it: {self.log(part)}")

    def look_after_parts(self) -> None:
        """Start again what ended, and let a moment pass."""
        for part in [part for part in self.running if part.has_ended]:
            part.ends += 1
            if part.ends == MANY_ENDS:
                raise Refused(f"The {part.name} process ends again and again; {self.log(part)} says why.")
            print(f"The {part.name} process ended; starting it again.", flush=True)
            self.end_group(part)
            self.running.remove(part)
            self.start(part)
        self.stop.pause()

    def end_group(self, part: Part) -> None:
        """A worker that was killed leaves its beat behind, a web server the process that holds the port."""
        if part.process:
            processes.collect(part.process, within=0)

    def start(self, part: Part, **settings: str) -> None:
        command = [sys.executable, "-m", *part.module]
        environment = self.environment | settings
        part.process = processes.start(command, log=self.log(part), environment=environment, folder=ROOT)
        self.running.append(part)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's own settings may send the demo's mail to anybody."""
        return {
            **os.environ,
            "POLICYSITE_DEMO": "1",
            "POLICYSITE_VAR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "CELERY_BROKER_URL": "filesystem://",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
        }

    def log(self, part: Part) -> Path:
        return self.folder / "log" / f"{part.name}.log"

    def end(self) -> None:
        """Ask all at once, then wait for each; together they have less than the 15 s that a caller waits."""
        running = [part.process for part in self.running if part.process]
        for process in running:
            processes.ask(process)
        deadline = time.monotonic() + 10
        for process in running:
            processes.collect(process, within=max(0, deadline - time.monotonic()))


def responds(url: str) -> bool:
    """Whether a page is served there; an error of the server's own is not a page."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code < 500
    except OSError:
        return False
    return True


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                f"Port {port} cannot be used ({error.strerror}). Take another: make demo PORT=8001"
            ) from error


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two demos would share one database, broker and mailbox."""
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"The demo in {folder} runs already; stop it first.") from error
        yield


def forget(folder: Path) -> None:
    for path in [*folder.glob("*.sqlite3*"), *folder.glob("celerybeat-schedule*")]:
        path.unlink()
    for name in ("mailbox", "broker", "log"):
        shutil.rmtree(folder / name, ignore_errors=True)


def run(*, port: int, folder: Path, reset: bool, stop: Stop) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder):
        if reset:
            forget(folder)
        for name in ("mailbox", "log"):
            (folder / name).mkdir(exist_ok=True)
        demo = Demo(port, folder, stop)
        try:
            demo.run()
        finally:
            demo.end()


def main(arguments: list[str]) -> int:
    stop = Stop()
    parser = argparse.ArgumentParser(prog="make demo", description="Run policysite with demo data.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--reset", action="store_true", help="start over with new data")
    chosen = parser.parse_args(arguments)
    folder = Path(os.environ.get("POLICYSITE_VAR", ROOT / "var")).resolve()
    try:
        run(port=chosen.port, folder=folder, reset=chosen.reset, stop=stop)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
