"""A backup is whole or has no name; what is not whole, or not for this place, is refused before anything is changed."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from policies import clock
from policies.ledger import proofs, sealing
from policies.models import Checkpoint, Notice, Version
from policies.notices.send import restore_guard
from policies.operations import backups
from scripts import postgresql
from tests.drills.announcing import announce
from tests.notices.telling import open_notice, people, send_all
from tests.services import databases
from tests.smtp_sink import Sink

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path / "high-water")
    if connection.vendor == "postgresql":
        # The programs of the server that the tests run on, which may be those of a wheel.
        monkeypatch.setenv("PATH", f"{postgresql.find_binaries()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def backup(fresh_database: str, smtp_sink: Sink, tmp_path: Path) -> Path:
    """One of a site that published, told two people and signed a head."""
    people(2)
    send_all(open_notice(announce()), smtp_sink)
    sealing.seal_all(at=clock.now())
    said("backup", tmp_path / "backup")
    return tmp_path / "backup"


def said(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(arguments[0], *map(str, arguments[1:]), stdout=out, **options)
    return out.getvalue()


@contextmanager
def empty_database() -> Iterator[None]:
    name = databases.new_name()
    if connection.vendor == "postgresql":
        databases.run_sql(f'CREATE DATABASE "{name}"')
    try:
        with databases.pointed_to(name):
            yield
    finally:
        databases.drop(name)


def rewritten(backup: Path, **changes: Any) -> None:
    path = backup / backups.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_it_comes_back_whole_and_verifies(backup: Path, settings: Any, tmp_path: Path) -> None:
    rows, head = backups.rows(), Checkpoint.objects.latest("size").note
    settings.HIGH_WATER_FOLDER = str(tmp_path / "elsewhere")
    with empty_database():
        said_of_it = said("restore", backup)
        came_back = backups.rows()
        # That pages may have changed is noted whenever triggers are put back.
        assert came_back.pop("policies_publicchange") >= rows.pop("policies_publicchange")
        assert came_back == rows
        assert Checkpoint.objects.latest("size").note == head
        with pytest.raises(DatabaseError):
            Version.objects.published().update(number=99)
        assert restore_guard.hold() is restore_guard.Hold.UNKNOWN
    assert "The ledger verifies" in said_of_it
    assert "confirm_restore" in said_of_it


def test_no_secret_is_in_it_and_the_public_parts_are(backup: Path, settings: Any) -> None:
    manifest = (backup / backups.MANIFEST).read_text()
    secrets = [settings.SECRET_KEY, settings.ADDRESS_KEY, settings.WEBHOOK_KEY, settings.LEDGER_KEY]
    texts = {secret.hex() if isinstance(secret, bytes) else str(secret) for secret in secrets if secret}
    assert [text for text in texts if text in manifest] == []
    assert json.loads(manifest)["keys"]["ledger"][0] in manifest
    assert {path.stat().st_mode & 0o077 for path in [backup, *backup.rglob("*")]} == {0}


def test_marks_are_put_in_place_only_for_a_site_that_moves(backup: Path, settings: Any, tmp_path: Path) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path / "elsewhere")
    with empty_database():
        assert "confirm_restore" not in said("restore", backup, "--moved")
        assert restore_guard.hold() is None
    with empty_database(), pytest.raises(CommandError, match="Leave --moved out"):
        said("restore", backup, "--moved")


def cut_short(backup: Path) -> None:
    (database,) = backup.glob("database.*")
    database.write_bytes(database.read_bytes()[:-100])


def altered(backup: Path) -> None:
    (database,) = backup.glob("database.*")
    data = bytearray(database.read_bytes())
    data[len(data) // 2] ^= 1
    database.write_bytes(data)


def without_database(backup: Path) -> None:
    (database,) = backup.glob("database.*")
    database.unlink()


def without_marks(backup: Path) -> None:
    for mark in (backup / "marks").glob("*.json"):
        mark.unlink()


def without_manifest(backup: Path) -> None:
    (backup / backups.MANIFEST).unlink()


def with_half_a_manifest(backup: Path) -> None:
    path = backup / backups.MANIFEST
    path.write_text(path.read_text()[:300])


def of_a_newer_format(backup: Path) -> None:
    rewritten(backup, format=2)


def of_newer_code(backup: Path) -> None:
    rewritten(backup, migrations=["policies.9999_of_next_year"])


def of_another_engine(backup: Path) -> None:
    other = {"postgresql": "sqlite", "sqlite": "postgresql"}[connection.vendor]
    manifest = json.loads((backup / backups.MANIFEST).read_text())
    names = backups.DATABASE
    (backup / names[connection.vendor]).rename(backup / names[other])
    files = {name.replace(names[connection.vendor], names[other]): said for name, said in manifest["files"].items()}
    rewritten(backup, engine=other, files=files)


def of_another_key(backup: Path) -> None:
    ours = proofs.verifiers()[0].partition("+")[0]
    rewritten(backup, keys={"ledger": [f"{ours}+00000000+AAAA"], "digits": {}})


def of_another_site(backup: Path) -> None:
    rewritten(backup, keys={"ledger": ["other.example+00000000+AAAA"], "digits": {}})


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (cut_short, "is damaged"),
        (altered, "is damaged"),
        (without_database, "is missing"),
        (without_marks, "is missing"),
        (without_manifest, "no backup that is whole"),
        (with_half_a_manifest, "is damaged"),
        (of_a_newer_format, "has format 2"),
        (of_newer_code, "newer policysite"),
        (of_another_engine, "name one of its kind"),
        (of_another_key, "^LEDGER_KEY is not the one"),
        (of_another_site, r"^SITE_URL \(it was "),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_whole_or_not_for_here_is_refused(happens: Callable[[Path], None], why: str, backup: Path) -> None:
    happens(backup)
    with empty_database():
        with pytest.raises(CommandError, match=why):
            said("restore", backup)
        assert connection.introspection.table_names() == []


def test_a_database_that_is_not_empty_is_left_alone(backup: Path) -> None:
    with pytest.raises(CommandError, match="is not empty; nothing was changed"):
        said("restore", backup)
    assert Notice.objects.exists()


def test_looking_changes_nothing(backup: Path, settings: Any) -> None:
    settings.ADDRESS_KEY = "another one that nobody knows " * 2
    with empty_database():
        looked = said("restore", backup, "--check")
        assert connection.introspection.table_names() == []
    assert "can be brought back here" in looked
    assert "Caution: ADDRESS_KEY is not the one of the backup" in looked


def test_rows_that_do_not_come_back_are_told(backup: Path) -> None:
    manifest = json.loads((backup / backups.MANIFEST).read_text())
    rewritten(backup, rows={**manifest["rows"], "policies_person": 3})
    with empty_database(), pytest.raises(CommandError, match="policies_person differ"):
        said("restore", backup)


class KilledError(BaseException):
    """As by Ctrl-C."""


@pytest.mark.parametrize("step", ["_copy_of_database", "described", "_settle"])
def test_what_was_interrupted_does_not_look_whole(
    step: str, fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KilledError

    monkeypatch.setattr(backups, step, killed)
    with pytest.raises(KilledError):
        said("backup", tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []


def test_nothing_is_written_over(backup: Path) -> None:
    before = (backup / backups.MANIFEST).read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        said("backup", backup)
    assert (backup / backups.MANIFEST).read_bytes() == before


def test_one_a_day_is_named_by_its_instant(fresh_database: str, tmp_path: Path) -> None:
    said("backup", into=tmp_path / "daily")
    (made,) = (tmp_path / "daily").iterdir()
    assert made.name.startswith(f"{clock.now():%Y-%m-%dT}")
    with pytest.raises(CommandError, match="Name the folder"):
        said("backup")


def test_a_program_that_fails_says_why_in_one_line(fresh_database: str) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite needs no program")
    with pytest.raises(backups.Refused, match=r"^pg_dump failed: .+$"):
        backups.run("pg_dump", "--snapshot=nothing-of-the-kind")


def test_every_migration_on_record_is_known_to_this_code(fresh_database: str, tmp_path: Path) -> None:
    said("backup", tmp_path / "backup")
    named = set(json.loads((tmp_path / "backup" / backups.MANIFEST).read_text())["migrations"])
    assert named <= {".".join(key) for key in MigrationLoader(None).disk_migrations}
