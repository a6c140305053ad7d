"""Bringing a backup (`operations.backups`) back into an empty database, once nothing is found wrong with it."""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from policies.ledger import proofs
from policies.operations import backups
from policies.operations.backups import DATABASE, FORMAT, MANIFEST, MARKS, Refused


def read(folder: Path) -> dict[str, Any]:
    """
    The manifest of a backup that is whole.

    :raises Refused: if it is none, or something of it is missing or altered
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files: Mapping[str, Mapping[str, Any]] = manifest["files"]
        made_as = manifest["format"]
    except OSError as error:
        raise Refused(f"{folder} is no backup that is whole: {MANIFEST} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{folder / MANIFEST} is damaged: it is no manifest of a backup.") from error
    if made_as != FORMAT:
        raise Refused(f"{folder} has format {made_as}, and this code reads {FORMAT}: install the newer policysite.")
    for name, said in files.items():
        path = folder / name
        if not path.is_file():
            raise Refused(f"{path} is missing: the backup is not whole. Take another one.")
        if backups.described(path) != said:
            raise Refused(f"{path} is damaged: it is not the file that was written. Take another one.")
    if DATABASE.get(manifest.get("engine", "")) not in files:
        raise Refused(f"{folder / MANIFEST} names no database: the backup is not whole. Take another one.")
    return manifest


def check(manifest: Mapping[str, Any]) -> list[str]:
    """
    Look whether a backup can be brought back here; return what is worth saying about keys.

    :raises Refused: if it cannot
    """
    if manifest["engine"] != connection.vendor:
        raise Refused(
            f"The backup is of {manifest['engine']}, and DATABASE_URL names {connection.vendor}: name one of its kind."
        )
    here = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    replaced = {".".join(key) for each in MigrationLoader(None).disk_migrations.values() for key in each.replaces}
    newer = sorted(set(manifest["migrations"]) - here - replaced)
    if newer:
        raise Refused(f"The backup was made by a newer policysite ({newer[0]} is not in this code): install that one.")
    if connection.introspection.table_names():
        raise Refused("The database that DATABASE_URL names is not empty; nothing was changed. Make a new one.")
    former = manifest["keys"]["ledger"][0]
    if former not in proofs.verifiers():
        # A log has the name of its site, which is part of its key.
        ours = proofs.verifiers()[0].partition("+")[0]
        wrong = "LEDGER_KEY" if former.startswith(f"{ours}+") else f"SITE_URL (it was {manifest['site']})"
        raise Refused(
            f"{wrong} is not the one that the log of this backup was signed with. Set it as it was; if the key is lost,"
            f" put its public part into LEDGER_OLD_VERIFIERS: {former}"
        )
    digits = backups.public_keys()["digits"]
    return [
        f"{name} is not the one of the backup: {LOST_WITH[name]}"
        for name, said in manifest["keys"]["digits"].items()
        if digits.get(name) != said
    ]


LOST_WITH = {
    "SECRET_KEY": "sessions end, second factors and links in mails that went out no longer work.",
    "ADDRESS_KEY": "addresses that asked for no more mail are no longer known as such.",
    "WEBHOOK_KEY": "secrets of webhooks have to be given out anew.",
}


def bring_back(folder: Path, manifest: Mapping[str, Any]) -> None:
    """
    Write the database of a backup into the empty one, all of it or nothing.

    :raises Refused: if it cannot be done
    """
    source = folder / DATABASE[connection.vendor]
    if connection.vendor == "sqlite":
        _copy_file(source, Path(connection.settings_dict["NAME"]))
    else:
        # Comments on what a superuser made may not be repeated by anybody else.
        options = ("--no-owner", "--no-privileges", "--no-comments", "--single-transaction", "--exit-on-error")
        backups.run("pg_restore", *options, str(source))
    found = backups.rows()
    if found != manifest["rows"]:
        differ = sorted(name for name in {*found, *manifest["rows"]} if found.get(name) != manifest["rows"].get(name))
        raise Refused(f"Not all rows came back: {', '.join(differ)} differ from what the backup says.")


def move_marks(folder: Path) -> None:
    """
    Put the marks of a backup in place, which says that nothing was sent or signed since it was made.

    :raises Refused: if there are some
    """
    there = Path(settings.HIGH_WATER_FOLDER)
    there.mkdir(parents=True, exist_ok=True)
    for path in (folder / MARKS).iterdir():
        if (there / path.name).exists():
            raise Refused(
                f"{there / path.name} is there already: these marks know more than the backup. Leave --moved out."
            )
        if path.is_dir():
            shutil.copytree(path, there / path.name)
        else:
            shutil.copy2(path, there / path.name)


def _copy_file(source: Path, to: Path) -> None:
    connection.close()
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(part)) as copy:
        original.backup(copy)
    for leftover in ("-wal", "-shm"):
        to.with_name(to.name + leftover).unlink(missing_ok=True)
    part.replace(to)
