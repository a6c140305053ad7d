"""What `make stack` runs: every process of a production deployment, and nothing left of them."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from policysite.running import processes, supervisor
from scripts import stack
from tests.services.plugin import short_folder
from tests.test_demo_command import Running

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.fixture
def running() -> Iterator[Running]:
    # A short path that PostgreSQL's user can reach, which pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="policysite-stack-", dir=short_folder()) as folder:
        Path(folder).chmod(0o711)
        running = Running(
            Path(folder) / "stack", port=processes.free_port(), command=("scripts.stack",), options=("--empty",)
        )
        yield running
        processes.stop(running.process, within=20)


def test_every_process_comes_up_a_page_is_served_and_nothing_is_left(running: Running) -> None:
    running.wait("policysite is ready")
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/") as page:
        assert page.status == 200
    words = [
        "postgres",
        "redis-server",
        "policysite.running.mailbox",
        "granian",
        "worker-1@stack",
        "worker-2@stack",
        "beat",
    ]
    commands = running.commands
    assert [word for word in words if not any(word in command for command in commands)] == []
    assert owners_of_tables(running.settings["DATABASE_URL"]) == {stack.OWNER}
    assert "W00" not in checked(running.settings)
    for role, warning in ((stack.OWNER, "policies.W002"), ("postgres", "policies.W001")):
        url = running.settings["DATABASE_URL"].replace(f"//{stack.ROLE}@", f"//{role}@")
        assert warning in checked({**running.settings, "DATABASE_URL": url})
    os.kill(running.process.pid, signal.SIGTERM)
    assert running.ends_within(60)
    assert running.process.returncode == 0
    assert running.said.count("\n") == 2


def checked(settings: dict[str, str]) -> str:
    command = [sys.executable, "manage.py", "check", "--deploy", "--database", "default"]
    environment = {**os.environ, **settings}
    # What the browser of another test in this process needs is not what is deployed.
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    done = subprocess.run(command, cwd=supervisor.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return re.sub(r"security\.W\d+", "", done.stderr)


def owners_of_tables(url: str) -> set[str]:
    """Who owns the tables; the role in the URL may read and write them all the same."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT count(*) FROM policies_version")
        found = connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")
        return {owner for (owner,) in found.fetchall()}


def test_a_folder_that_postgresql_cannot_reach_is_told_in_one_line(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root runs PostgreSQL as somebody else")
    tmp_path.chmod(0o700)
    command = [sys.executable, "-m", "scripts.stack", "--port", str(processes.free_port())]
    log = tmp_path / "said.txt"
    environment = {**os.environ, "POLICYSITE_VAR": str(tmp_path / "stack")}
    process = processes.start(command, log=log, environment=environment, folder=supervisor.ROOT)
    assert process.wait(timeout=60) == 1
    assert "cannot reach" in log.read_text()
    assert log.read_text().count("\n") == 1
