"""
The production topology on one machine: `python -m scripts.stack [--port 8000] [--empty]`.

PostgreSQL with an owner of the tables and a role that only uses them, Redis, a mail server that keeps everything, a web
server, two workers and a beat: each its own process, as on a server, with production settings. A new database is given
the demo's data, so that there is something to look at. It keeps everything in `var/stack/` (or in `POLICYSITE_VAR`),
and in `environment` there the variables for commands of one's own. tests/chaos kills the same parts.
"""

import argparse
import base64
import os
import secrets
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from policysite.running import home, processes, supervisor
from policysite.running.supervisor import Part, Stop, Supervisor, python
from scripts import postgresql
from scripts.postgresql import PostgreSQL
from scripts.redis_server import Redis

DATABASE = "policysite"
# Makes and changes the tables; the other only reads and writes rows (docs/operating.md).
OWNER, ROLE = "policysite_owner", "policysite"
# Reads everything, for backups, and writes nothing.
BACKUP = "policysite_backup"
ROLES = tuple(f"CREATE ROLE {name} LOGIN" for name in (OWNER, ROLE, BACKUP))
WORKERS = 2
CAST = """
Sign in at {url}/sign-in/login/code/ as edith@, ravi@, cora@, uma@ or oscar@example.org; every mail, and so every code,
becomes a file in {mailbox}. Kill what you like: it is started again. Ctrl-C stops everything and keeps the data.
"""


@dataclass
class Stack:
    port: int
    folder: Path
    database: PostgreSQL
    redis: Redis
    mail_port: int
    parts: Supervisor

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *, with_data: bool) -> None:
        """
        Bring everything up, say so, and look after it until the end is asked for.

        :raises Refused: if it cannot run
        :raises Stopped: in the end
        """
        mailbox = ["policysite.running.mailbox", "--port", self.mail_port, "--folder", self.folder / "mailbox"]
        self.parts.start(python("mail", *mailbox))
        self.start_services()
        self.make_tables()
        self.collect_static()
        if with_data:
            # The only step that runs as a demo: nothing else may mix made-up people into a database.
            self.parts.run_to_its_end(python("load_demo", "manage", "load_demo", POLICYSITE_DEMO="1"))
        self.start_web()
        for part in workers():
            self.parts.start(part)
        self.parts.start(beat("beat"))
        self.parts.wait_until(lambda: supervisor.responds(f"{self.url}/health/"))
        print(f"policysite is ready: {self.url}/ (settings for commands: {self.folder / 'environment'})", flush=True)
        if with_data:
            print(CAST.format(url=self.url, mailbox=self.folder / "mailbox"), flush=True)
        self.parts.wait_until(lambda: False)

    def make_tables(self) -> None:
        """As their owner."""
        self.parts.run_to_its_end(python("migrate", "manage", "migrate", DATABASE_URL=self.url_of(OWNER)))

    def collect_static(self) -> None:
        self.parts.run_to_its_end(python("collectstatic", "manage", "collectstatic", "--no-input"))

    def start_web(self, *, workers: int = 2) -> None:
        options = ["--workers", workers, "--port", self.port, supervisor.TARGET]
        self.parts.start(python("web", *supervisor.WEB, *options))

    def start_services(self) -> None:
        """PostgreSQL with its roles and database, and Redis, as parts like all others."""
        self.start_servers()
        self.make_database()

    def start_servers(self) -> None:
        """PostgreSQL, with nothing in it when it is new, and Redis."""
        is_new = not self.database.data.exists()
        if is_new:
            self.database.make_cluster()
        user = postgresql.unprivileged_user()
        self.parts.start(Part("postgresql", self.database.command, user=user, end_with=signal.SIGINT))
        self.parts.start(Part("redis", self.redis.command))
        self.parts.wait_until(self.database.is_ready)
        self.parts.wait_until(self.redis.is_ready)
        self.parts.wait_until(lambda: processes.answers(self.mail_port))

    def make_database(self) -> None:
        """Make what is missing of roles, database and grants; each step may find the one before half done."""
        with self.database.connect() as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
            databases = {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}
        self.database.run_sql(*(statement for statement in ROLES if statement.split()[2] not in roles))
        if DATABASE not in databases:
            self.database.run_sql(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        rights = postgresql.rights(database=DATABASE, owner=OWNER, role=ROLE, backup=BACKUP)
        self.database.run_sql(*rights, database=DATABASE)

    def url_of(self, role: str) -> str:
        return f"postgres://{role}@127.0.0.1:{self.database.port}/{DATABASE}"


def workers(**settings: str) -> list[Part]:
    names = [f"worker-{number}" for number in range(1, WORKERS + 1)]
    return [python(name, *supervisor.WORKER, "--hostname", f"{name}@stack", **settings) for name in names]


def beat(name: str, **settings: str) -> Part:
    return python(name, *supervisor.SERVERS["beat"], **settings)


def settings(*, folder: Path, port: int, database: PostgreSQL, redis: Redis, mail_port: int) -> dict[str, str]:
    """What makes it a production deployment, and no variable of the caller's can turn into another one."""
    return {
        "POLICYSITE_DEMO": "0",
        "POLICYSITE_VAR": str(folder),
        "SECRET_KEY": kept_secret(folder / "secret-key", secrets.token_urlsafe(50)),
        "LEDGER_KEY": kept_secret(folder / "ledger-key", base64.b64encode(secrets.token_bytes(32)).decode()),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DATABASE_URL": f"postgres://{ROLE}@127.0.0.1:{database.port}/{DATABASE}",
        "CELERY_BROKER_URL": redis.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "STATIC_ROOT": str(folder / "static"),
        "DEBUG": "0",
        # Who the demo's data speak of. They are part of every Message-ID on record.
        "ORGANIZATION": "Northwind Audio",
        "MAIL_DOMAIN": "northwind.example",
    }


def kept_secret(path: Path, made: str) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(made)
    return path.read_text().strip()


def check_reachable(folder: Path) -> None:
    """PostgreSQL refuses to run as root, and whom it runs as has to get through to its data."""
    user = postgresql.unprivileged_user()
    if user and not all(postgresql.is_open(parent) for parent in [folder, *folder.parents]):
        raise supervisor.Refused(
            f"PostgreSQL runs as {user} here, who cannot reach {folder}. Name another folder: POLICYSITE_VAR=/srv/stack"
        )


def run(*, port: int, folder: Path, with_data: bool, stop: Stop) -> None:
    supervisor.check_port(port, command="make stack PORT=")
    folder.mkdir(parents=True, exist_ok=True)
    check_reachable(folder)
    with supervisor.only_one(folder, name="stack"):
        for name in ("mailbox", "log"):
            (folder / name).mkdir(exist_ok=True)
        database, redis = PostgreSQL(folder, settings=dict(postgresql.DURABLE)), Redis(folder)
        mail_port = processes.free_port()
        own = settings(folder=folder, port=port, database=database, redis=redis, mail_port=mail_port)
        home.write(home.path(folder), own)
        stack = Stack(port, folder, database, redis, mail_port, Supervisor(folder, {**os.environ, **own}, stop))
        try:
            stack.run(with_data=with_data)
        finally:
            stack.parts.end()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make stack", description="Run policysite as in production.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--empty", action="store_true", help="start without the demo's data")
    chosen = parser.parse_args(arguments)
    folder = Path(os.environ.get("POLICYSITE_VAR", supervisor.ROOT / "var" / "stack")).resolve()
    return supervisor.until_stopped(
        lambda stop: run(port=chosen.port, folder=folder, with_data=not chosen.empty, stop=stop)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
