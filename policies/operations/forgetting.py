"""Deleting what is past its time: networks of answers, tries of mails, messages to webhooks, and people who left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from policies.acceptance import continued_use, erasing
from policies.models import Person
from policies.notices.upkeep import retention
from policies.webhooks import dispatch as webhooks


@dataclass(frozen=True)
class Forgotten:
    """How much of each there was; `held` people are past their time and on legal hold."""

    networks: int
    tries: int
    days: int
    messages: int
    people: int
    held: int

    def __str__(self) -> str:
        return (
            f"the network of {self.networks} answers, {self.tries} tries of mails, {self.days} records of use,"
            f" {self.messages} messages to webhooks and {self.people} people who left; {self.held} are on hold."
        )


def forget(*, at: datetime, dry_run: bool = False) -> Forgotten:
    """Delete what is past its time at `at`, or with `dry_run` count it."""
    left_before = at - timedelta(days=365 * settings.RETENTION_YEARS)
    gone = Person.objects.filter(closed_at__lte=left_before, erased_at=None)
    due = list(gone.filter(legal_hold=False))
    found = Forgotten(
        networks=erasing.forget_networks(at=at, dry_run=dry_run),
        tries=retention.forget_tries(at=at, dry_run=dry_run),
        days=continued_use.forget(at=at, dry_run=dry_run),
        messages=webhooks.forget(at=at, dry_run=dry_run),
        people=len(due),
        held=gone.filter(legal_hold=True).count(),
    )
    for person in () if dry_run else due:
        erasing.erase(person=person, ground="retention", by=None, at=at)
    return found
