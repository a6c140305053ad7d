"""The product as it is deployed: its web server, workers and commands, as processes of their own."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from policysite.running import processes, supervisor

ROOT = Path(__file__).parents[2]


@dataclass
class Deployment:
    """
    Processes of one deployment, all on the same database, broker and mail server.

    :ivar folder: for logs and whatever the product keeps beside its database
    """

    database_url: str
    folder: Path
    port: int = field(default_factory=processes.free_port)
    settings: dict[str, str] = field(default_factory=dict)
    running: list[processes.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATABASE_URL": self.database_url,
            "SITE_URL": self.url,
            "POLICYSITE_VAR": str(self.folder),
            # As all machines of a site do, these processes share the marks, here with the test itself.
            "HIGH_WATER_FOLDER": str(settings.HIGH_WATER_FOLDER),
        }
        return {**os.environ, **own, **self.settings}

    def start_web(self, *, workers: int = 1) -> processes.Process:
        options = ["--workers", str(workers), "--port", str(self.port)]
        web = self.start("web", [*map(str, supervisor.WEB), *options, "policysite.wsgi:application"])
        self.wait_for(web, name="web", is_ready=lambda: responds(f"{self.url}/"))
        return web

    def start_worker(self, *, name: str = "worker", beat: bool = False) -> processes.Process:
        """Start a Celery worker; with `beat` it also rings the periodic bells."""
        options = ["--pool", "threads", "--concurrency", "2", "--loglevel", "INFO", "--hostname", f"{name}@test"]
        options += ["--without-gossip", "--without-mingle", *(["--beat"] if beat else [])]
        worker = self.start(name, ["celery", "--app", "policysite", "worker", *options])
        self.wait_for(worker, name=name, is_ready=lambda: f"{name}@test ready." in self.log(name).read_text())
        return worker

    def manage(self, *arguments: str) -> str:
        """
        Run one of Django's commands to its end and return what it printed.

        :raises subprocess.CalledProcessError: if it fails; its `stderr` says why
        """
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    def start(self, name: str, command: list[str]) -> processes.Process:
        self.log(name).unlink(missing_ok=True)
        if self.environment["POLICYSITE_DEMO"] == "1":
            call_it_a_demo()
        process = processes.start(
            [sys.executable, "-m", *command], log=self.log(name), environment=self.environment, folder=ROOT
        )
        self.running.append(process)
        return process

    def wait_for(self, process: processes.Process, *, name: str, is_ready: Callable[[], bool]) -> None:
        processes.wait_until(is_ready, process=process, log=self.log(name), name=name, within=60)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def stop(self) -> None:
        for process in self.running:
            processes.ask(process)
        for process in self.running:
            processes.collect(process, within=10)


def call_it_a_demo() -> None:
    """What a test has published so far was made up: processes in demo mode start over nothing else."""
    from policies import checks, clock  # noqa: PLC0415 - needs Django, which is set up after this plugin is read
    from policies.models import AuditEvent  # noqa: PLC0415
    from policies.models.audit import DEMO_LOADED  # noqa: PLC0415

    if checks.exposes_the_real():
        AuditEvent.record(DEMO_LOADED, by=None, at=clock.now())


def responds(url: str) -> bool:
    """Whether an HTTP server gives any answer, good or bad."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - a URL of our own making
    except urllib.error.HTTPError as answer:
        answer.close()
    except OSError:
        return False
    return True
