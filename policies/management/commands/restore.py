"""Bring a backup back into an empty database, and look at what came back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from policies import evidence
from policies.notices.send import restore_guard
from policies.operations import backups, restores


class Command(BaseCommand):
    help = "Bring a backup back into an empty database, migrate it, and verify the ledger. As the owner of the tables."
    # There are no tables yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="What manage.py backup wrote.")
        parser.add_argument("--check", action="store_true", help="Look whether it can be, and change nothing.")
        parser.add_argument(
            "--moved",
            action="store_true",
            help="The site was stopped before this backup was made and never ran again: go on where it stopped.",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        folder = options["folder"].absolute()
        try:
            manifest = restores.read(folder)
            for warning in restores.check(manifest):
                self.stdout.write(f"Caution: {warning}")
            if options["check"]:
                self.stdout.write(f"{folder} is whole, and can be brought back here.")
                return
            if options["moved"]:
                restores.move_marks(folder)
            restores.bring_back(folder, manifest)
        except backups.Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"All {sum(manifest['rows'].values())} rows of {manifest['made_at']} are back.")
        call_command("migrate", verbosity=0)
        self._verify(manifest["head"])
        if why := restore_guard.hold():
            self.stdout.write(f"Nothing is sent or signed until somebody has looked. {why.sentence}")

    def _verify(self, head: dict[str, Any] | None) -> None:
        report = evidence.verify(kept=[head["note"]] if head else [])
        for finding in report.findings:
            self.stdout.write(f"{finding.code}: {finding.where}: {finding.message}")
        if not report.is_good:
            raise CommandError(
                "All rows are back, and the ledger does not verify: see above. Did it where the backup was made?"
            )
        self.stdout.write(f"The ledger verifies: {report.leaves} leaves, {report.sealed} of them signed for.")
