"""
Keep the demo of a release for tests of upgrades: `python -m scripts.kept_release NAME [--code FOLDER]`.

It runs the code of that release (another checkout; without `--code` this one) over a new database of each kind: tables,
the demo's people and policies, some seconds of sending and sealing. What is left goes into `tests/upgrades/NAME/`.
"""

import argparse
import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg

from policysite.running import processes
from scripts.postgresql import ROLE, PostgreSQL, unprivileged_user

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "upgrades"
# Of made-up people's sites alone: what they signed and hashed is found again by them.
KEYS = {
    "SECRET_KEY": "of a kept release, and of nothing else, " + "x" * 30,
    "ADDRESS_KEY": "of a kept release, and of nothing else",
    "LEDGER_KEY": "a2VwdCBieSB0ZXN0cyBvZiB1cGdyYWRlcywgMzIgQi4=",
}
# The log is named by it.
SITE_URL = "http://127.0.0.1:8000"
DATABASE = "kept"
# How many mails go out before it is kept.
MAILS = 3


def keep(name: str, *, code: Path) -> list[Path]:
    """Make both databases, and return the files."""
    into = KEPT / name
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="policysite-kept-") as given:
        folder = Path(given)
        folder.chmod(0o711)
        return [_on_sqlite(folder, code, into), _on_postgresql(folder, code, into)]


def _on_sqlite(folder: Path, code: Path, into: Path) -> Path:
    path = folder / "kept.sqlite3"
    _fill(f"sqlite:///{path}", folder / "sqlite", code)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
    return _packed(path.read_bytes(), into / "database.sqlite3.xz")


def _on_postgresql(folder: Path, code: Path, into: Path) -> Path:
    server = PostgreSQL(folder)
    try:
        server.start()
        server.run_sql(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        url = f"postgres://{ROLE}@127.0.0.1:{server.port}/{DATABASE}"
        _fill(url, folder / "postgresql-var", code)
        command = [server.binaries() / "pg_dump", "--no-owner", "--no-privileges", f"--dbname={url}"]
        dumped = subprocess.run(list(map(str, command)), check=True, capture_output=True)
        return _packed(dumped.stdout, into / "database.sql.xz")
    finally:
        server.stop()


def _fill(url: str, var: Path, code: Path) -> None:
    var.mkdir()
    if user := unprivileged_user():
        shutil.chown(var, user)
    port, mailbox, log = processes.free_port(), var / "mailbox", var / "sending.log"
    environment = {
        **os.environ,
        **KEYS,
        "POLICYSITE_DEMO": "1",
        "SITE_URL": SITE_URL,
        "POLICYSITE_VAR": str(var),
        "DATABASE_URL": url,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }
    manage = [sys.executable, "manage.py"]
    for verb in ("migrate", "load_demo"):
        subprocess.run([*manage, verb], cwd=code, env=environment, check=True, stdout=sys.stderr)
    keeper = [sys.executable, "-m", "policysite.running.mailbox", "--port", port, "--folder", mailbox]
    mail = processes.start(keeper, log=var / "mail.log", folder=ROOT)
    sender = None
    try:
        processes.wait_until(lambda: processes.answers(port), process=mail, log=var / "mail.log", name="mail")
        sender = processes.start([*manage, "run_deliveries"], log=log, environment=environment, folder=code)
        processes.wait_until(
            lambda: len(list(mailbox.glob("*.eml"))) >= MAILS and _is_sealed(url),
            process=sender,
            log=log,
            name="sending",
            within=300,
        )
    finally:
        for process in filter(None, (sender, mail)):
            processes.stop(process, within=20)
    print(processes.tail(log, lines=3), file=sys.stderr)


def _is_sealed(url: str) -> bool:
    """Whether a head was signed."""
    is_file = url.startswith("sqlite")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///")) if is_file else psycopg.connect(url)) as connection:
        return connection.execute("SELECT count(*) FROM policies_checkpoint").fetchone() != (0,)


def _packed(data: bytes, path: Path) -> Path:
    path.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.kept_release", description="Keep the demo of a release.")
    parser.add_argument("name")
    parser.add_argument("--code", type=Path, default=ROOT)
    chosen = parser.parse_args(arguments)
    for path in keep(chosen.name, code=chosen.code.resolve()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
