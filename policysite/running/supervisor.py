"""
One parent for all processes of a deployment on this machine: starts them, starts again what ends, ends all.

Its handlers of signals are in place before the first child, so that there is no moment at which a signal leaves
something behind (policysite/running/processes.py tells what else sees to that).
"""

import fcntl
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from policysite.running import processes

# Where `python -m policysite` finds the code, in a checkout and in an installed package.
ROOT = Path(__file__).parents[2]
# A granian whose worker is only just starting misses the request to end, and would wait for it for ever.
WEB: tuple[object, ...] = (
    "granian",
    "--interface",
    "wsgi",
    "--host",
    "127.0.0.1",
    "--blocking-threads",
    "4",
    "--no-ws",
    "--workers-kill-timeout",
    "3",
)
# Threads: one of them sends and keeps its connection, and a worker that is told to end does so between two mails.
WORKER: tuple[object, ...] = (
    *("celery", "--app", "policysite", "worker"),
    *("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"),
)
TARGET = "policysite.wsgi:application"
# What `policysite web` and its like run, by that name.
SERVERS: dict[str, tuple[object, ...]] = {
    "web": (*WEB, TARGET),
    "worker": WORKER,
    "beat": ("celery", "--app", "policysite", "beat"),
}
# Killing a process to see what happens is welcome, however often; ending by itself again and again is a fault.
MANY_ENDS = 5


class Refused(Exception):
    """It cannot run; says why and what to do, in one line."""


class Stopped(Exception):
    """Somebody asked for the end."""


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
    """
    One process of the deployment.

    :ivar settings: environment variables of its own, above those that all share
    :ivar end_with: the signal by which it is asked to end
    """

    name: str
    command: Sequence[object]
    settings: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    end_with: signal.Signals = signal.SIGTERM
    ends: int = 0
    process: processes.Process | None = None

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def was_killed(self) -> bool:
        return self.process is not None and self.process.returncode == -signal.SIGKILL


def python(name: str, *module: object, **settings: str) -> Part:
    """A part that is a Python module with its arguments."""
    return Part(name, [sys.executable, "-m", *module], settings)


@dataclass
class Supervisor:
    """
    :ivar folder: for whatever the deployment keeps
    :ivar environment: what all its processes are given
    :ivar has_logs: whether the output of each process goes to a file in `log/`; otherwise it goes where ours does
    """

    folder: Path
    environment: Mapping[str, str]
    stop: Stop
    has_logs: bool = True
    running: list[Part] = field(default_factory=list)

    def start(self, part: Part) -> None:
        part.process = processes.start(
            part.command,
            log=self.log(part) if self.has_logs else None,
            user=part.user,
            environment={**self.environment, **part.settings},
            folder=ROOT if not part.user else self.folder,
            end_with=part.end_with,
        )
        self.running.append(part)

    def run_to_its_end(self, part: Part) -> None:
        """
        Start a part and wait until it is done.

        :raises Refused: if it fails
        """
        self.start(part)
        while not part.has_ended:
            self.stop.pause()
        self.running.remove(part)
        if part.process and part.process.returncode:
            said = processes.tail(self.log(part), lines=1)
            raise Refused(f"{part.name} failed: {said} All of it: {self.log(part)}")

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Look after the parts until something is ready."""
        while not is_ready():
            self.look_after_parts()

    def look_after_parts(self) -> None:
        """Start again what ended, and let a moment pass."""
        for part in [part for part in self.running if part.has_ended]:
            part.ends += not part.was_killed
            if part.ends == MANY_ENDS:
                where = self.log(part) if self.has_logs else "what it wrote"
                raise Refused(f"The {part.name} process ends again and again; {where} says why.")
            print(f"The {part.name} process ended; starting it again.", flush=True)
            end_group(part)
            self.running.remove(part)
            self.start(part)
        self.stop.pause()

    def log(self, part: Part) -> Path:
        return self.folder / "log" / f"{part.name}.log"

    def end(self, *, within: float = 10) -> None:
        """
        Ask those that were started last first, and all that `end_with` the same signal at once.

        Together they have less than the 15 s that a caller waits.
        """
        deadline = time.monotonic() + within
        for number in (signal.SIGTERM, signal.SIGINT):
            parts = [part for part in self.running if part.end_with == number]
            for part in parts:
                ask(part)
            for part in parts:
                if part.process:
                    processes.collect(part.process, within=max(1, deadline - time.monotonic()))


def ask(part: Part) -> None:
    if part.process:
        processes.ask(part.process, by=part.end_with)


def end_group(part: Part) -> None:
    """A worker that was killed leaves its beat behind, a web server the process that holds the port."""
    if part.process:
        processes.collect(part.process, within=0)


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


def check_port(port: int, *, command: str, host: str = "127.0.0.1") -> None:
    """
    Make sure that a port is free.

    :param command: what takes another one, as in `make demo PORT=`
    :raises Refused: if it is not
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"Port {port} cannot be used ({error.strerror}). Take another: {command}{port + 1}"
            ) from error


@contextmanager
def only_one(folder: Path, *, name: str) -> Iterator[None]:
    """Two of them would share one database, broker and mailbox."""
    with (folder / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"The {name} in {folder} runs already; stop it first.") from error
        yield


def until_stopped(run: Callable[[Stop], None]) -> int:
    """Run until a signal asks for the end; returns the exit code, and says in one line why it cannot run."""
    try:
        run(Stop())
    except (Refused, processes.Failed) as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped.", flush=True)
    return 0
