"""Who has not agreed yet: counted and listed from standings, one row a person and policy; acts are not searched."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from policies.models import JobSlot, Person, Policy, Standing, Version

CHUNK = 10_000


def waiting_for(version: Version) -> QuerySet[Standing]:
    """Everybody bound by the policy who has not agreed to `version` or a later one, in the order of people."""
    behind = Standing.objects.filter(policy=version.policy, agreed_number__lt=version.number or 0)
    return behind.exclude(person__in=Person.objects.filter(closed_at__isnull=False)).order_by("person_id")


def complete_standings(*, at: datetime) -> int:
    """Give everybody whom a policy asks their standing, so that waiting is a count over one index. Idempotent."""
    asking = Policy.objects.filter(versions__in=Version.objects.asking(at)).distinct()
    return sum(_complete(policy, at=at) for policy in asking)


@transaction.atomic
def _complete(policy: Policy, *, at: datetime) -> int:
    """Go on after the last person looked at: whoever came since has a higher id."""
    slot, _created = JobSlot.objects.select_for_update().get_or_create(name=f"standings-{policy.pk}")
    found = Person.objects.bound_by(policy, at).filter(pk__gt=slot.last_slot).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return 0
    Standing.objects.bulk_create(
        [Standing(person_id=person, policy=policy) for person in ids], batch_size=2_000, ignore_conflicts=True
    )
    JobSlot.objects.filter(pk=slot.pk).update(last_slot=ids[-1])
    return len(ids)
