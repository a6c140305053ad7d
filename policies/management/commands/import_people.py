"""Add and change people from a CSV file, by your own key for them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import clock, people_import


class Command(BaseCommand):
    help = (
        "Add and change people from a CSV file, as Excel saves it too, whose first line names its columns: "
        f"{', '.join(people_import.COLUMNS)}."
        " With one mistake in it nothing is written; cut short, it is simply run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Check the file and count; write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        file, at = options["file"], clock.now()
        try:
            with file.open("rb") as opened, people_import.reading(opened) as source:
                if options["dry_run"]:
                    report = people_import.check(source, at=at)
                else:
                    report = people_import.bring_in(source, name=file.name, by=None, at=at)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        if report.problems:
            for problem in report.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was written. Correct these lines and run it again.")
        if report.read_as:
            self.stdout.write(report.read_as)
        verb = "Would add" if options["dry_run"] else "Added"
        self.stdout.write(
            f"{verb} {report.created} people, change {report.changed}, leave {report.unchanged} as they are."
            if options["dry_run"]
            else f"{verb} {report.created} people, changed {report.changed}, left {report.unchanged} as they are."
        )
