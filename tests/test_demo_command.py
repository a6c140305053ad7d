"""What `make demo` runs: from nothing to a page, and from a signal to nothing left."""

import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from policysite.running import processes, supervisor

ROOT = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"),
    pytest.mark.xdist_group("demo"),  # they share a database that takes long to write
]


class Running:
    """A demo (or what `command` is) in a folder of its own, started as `make` does it."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        command: tuple[str, ...] = ("policysite", "demo"),
        options: tuple[str, ...] = (),
    ) -> None:
        self.folder, self.port = folder, port
        self.output = folder.with_suffix(".txt")
        self.output.unlink(missing_ok=True)
        arguments = [sys.executable, "-m", *command, "--port", str(port), *options]
        environment = {**os.environ, "POLICYSITE_VAR": str(folder)}
        self.process = processes.start(arguments, log=self.output, environment=environment, folder=ROOT)

    def wait(self, for_what: str) -> None:
        processes.wait_until(
            lambda: for_what in self.said, process=self.process, log=self.output, name="demo", within=120
        )

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def left(self) -> list[int]:
        """Every process that was told to use this folder or works in it, the supervisor among them."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self.is_ours(path)]

    def is_ours(self, process: Path) -> bool:
        # Servers that write their own titles overwrite what they were told.
        mark = f"POLICYSITE_VAR={self.folder}\0".encode()
        return mark in content(process / "environ") or self.folder in [place := cwd(process), *place.parents]

    @property
    def commands(self) -> list[str]:
        """The command line of each of them."""
        return [content(Path(f"/proc/{pid}/cmdline")).decode().replace("\0", " ") for pid in self.left]

    @property
    def settings(self) -> dict[str, str]:
        """What it wrote down for commands of one's own."""
        lines = (self.folder / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        self.process.wait(timeout=seconds)
        while self.left and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.left


def cwd(process: Path) -> Path:
    try:
        return (process / "cwd").readlink()
    except OSError:
        return Path()


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's database, so that only one test waits for it to be written."""
    return tmp_path_factory.mktemp("demo") / "var"


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    running = Running(folder, port=processes.free_port())
    yield running
    processes.stop(running.process, within=20)


def test_it_serves_pages_restarts_what_ends_and_leaves_nothing_behind(running: Running) -> None:
    running.wait("policysite is ready")
    assert f"http://127.0.0.1:{running.port}/\n" in running.said
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/") as page:
        assert page.status == 200
    os.kill(pid_of(running, "celery"), signal.SIGKILL)
    running.wait("The worker process ended; starting it again.")
    running.process.send_signal(signal.SIGTERM)
    assert running.ends_within(60)
    assert running.process.returncode == 0


def test_a_signal_to_the_whole_group_ends_it_too(running: Running) -> None:
    running.wait("policysite is ready")
    assert len(running.left) >= 5
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.ends_within(60)


def test_nothing_outlives_a_supervisor_that_is_killed(running: Running) -> None:
    running.wait("policysite is ready")
    running.process.kill()
    assert running.ends_within(60)


def test_a_signal_while_the_database_is_being_written(tmp_path: Path) -> None:
    running = Running(tmp_path / "var", port=processes.free_port())
    running.wait("Writing five policies")
    running.process.terminate()
    assert running.ends_within(60)
    assert not (running.folder / "policysite.sqlite3").exists()


def test_a_busy_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        running = Running(tmp_path / "var", port=port)
        assert running.process.wait(timeout=60) == 1
    assert running.said.count("\n") == 1
    assert f"Port {port} cannot be used" in running.said


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    with supervisor.only_one(folder, name="demo"):
        second = Running(folder, port=processes.free_port())
        assert second.process.wait(timeout=60) == 1
    assert "runs already" in second.said


def pid_of(running: Running, word: str) -> int:
    """The first of the processes with this word in its command."""
    return next(pid for pid in sorted(running.left) if word in content(Path(f"/proc/{pid}/cmdline")).decode())
