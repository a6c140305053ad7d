"""A first deployment, by the very lines of docs/operating.md, on a cluster that has nothing in it."""

import secrets
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from scripts import stack
from tests.drills import whole
from tests.drills.machine import Machine
from tests.journeys.test_a_new_organization import steps
from tests.services.plugin import short_folder
from tests.smtp_sink import Sink

pytestmark = [
    whole,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server and no roles"),
]


def a_superuser(name: str) -> tuple[str, ...]:
    return ("--no-input", "--email", f"{name}@example.org", "--name", name.title())


@pytest.fixture
def machine(smtp_sink: Sink) -> Iterator[Machine]:
    """One with servers that run, and nothing in them."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=short_folder()))
    folder.chmod(0o711)
    machine = Machine(folder / "first", smtp_sink, {"DJANGO_SUPERUSER_PASSWORD": secrets.token_urlsafe(12)})
    try:
        machine.stack.start_servers()
        yield machine
    finally:
        machine.end()
        shutil.rmtree(folder)


def lines_for_the_superuser() -> str:
    """Those of step 1, but for the passwords, which somebody types."""
    block = [line.removeprefix(" " * 7) for line in steps()[0].splitlines() if line.startswith(" " * 7)]
    return "\n".join(block).replace(" --pwprompt", "")


def test_the_manuals_lines_make_a_site_that_is_sound(machine: Machine, tmp_path: Path) -> None:
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(machine.stack.database.port), "PGUSER": "postgres"}
    command = ["bash", "-e", "-c", lines_for_the_superuser()]
    done = subprocess.run(
        command, env={**machine.environment, **server}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    machine.do("migrate", role=stack.OWNER)
    machine.stack.collect_static()
    said = machine.do("doctor")
    assert [line for line in said.splitlines() if not line.endswith(" ok")] == []
    machine.do("createsuperuser", *a_superuser("oscar"))
    machine.start_web()
    machine.start(*stack.workers(), stack.beat("beat"))
    machine.stack.parts.wait_until(lambda: all_is_well(machine))
    machine.do("backup", "--into", tmp_path / "backups", role=stack.BACKUP)
    machine.do("verify_ledger", "--since", tmp_path / "head")
    # The site changes no tables, and the role for backups not even rows.
    refused = machine.manage("migrate", "policies", "0001")
    assert "must be owner" in refused.stderr or "permission denied" in refused.stderr, refused.stderr
    refused = machine.manage("createsuperuser", *a_superuser("vera"), role=stack.BACKUP)
    assert "permission denied" in refused.stderr, refused.stderr


def all_is_well(machine: Machine) -> bool:
    """Each part says so; while one does not, it is answered with 503."""
    try:
        urllib.request.urlopen(f"{machine.url}/health/all/").close()  # noqa: S310 - our own server
    except urllib.error.HTTPError as answer:
        answer.close()
        return False
    return True
