"""Rehearse a publication: who would be told by what, how long it takes, and when the last person is reached."""

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings

from policies.models import Person, Policy, Version


@dataclass(frozen=True)
class Rehearsal:
    """`minutes` is the time from the first to the last mail at the set rate; instants are UTC."""

    people: int
    by_mail: int
    without_address: int
    followers: int
    minutes: int
    last_reached_at: datetime


def rehearse(*, version: Version, at: datetime) -> Rehearsal:
    """Count the audience of a version at `at`, and when its last person would be reached."""
    policy = version.policy
    people = Person.objects.bound_by(policy, at) if policy.has_accounts else Person.objects.none()
    count, by_mail = people.count(), people.exclude(address="").count()
    minutes = math.ceil(by_mail / settings.NOTICE_RATE_PER_MINUTE)
    return Rehearsal(
        people=count,
        by_mail=by_mail,
        without_address=count - by_mail,
        followers=policy.followers.filter(confirmed_at__isnull=False).count(),
        minutes=minutes,
        last_reached_at=at + timedelta(minutes=minutes),
    )


def midnight_after(instant: datetime, policy: Policy) -> datetime:
    """The first midnight in the policy's legal zone that is strictly after `instant`."""
    day = instant.astimezone(policy.zone).date() + timedelta(days=1)
    return datetime.combine(day, time.min, tzinfo=policy.zone)
