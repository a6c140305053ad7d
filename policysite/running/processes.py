"""
Child processes that never outlive the process that started them.

Each child gets a session of its own, so that Ctrl-C reaches only the parent, which alone decides who stops when.
A parent that is killed outright takes its children with it (policysite/running/tied.py).
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

TIED = Path(__file__).with_name("tied.py")

Process = subprocess.Popen[bytes]


class Failed(Exception):
    """A process ended, or did not get ready in time; says what it wrote last."""


def start(
    command: Sequence[object],
    *,
    log: Path | None,
    user: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    end_with: signal.Signals = signal.SIGTERM,
) -> Process:
    """
    Start a command, its output going to the end of `log`, or without one to where this process's goes.

    :param user: the name of the system's user to run it as, which only root can ask for
    :param end_with: the signal it gets when this process dies
    """
    tied: list[str | Path] = [
        sys.executable,
        "-I",
        "-S",
        TIED,
        str(os.getpid()),
        str(int(end_with)),
        user,
        *map(str, command),
    ]
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(
            tied,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )


def stop(process: Process, *, by: signal.Signals = signal.SIGTERM, within: float = 8) -> None:
    """Ask the process, wait, and then end whatever is left of its group."""
    ask(process, by=by)
    collect(process, within=within)


def ask(process: Process, *, by: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(by)
    # A stopped process would sleep through the request.
    process.send_signal(signal.SIGCONT)


def collect(process: Process, *, within: float) -> None:
    """Wait for a process that was asked to end; after `within` seconds its whole group is killed."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=within)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_ready: Callable[[], bool], *, process: Process, log: Path, name: str, within: float = 30) -> None:
    """
    Wait for a process to be ready.

    :raises Failed: if it ends first, or takes longer than `within` seconds
    """
    deadline = time.monotonic() + within
    while not is_ready():
        if process.poll() is not None:
            raise Failed(f"{name} ended with {process.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise Failed(f"{name} was not ready after {within:.0f} s:\n{tail(log)}")
        time.sleep(0.05)


def tail(log: Path, *, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def answers(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether anybody accepts connections on this port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
