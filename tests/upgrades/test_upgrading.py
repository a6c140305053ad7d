"""A site of each earlier release is brought along by `migrate`: its record verifies, and its pages are served."""

import lzma
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from policysite import __version__
from policysite.running import processes, supervisor
from scripts import kept_release, postgresql

ROOT = Path(__file__).parents[2]
RELEASES = sorted(path.name for path in kept_release.KEPT.iterdir() if (path / "database.sql.xz").exists())
# Rows that nothing may lose. Entries of the log only become more.
ON_RECORD = ("policies_act", "policies_deliveryattempt", "policies_version", "policies_person", "policies_ledgerleaf")


@dataclass
class Site:
    url: str
    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATABASE_URL": self.url,
            "POLICYSITE_VAR": str(self.folder),
            "HIGH_WATER_FOLDER": str(self.folder / "high-water"),
            # Wherever it is served: the log is named by it.
            "SITE_URL": kept_release.SITE_URL,
        }
        return {**os.environ, **kept_release.KEYS, **own}

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def counts(self) -> dict[str, int]:
        asked = ", ".join(f"(SELECT count(*) FROM {table})" for table in ON_RECORD)  # noqa: S608 - names of our own
        with closing(self._connect()) as connection:
            counts = connection.execute(f"SELECT {asked}").fetchone()
            return dict(zip(ON_RECORD, counts or (), strict=True))

    def _connect(self) -> sqlite3.Connection | psycopg.Connection:
        if self.url.startswith("sqlite"):
            return sqlite3.connect(self.url.removeprefix("sqlite:///"))
        return psycopg.connect(self.url)

    def pages(self) -> Iterator[str]:
        """The first page, and each policy's page that it leads to."""
        first = self._page("/")
        yield first
        for path in sorted(set(re.findall(r'href="(/p/[\w-]+/)"', first))):
            yield self._page(path)

    def _page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            page: str = answer.read().decode()
            return page


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, release: str, tmp_path: Path) -> Iterator[Site]:
    kept = kept_release.KEPT / release
    port = processes.free_port()
    if request.param == "sqlite":
        database = tmp_path / "site.sqlite3"
        database.write_bytes(lzma.decompress((kept / "database.sqlite3.xz").read_bytes()))
        yield Site(f"sqlite:///{database}", tmp_path, port)
        return
    with loaded(lzma.decompress((kept / "database.sql.xz").read_bytes())) as url:
        yield Site(url, tmp_path, port)


class loaded:  # noqa: N801 - used as a context
    """A database of its own with what was dumped; its URL."""

    def __init__(self, dumped: bytes) -> None:
        self.dumped = dumped
        self.server = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
        self.name = f"kept_{os.getpid()}_{processes.free_port()}"

    def __enter__(self) -> str:
        self._say(f"CREATE DATABASE {self.name}")
        url = urlsplit(self.server)._replace(path=f"/{self.name}").geturl()
        command = [postgresql.find_binaries() / "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
        subprocess.run(list(map(str, command)), input=self.dumped, check=True, capture_output=True)
        return url

    def __exit__(self, *_: object) -> None:
        self._say(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.mark.parametrize("release", RELEASES)
def test_it_is_brought_along_verified_and_served(site: Site, tmp_path: Path) -> None:
    before = site.counts()
    assert all(before.values())
    site.manage("migrate")
    after = site.counts()
    assert {table: after[table] for table in ON_RECORD[:-1]} == {table: before[table] for table in ON_RECORD[:-1]}
    assert after["policies_ledgerleaf"] >= before["policies_ledgerleaf"]
    site.manage("verify_ledger")
    log = tmp_path / "web.log"
    command = [sys.executable, "-m", *supervisor.WEB, "--port", site.port, supervisor.TARGET]
    web = processes.start(command, log=log, environment=site.environment, folder=ROOT)
    try:
        processes.wait_until(lambda: processes.answers(site.port), process=web, log=log, name="web")
        assert len(list(site.pages())) >= 5
    finally:
        processes.stop(web)


def test_the_demo_of_every_release_is_kept() -> None:
    released = re.findall(r"^## \[(.+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[0] == __version__
    assert set(released) <= set(RELEASES)
    assert __version__ in (ROOT / "README.md").read_text()
