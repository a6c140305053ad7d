"""Delete what is past its time: networks of answers, tries of mails, and people who left long ago."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from policies import clock
from policies.acceptance import continued_use, erasing
from policies.models import Person
from policies.notices.upkeep import retention
from policies.webhooks import dispatch as webhooks


class Command(BaseCommand):
    help = (
        "Delete what is past its time: networks and user agents of answers after 90 days, tries of mails that another"
        " try followed after half a year, messages to webhooks after 30 days, days of use and"
        " people who left after RETENTION_YEARS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        at, dry_run = clock.now(), options["dry_run"]
        networks = erasing.forget_networks(at=at, dry_run=dry_run)
        tries = retention.forget_tries(at=at, dry_run=dry_run)
        days = continued_use.forget(at=at, dry_run=dry_run)
        messages = webhooks.forget(at=at, dry_run=dry_run)
        left_before = at - timedelta(days=365 * settings.RETENTION_YEARS)
        gone = Person.objects.filter(closed_at__lte=left_before, erased_at=None)
        held = gone.filter(legal_hold=True).count()
        due = list(gone.filter(legal_hold=False))
        for person in () if dry_run else due:
            erasing.erase(person=person, ground="retention", by=None, at=at)
        verb = "Would forget" if dry_run else "Forgot"
        self.stdout.write(
            f"{verb} the network of {networks} answers, {tries} tries of mails,"
            f" {days} records of use, {messages} messages to webhooks and {len(due)} people who left;"
            f" {held} are on hold."
        )
