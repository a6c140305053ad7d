"""Who has not agreed yet: counted and listed from standings, one row a person and policy; acts are not searched."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from policies.models import JobSlot, Person, Policy, Standing, Version
from policies.models.fields import has_any_of, sought

CHUNK = 10_000

# Everybody behind, counted over the shortest index, less the few who are gone and the few who were let off and stayed.
# One statement: to exclude both while counting would read a longer index and compare each row.
COUNT = """
    SELECT
        (SELECT count(*) FROM policies_standing s WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s)
        - (SELECT count(*) FROM policies_standing s JOIN policies_person p ON p.id = s.person_id
            WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s AND {is_gone})
        - (SELECT count(*) FROM policies_standing s
            WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s
                AND s.waived_number > 0 AND s.waived_number >= %(number)s
                AND NOT EXISTS (SELECT 1 FROM policies_person p WHERE p.id = s.person_id AND {is_gone}))
"""
# By hand for its row values: they let a page start in the index where the last one ended.
PAGE = """
    SELECT s.agreed_number, s.person_id FROM policies_standing s
    WHERE s.policy_id = %(policy)s AND s.agreed_number < %(number)s AND s.waived_number < %(number)s
        AND (s.agreed_number, s.person_id) > (%(after_number)s, %(after_person)s)
        AND NOT EXISTS (SELECT 1 FROM policies_person p WHERE p.id = s.person_id AND {is_gone})
    ORDER BY s.agreed_number, s.person_id LIMIT %(limit)s
"""
# A policy for everybody loses only those who left, of whom there is an index.
HAS_LEFT = "p.closed_at IS NOT NULL"
HAS_LEFT_OR_MOVED = f"({HAS_LEFT} OR NOT {{is_in_audience}})"


@dataclass(frozen=True)
class Place:
    """Where a page ends: the next one starts behind it."""

    agreed_number: int = -1
    person_id: int = 0


def count(version: Version) -> int:
    """How many people whom the policy binds have not agreed to `version` or a later one, and were not let off."""
    [(found,)] = _run(COUNT, version)
    return int(found)


def page(version: Version, *, after: Place | None = None, limit: int = 1000) -> tuple[list[int], Place | None]:
    """
    Up to `limit` of them, by their ids, and where the next page starts, if any.

    Whoever is furthest behind comes first; people who left, who belong to another audience by now or were let off are
    not among them.
    """
    after = after or Place()
    found = _run(PAGE, version, after_number=after.agreed_number, after_person=after.person_id, limit=limit)
    return [person for _number, person in found], Place(*found[-1]) if len(found) == limit else None


def _run(statement: str, version: Version, **more: int) -> list[tuple[int, ...]]:
    tags = {f"tag_{number}": sought(tag) for number, tag in enumerate(version.policy.audiences)}
    is_in_audience = has_any_of("p.audiences", [f"%({name})s" for name in tags], connection)
    is_gone = HAS_LEFT_OR_MOVED.format(is_in_audience=is_in_audience) if tags else HAS_LEFT
    given: dict[str, str | int] = {"policy": version.policy_id, "number": version.number or 0, **tags, **more}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(is_gone=is_gone), given)
        return list(cursor.fetchall())


def complete_standings(*, at: datetime) -> int:
    """
    Give those whom a policy asks their standing, so that waiting is a count over one index; return how many got one.

    A part of them each time, round and round.
    """
    asking = Policy.objects.filter(versions__in=Version.objects.asking(at)).distinct()
    return sum(_complete(policy, at=at) for policy in asking)


@transaction.atomic
def _complete(policy: Policy, *, at: datetime) -> int:
    """
    Go on after the last person looked at; after the last of all, begin again.

    Round and round: who comes back, changes into this audience or was to join on a later day has any id.
    """
    slot, _created = JobSlot.objects.select_for_update().get_or_create(name=f"standings-{policy.pk}")
    found = Person.objects.bound_by(policy, at).filter(pk__gt=slot.last_slot).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:CHUNK])
    known = Standing.objects.filter(policy=policy, person__in=found.filter(pk__lte=max(ids, default=0)))
    missing = sorted(set(ids).difference(known.values_list("person_id", flat=True)))
    Standing.objects.bulk_create(
        [Standing(person_id=person, policy=policy) for person in missing], batch_size=2_000, ignore_conflicts=True
    )
    JobSlot.objects.filter(pk=slot.pk).update(last_slot=ids[-1] if len(ids) == CHUNK else 0)
    return len(missing)
