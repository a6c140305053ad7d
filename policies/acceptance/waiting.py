"""Who has not agreed yet: counted and listed from standings, one row a person and policy; acts are not searched."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from policies.models import JobSlot, Person, Policy, Standing, Version

CHUNK = 10_000

# Everybody behind, counted over the shortest index, less the few who left and the few who were let off and stayed. One
# statement: to exclude both while counting would read a longer index and compare each row.
COUNT = """
    SELECT
        (SELECT count(*) FROM policies_standing s WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s)
        - (SELECT count(*) FROM policies_standing s JOIN policies_person p ON p.id = s.person_id
            WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s AND p.closed_at IS NOT NULL)
        - (SELECT count(*) FROM policies_standing s
            WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s
                AND s.waived_number > 0 AND s.waived_number >= %(number)s
                AND NOT EXISTS (SELECT 1 FROM policies_person p WHERE p.id = s.person_id AND p.closed_at IS NOT NULL))
"""
# By hand for its row values: they let a page start in the index where the last one ended.
PAGE = """
    SELECT s.agreed_number, s.person_id FROM policies_standing s
    WHERE s.policy_id = %s AND s.agreed_number < %s AND s.waived_number < %s
        AND (s.agreed_number, s.person_id) > (%s, %s)
        AND NOT EXISTS (SELECT 1 FROM policies_person p WHERE p.id = s.person_id AND p.closed_at IS NOT NULL)
    ORDER BY s.agreed_number, s.person_id LIMIT %s
"""


@dataclass(frozen=True)
class Place:
    """Where a page ends: the next one starts behind it."""

    agreed_number: int = -1
    person_id: int = 0


def count(version: Version) -> int:
    """How many people whom the policy binds have not agreed to `version` or a later one, and were not let off."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"policy": version.policy_id, "number": version.number or 0})
        return int(cursor.fetchone()[0])


def page(version: Version, *, after: Place | None = None, limit: int = 1000) -> tuple[list[int], Place | None]:
    """
    Up to `limit` of them, by their ids, and where the next page starts, if any.

    Whoever is furthest behind comes first; people who left or were let off are not among them.
    """
    after = after or Place()
    number = version.number or 0
    values = [version.policy_id, number, number, after.agreed_number, after.person_id, limit]
    with connection.cursor() as cursor:
        cursor.execute(PAGE, values)
        found = cursor.fetchall()
    return [person for _number, person in found], Place(*found[-1]) if len(found) == limit else None


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
