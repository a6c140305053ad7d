"""Rehearse a publication: who would be told by what, how long it takes, and when the last person is reached."""

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings

from policies.models import Person, Policy, Version


@dataclass(frozen=True)
class Rehearsal:
    """
    `minutes` is the time from the first to the last mail at the set rate; instants are UTC.

    `by_mail` counts everybody with an address: those among them that no mail is sent to (rehearsal_by_person
    says who) make it shorter, so that what is promised on this reckoning is kept.
    """

    people: int
    by_mail: int
    without_address: int
    followers: int
    minutes: int
    last_reached_at: datetime

    def written_to(self, *, tells_people: bool) -> int:
        """Whom a mail is written to: people where they are told by mail, else followers by their own alert."""
        return self.by_mail if tells_people else self.followers


def rehearse(*, version: Version, at: datetime) -> Rehearsal:
    """Count the audience of a version at `at`, and when its last person would be reached."""
    policy = version.policy
    bound = Person.objects.bound_by(policy, at) if policy.has_accounts else Person.objects.none()
    # Those with an address need no look at their guardian: joining a million people with themselves takes long.
    through_guardian = bound.filter(address="", guardian__isnull=False).exclude(guardian__address="").count()
    count, by_mail = bound.count(), bound.exclude(address="").count() + through_guardian
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
