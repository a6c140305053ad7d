"""A machine of its own: the production topology of `make stack` in a folder, with its own cluster, roles and ports."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from policysite.running import processes, supervisor
from policysite.running.supervisor import Part, Supervisor, python
from scripts import stack
from scripts.postgresql import PostgreSQL
from scripts.redis_server import Redis
from scripts.stack import Stack
from tests.chaos.nemesis import KEEPS_ITS_WORD, Never
from tests.smtp_sink import Sink

SENDER = python("deliveries", "manage", "run_deliveries")


@dataclass
class Machine:
    """
    :ivar settings: what is set here beside what `make stack` sets, such as keys that were kept apart
    """

    folder: Path
    sink: Sink
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "log").mkdir(parents=True)
        self.folder.chmod(0o711)
        database, broker = PostgreSQL(self.folder, settings=KEEPS_ITS_WORD), Redis(self.folder)
        port = processes.free_port()
        own = stack.settings(folder=self.folder, port=port, database=database, redis=broker, mail_port=self.sink.port)
        programs = {"PATH": f"{database.binaries()}{os.pathsep}{os.environ['PATH']}"}
        # It would be another machine's, or that of the test.
        marks = {"HIGH_WATER_FOLDER": str(self.folder / "high-water")}
        self.environment = {**os.environ, **own, **programs, **marks, **self.settings}
        parts = Supervisor(self.folder, self.environment, Never())
        self.stack = Stack(port, self.folder, database, broker, self.sink.port, parts)

    @property
    def url(self) -> str:
        return self.stack.url

    def manage(self, *arguments: object, role: str = stack.ROLE) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as one of the roles of the database."""
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=supervisor.ROOT,
            env={**self.environment, "DATABASE_URL": self.stack.url_of(role)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def do(self, *arguments: object, role: str = stack.ROLE) -> str:
        """Run a command that has to succeed; return what it said."""
        done = self.manage(*arguments, role=role)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *parts: Part) -> None:
        for part in parts:
            self.stack.parts.start(part)

    def start_web(self) -> None:
        self.stack.collect_static()
        self.stack.start_web(workers=1)
        # Whether it is well or not.
        self.stack.parts.wait_until(lambda: processes.answers(self.stack.port))

    @contextmanager
    def worked_on(self) -> Iterator[None]:
        """Let this process work on the machine's database, as the site does."""
        kept = dict(connection.settings_dict)
        connection.close()
        here = {"NAME": stack.DATABASE, "USER": stack.ROLE, "PASSWORD": "", "HOST": "127.0.0.1"}
        connection.settings_dict.update({**here, "PORT": str(self.stack.database.port)})
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(kept)

    def tell(self, number: signal.Signals, *parts: Part) -> None:
        """Send a signal to all processes of these parts."""
        for part in parts:
            if part.process:
                os.killpg(part.process.pid, number)

    def is_lost(self) -> None:
        """Everything ends at once, and its disk is gone."""
        for part in self.stack.parts.running:
            if part.process:
                processes.stop(part.process, by=signal.SIGKILL, within=0)
        self.stack.parts.running.clear()
        shutil.rmtree(self.folder)

    def end(self) -> None:
        self.stack.parts.end()
        self.stack.parts.running.clear()
