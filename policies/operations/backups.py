"""
A backup: one folder with the database, the marks, the public parts of keys, and a manifest that says what is whole.

Thin, over pg_dump and SQLite's backup: what those promise is what it keeps. No secret of the settings is in it.
"""

import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.recorder import MigrationRecorder

from policies.ledger import proofs
from policies.models import Checkpoint
from policies.notices.send import restore_guard

FORMAT = 1
MANIFEST = "manifest.json"
MARKS = "marks"
DATABASE = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
# Where Debian's packages and others put programs that are not on everybody's PATH.
USUAL_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


class Refused(Exception):
    """It cannot be done as asked; says why and what to do."""


def make(folder: Path, *, at: datetime) -> dict[str, Any]:
    """
    Write a backup to a folder that is not there yet, and return its manifest. It gets its name when it is whole.

    :raises Refused: if it is there, or something cannot be read
    """
    part = folder.with_name(f"{folder.name}.part")
    for there in (folder, part):
        if there.exists():
            raise Refused(f"{there} is there already; nothing was written. Take it away, or name another folder.")
    try:
        part.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise Refused(f"{part} cannot be made ({error.strerror}).") from error
    try:
        # The marks first: the database may be ahead of them then, and is never behind.
        _copy_marks(part / MARKS)
        manifest = _described(part, at=at)
        manifest["files"] = {name: described(part / name) for name in sorted(_names(part))}
        _write(part / MANIFEST, manifest)
        _settle(part)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


def described(path: Path) -> dict[str, Any]:
    """Size and sha256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def rows() -> dict[str, int]:
    """How many rows each table has."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the database's own
            found[table] = cursor.fetchone()[0]
    return found


def head() -> dict[str, Any] | None:
    """The newest signed head of the log."""
    newest = Checkpoint.objects.order_by("size").last()
    return {"size": newest.size, "note": newest.note} if newest else None


def public_keys() -> dict[str, Any]:
    """
    The keys that verify the log, and for secrets a few digits by which one sees whether a key is the same one.

    No secret can be found by these digits, as long as it cannot be guessed.
    """
    secrets = {name: getattr(settings, name, "") for name in ("SECRET_KEY", "ADDRESS_KEY", "WEBHOOK_KEY")}
    return {
        "ledger": list(proofs.verifiers()),
        "digits": {name: _digits(secret) for name, secret in secrets.items() if secret},
    }


def program(name: str) -> str:
    """
    One of PostgreSQL's programs, the newest there is: an older one reads no newer server.

    :raises Refused: if there is none
    """
    found = shutil.which(name)
    places = [place / name for pattern in USUAL_PLACES for place in Path("/").glob(pattern.removeprefix("/"))]
    for place in sorted((place for place in places if place.exists()), key=_version, reverse=True):
        found = found or str(place)
    if found is None:
        raise Refused(f"{name} is not on this machine; on Debian: apt-get install postgresql-client")
    return found


def run(name: str, *options: str) -> None:
    """
    Run one of PostgreSQL's programs on the database of the settings.

    :raises Refused: if it fails
    """
    (_psql, *server), environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    database = server.pop()
    command = [program(name), *server, "--no-password", f"--dbname={database}", *options]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise Refused(f"{name} failed: {said[0]}")


def _described(part: Path, *, at: datetime) -> dict[str, Any]:
    """Copy the database, and say what is in the copy."""
    copied = part / DATABASE[connection.vendor]
    with _copy_of_database(copied):
        return {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "site": settings.SITE_URL,
            "engine": connection.vendor,
            "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
            "rows": rows(),
            "head": head(),
            "instance": restore_guard.instance(),
            "mark": restore_guard.in_database().__dict__,
            "keys": public_keys(),
        }


@contextmanager
def _copy_of_database(to: Path) -> Iterator[None]:
    """Copy the database, and let what is read meanwhile be what is in the copy."""
    if connection.vendor == "sqlite":
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as original,
            closing(sqlite3.connect(to)) as copy,
        ):
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            (said,) = copy.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            raise Refused(f"The copy of the database is damaged: {said}")
        with transaction.atomic():
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}")
        yield


def _copy_marks(to: Path) -> None:
    to.mkdir(mode=0o700)
    instance = restore_guard.instance()
    for path in Path(settings.HIGH_WATER_FOLDER).glob(f"{instance}.*") if instance else ():
        if path.suffix == ".json":
            shutil.copy2(path, to / path.name)
        elif path.is_dir():
            shutil.copytree(path, to / path.name)


def _names(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder))


def _write(path: Path, manifest: dict[str, Any]) -> None:
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _settle(folder: Path) -> None:
    """Everything is on the disk before the folder gets its name."""
    for path in [*folder.rglob("*"), folder]:
        opened = os.open(path, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)
        path.chmod(0o700 if path.is_dir() else 0o600)


def _digits(secret: str | bytes) -> str:
    key = secret if isinstance(secret, bytes) else secret.encode()
    return hmac.digest(key, b"policysite backup", "sha256").hex()[:8]


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(digits) for digits in "".join(c if c.isdigit() else " " for c in path.parent.parent.name).split())
