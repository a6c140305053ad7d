"""Let this machine send, too, beside others that have the marks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.notices.queue import sql_dialect
from policies.notices.send import restore_guard


class Command(BaseCommand):
    help = "Give this machine the marks of the database, once another machine that has them is seen at work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--within", type=float, default=300, metavar="SECONDS", help="How long to look for another sender (300)."
        )

    def handle(self, *args: Any, within: float, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if restore_guard.hold() is None:
            self.stdout.write("This machine has the marks, or needs none yet: there is nothing to adopt.")
            return
        self.stdout.write("Looking for another machine that sends with marks of its own ...")
        if not restore_guard.adopt(within=within, at=sql_dialect.now()):
            raise CommandError(
                f"No sender with marks was at work within {within:g} seconds. Start one of the machines that sent"
                " before; if the database was restored from a backup, look, then run manage.py confirm_restore."
            )
        self.stdout.write("This machine has the marks now, and sends.")
