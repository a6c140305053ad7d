"""Check the ledger and everything it binds; name every mismatch. Exit 0 where there is none, else 1."""

import json
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import evidence
from policies.ledger import notes


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
        parser.add_argument(
            "--since",
            metavar="FILE",
            help="Begin after the head in this file, which an earlier run wrote; a good run writes the newest there."
            " Where there is no such file yet, everything is checked.",
        )
        parser.add_argument("--json", action="store_true", help="Write the report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        since = Path(options["since"]) if options["since"] else None
        verified = _text(str(since)) if since and since.exists() else None
        try:
            report = evidence.verify(kept=[_text(name) for name in options["checkpoint"]], since=verified)
        except notes.NotSigned as error:
            raise CommandError(f"{since} is no head of this log: {error} Take it away to check everything.") from error
        if options["json"]:
            self.stdout.write(json.dumps({"good": report.is_good, **asdict(report)}, indent=2))
        else:
            self._say(report)
        if not report.is_good:
            sys.exit(1)
        if since and report.head:
            _keep(report.head, since)

    def _say(self, report: evidence.Report) -> None:
        for finding in report.findings:
            self.stdout.write(f"{finding.code}: {finding.where}: {finding.message}")
        if report.since:
            self.stdout.write(
                f"{report.since} leaves were verified before and not opened again: what was done since to the acts and"
                " notices they are about is not seen. The rest is counted below."
            )
        self.stdout.write(
            f"{report.leaves} leaves, {report.sealed} sealed under {report.checkpoints} signed heads,"
            f" {report.closed} closed by erasure: {'PASS' if report.is_good else 'FAIL'}"
        )


def _keep(head: str, path: Path) -> None:
    """Write the head so that whatever happens, the file holds the old one or the new one."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(head)
        Path(file.name).replace(path)
    except OSError as error:
        raise CommandError(f"All is good, but the head cannot be written to {path}: {error}") from error


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The checkpoint {name} cannot be read: {error}") from error
