"""Who has not agreed yet: counted and listed from standings, one row a person and policy; acts are not searched."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from policies.models import JobSlot, Person, Policy, Standing, Version

CHUNK = 10_000


@dataclass(frozen=True)
class Place:
    """Where a page ends: the next one starts behind it."""

    agreed_number: int = -1
    person_id: int = 0


def count(version: Version) -> int:
    """How many people whom the policy binds have not agreed to `version` or a later one."""
    behind = _behind(version)
    return behind.count() - behind.filter(person__in=Person.objects.filter(closed_at__isnull=False)).count()


def page(version: Version, *, after: Place | None = None, limit: int = 1000) -> tuple[list[int], Place | None]:
    """
    Up to `limit` of them, by their ids: whoever is furthest behind comes first. And where the next page starts, if any.

    A page may be shorter than `limit`, because people who left are taken out of it.
    """
    after = after or Place()
    behind = _behind(version).order_by("agreed_number", "person_id").values_list("agreed_number", "person_id")
    # In two steps, so that each starts in the index where the last page ended.
    found = list(behind.filter(agreed_number=after.agreed_number, person_id__gt=after.person_id)[:limit])
    found += behind.filter(agreed_number__gt=after.agreed_number)[: limit - len(found)]
    ids = [person for _number, person in found]
    left = set(Person.objects.filter(pk__in=ids, closed_at__isnull=False).values_list("pk", flat=True))
    return [person for person in ids if person not in left], Place(*found[-1]) if len(found) == limit else None


def _behind(version: Version) -> QuerySet[Standing]:
    return Standing.objects.filter(policy=version.policy, agreed_number__lt=version.number or 0)


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
