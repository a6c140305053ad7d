"""Back up the database, the marks and the public parts of keys to a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import clock
from policies.operations import backups

KEEP = "Keep the settings apart from it: SECRET_KEY, LEDGER_KEY, ADDRESS_KEY, WEBHOOK_KEY and HOST_KEY are not in it."


class Command(BaseCommand):
    help = "Write a backup: the database, the marks, the public parts of keys, and a manifest. No key is in it."
    # The role that reads for a backup reads alone, and guards are not its business.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="The folder of this backup, not there yet.")
        parser.add_argument(
            "--into", type=Path, metavar="FOLDER", help="Or: make a folder in this one, named by the instant."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        at = clock.now()
        folder, into = options["folder"], options["into"]
        if (folder is None) == (into is None):
            raise CommandError("Name the folder of the backup, or one to make it in: --into FOLDER")
        folder = folder or into / f"{at:%Y-%m-%dT%H%M%SZ}"
        try:
            manifest = backups.make(folder.absolute(), at=at)
        except backups.Refused as error:
            raise CommandError(str(error)) from error
        size = sum(each["bytes"] for each in manifest["files"].values())
        head = manifest["head"]["size"] if manifest["head"] else 0
        self.stdout.write(
            f"{folder}: {sum(manifest['rows'].values())} rows in {len(manifest['rows'])} tables, {head} leaves under"
            f" the newest signed head, {size / 1e6:.1f} MB. {KEEP}"
        )
