"""Check the ledger and everything it binds; name every mismatch. Exit 0 where there is none, else 1."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import evidence


class Command(BaseCommand):
    help = "Check the ledger and everything it binds; name every mismatch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            metavar="FILE",
            help="A checkpoint that somebody kept, such as a notice mail's: finds a database that was rolled back.",
        )
        parser.add_argument("--json", action="store_true", help="Write the report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        report = evidence.verify(kept=[_text(name) for name in options["checkpoint"]])
        if options["json"]:
            self.stdout.write(json.dumps({"good": report.is_good, **asdict(report)}, indent=2))
        else:
            for finding in report.findings:
                self.stdout.write(f"{finding.code}: {finding.where}: {finding.message}")
            self.stdout.write(
                f"{report.leaves} leaves, {report.sealed} sealed under {report.checkpoints} signed heads,"
                f" {report.closed} closed by erasure: {'PASS' if report.is_good else 'FAIL'}"
            )
        if not report.is_good:
            sys.exit(1)


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The checkpoint {name} cannot be read: {error}") from error
