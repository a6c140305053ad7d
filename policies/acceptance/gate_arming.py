"""A dry run before a gate is armed: whom the product would stop, and from when, if nobody answered from now on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from policies.acceptance import waiting
from policies.models import Acceptance, Person, Version

SAMPLE = 10


@dataclass(frozen=True)
class DryRun:
    """
    `people` would be stopped from `starts_at` on; `sample` are the first of them.

    `guards_nothing`: no path of the product lies behind the gate, so it stops nobody until one does.
    """

    people: int
    starts_at: datetime
    sample: tuple[Person, ...]
    guards_nothing: bool


def dry_run(*, version: Version, at: datetime) -> DryRun | None:
    """
    Count whom `version` would stop; None where it stops nobody by its nature: it asks nothing, or is optional.

    About a draft everybody whom the policy binds is counted, since nobody can have answered. Reads only.
    """
    policy = version.policy
    if version.acceptance != Acceptance.EXPLICIT or policy.is_optional or version.withdrawn_at:
        return None
    if version.published_at is None:
        bound = Person.objects.bound_by(policy, at)
        people, sample = bound.count(), tuple(bound.order_by("pk")[:SAMPLE])
    else:
        ids, _after = waiting.page(version, limit=SAMPLE)
        people, sample = waiting.count(version), tuple(Person.objects.filter(pk__in=ids).order_by("pk"))
    return DryRun(
        people=people,
        starts_at=(version.effective_at or at) + timedelta(days=policy.grace_period_days),
        sample=sample,
        guards_nothing=not settings.ACCEPTANCE_GATE_PATHS,
    )
