"""The image, built by `Dockerfile` and run as compose.yaml and deploy/kubernetes do: without privilege, read only."""

import base64
import json
import secrets
import shlex
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from policysite.running import processes
from scripts import image, postgresql
from scripts.postgresql import PostgreSQL
from scripts.redis_server import Redis
from tests.drills import whole
from tests.smtp_sink import Sink

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OWNER, ROLE = "policysite_owner", postgresql.ROLE
pytestmark = [whole, pytest.mark.skipif(bool(image.missing()), reason=image.missing())]


@dataclass
class Machine:
    """One that has the image, with PostgreSQL, Redis and a mail server on loopback."""

    image: image.Image
    folder: Path
    settings: dict[str, str]
    port: int

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def run(self, *command: object, **settings: str) -> str:
        """Run something to its end."""
        done = subprocess.run(self.inside(command, settings), capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, *command: object) -> processes.Process:
        return processes.start(self.inside(command, {}), log=self.log(name))

    def inside(self, command: tuple[object, ...], settings: dict[str, str]) -> list[str]:
        return self.image.command(command, var=self.var, settings={**self.settings, **settings})

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@pytest.fixture(scope="module")
def built() -> Iterator[image.Image]:
    store = image.Store()
    if not store.has(image.BASE):
        store.make_base()
    built = store.build(base=image.BASE, log=image.FOLDER / "build.log")
    yield built
    built.remove()


@pytest.fixture
def folder() -> Iterator[Path]:
    """PostgreSQL and the image's user, neither of whom is root, have to get through."""
    with tempfile.TemporaryDirectory(prefix="policysite-image-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def machine(built: image.Image, folder: Path, smtp_sink: Sink) -> Iterator[Machine]:
    database, redis, port = PostgreSQL(folder), Redis(folder), processes.free_port()
    try:
        database.start()
        redis.start()
        database.run_sql(f"CREATE ROLE {OWNER} LOGIN", f"CREATE DATABASE site OWNER {OWNER}")
        database.run_sql(*postgresql.rights(database="site", owner=OWNER, role=ROLE), database="site")
        yield Machine(built, folder, settings(folder, database=database, redis=redis, port=port, sink=smtp_sink), port)
    finally:
        redis.stop()
        database.stop()


def settings(folder: Path, *, database: PostgreSQL, redis: Redis, port: int, sink: Sink) -> dict[str, str]:
    var = folder / "var"
    var.mkdir()
    var.chmod(0o777)
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LEDGER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"postgres://{ROLE}@127.0.0.1:{database.port}/site",
        "CELERY_BROKER_URL": redis.url,
        "EMAIL_URL": sink.url,
        "ORGANIZATION": "Northwind Audio",
        "MAIL_DOMAIN": "northwind.example",
        "SWEEP_SECONDS": "2",
    }


def test_it_migrates_serves_and_sends_as_nobody_who_can_write_nothing(machine: Machine, smtp_sink: Sink) -> None:
    who_it_is_and_what_it_can(machine)
    owners = machine.settings["DATABASE_URL"].replace(f"{ROLE}@", f"{OWNER}@")
    machine.run(*shlex.split(SERVICES["migrate"]["command"]), DATABASE_URL=owners)
    # So that there is a notice to send: five policies and 300 people.
    machine.run("python", "manage.py", "load_demo", POLICYSITE_DEMO="1")
    started = []
    try:
        started.append(web := machine.start("web", *on_port(machine.image.configuration["Cmd"], machine.port)))
        ready(lambda: processes.answers(machine.port), web, machine, "web")
        assert json.loads(read(machine, "/health/")) == {"database": "ok"}
        page = read(machine, "/")
        assert "Northwind" in page
        static = page.partition('href="/static/')[2].partition('"')[0]
        assert read(machine, f"/static/{static}")
        started.append(worker := machine.start("worker", *shlex.split(SERVICES["worker"]["command"])))
        started.append(machine.start("beat", *shlex.split(SERVICES["beat"]["command"])))
        ready(lambda: bool(smtp_sink.messages), worker, machine, "worker")
    finally:
        for process in reversed(started):
            processes.stop(process, within=20)
    assert [process.returncode for process in started] == [0, 0, 0], [processes.tail(machine.log("beat"))]


def who_it_is_and_what_it_can(machine: Machine) -> None:
    said = machine.run(
        "sh", "-c", "id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; touch /srv/x /opt/x || true"
    )
    assert said.split() == ["10001", "CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1"]
    assert machine.run("python", "manage.py", "check", "--fail-level", "ERROR")


def on_port(command: list[str], port: int) -> list[str]:
    """The image's own command, where others use the same machine."""
    return [str(port) if word == "8000" else "127.0.0.1" if word == "0.0.0.0" else word for word in command]  # noqa: S104 - what it says


def ready(is_ready: object, process: processes.Process, machine: Machine, name: str) -> None:
    processes.wait_until(is_ready, process=process, log=machine.log(name), name=name, within=120)  # type: ignore[arg-type]


def read(machine: Machine, path: str) -> str:
    with urllib.request.urlopen(machine.settings["SITE_URL"] + path) as answer:  # noqa: S310 - our own server
        said: str = answer.read().decode()
        return said
