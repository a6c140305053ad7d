"""Delete what is past its time: networks of answers, tries of mails, and people who left long ago."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policies import clock
from policies.operations import forgetting


class Command(BaseCommand):
    help = (
        "Delete what is past its time: networks and user agents of answers after 90 days, tries of mails that another"
        " try followed after half a year, messages to webhooks after 30 days, days of use and"
        " people who left after RETENTION_YEARS. Beat and run_deliveries do it once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        found = forgetting.forget(at=clock.now(), dry_run=options["dry_run"])
        self.stdout.write(f"{'Would forget' if options['dry_run'] else 'Forgot'} {found}")
