"""Code of before, with its demo's data in the production topology, then this code: as docs/operating.md says."""

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from policysite.running import supervisor
from scripts import stack
from tests.drills import whole
from tests.drills.machine import Machine
from tests.services.plugin import short_folder
from tests.smtp_sink import Sink

pytestmark = [
    whole,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server and no roles"),
]
# The code before these migrations came.
MIGRATIONS = ("0026", "0033")


@pytest.fixture
def machine(smtp_sink: Sink) -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=short_folder()))
    folder.chmod(0o711)
    machine = Machine(folder / "site", smtp_sink)
    try:
        machine.stack.start_services()
        yield machine
    finally:
        machine.end()
        shutil.rmtree(folder)


def code_before(migration: str, to: Path) -> Path:
    """What the repository held before the commit that brought a migration."""
    try:
        came = git("log", "--diff-filter=A", "--format=%H", "--", f"policies/migrations/{migration}_*").split()[-1]
        tar = subprocess.run(
            ["git", "archive", f"{came}~1"], cwd=supervisor.ROOT, capture_output=True, check=True, timeout=60
        ).stdout
    except (OSError, IndexError, subprocess.CalledProcessError):
        pytest.skip("There is no history of the repository here.")
    to.mkdir()
    subprocess.run(["tar", "--extract", "--directory", str(to)], input=tar, check=True, timeout=60)
    return to


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=supervisor.ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_a_site_of_before_is_brought_along(migration: str, machine: Machine, tmp_path: Path) -> None:
    old = code_before(migration, tmp_path / "old")

    def by_old_code(*arguments: str, role: str, demo: str = "0") -> None:
        there = {**machine.environment, "DATABASE_URL": machine.stack.url_of(role), "POLICYSITE_DEMO": demo}
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=old, env=there, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    by_old_code("migrate", role=stack.OWNER)
    by_old_code("load_demo", role=stack.ROLE, demo="1")
    by_old_code("verify_ledger", role=stack.ROLE)
    machine.start_web()
    assert health(machine) == 503
    machine.do("backup", tmp_path / "backup", role=stack.BACKUP)
    machine.do("migrate", role=stack.OWNER)
    assert health(machine) == 200
    assert "PASS" in machine.do("verify_ledger")
    with urllib.request.urlopen(f"{machine.url}/") as page:  # noqa: S310 - our own server
        assert b"Northwind" in page.read()
    # And the backup that was made before is good for the code of after.
    machine.stack.database.run_sql(f"DROP DATABASE {stack.DATABASE} WITH (FORCE)")
    machine.stack.make_database()
    assert "The ledger verifies" in machine.do("restore", tmp_path / "backup", role=stack.OWNER)


def health(machine: Machine) -> int:
    try:
        with urllib.request.urlopen(f"{machine.url}/health/") as answer:  # noqa: S310 - our own server
            found: int = answer.status
            return found
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code
