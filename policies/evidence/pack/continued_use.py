"""Continued use as evidence: days of use, and what a text makes of them. A class of its own, never among the acts."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from policies.acceptance import continued_use
from policies.evidence.audit_trail import grounds_of
from policies.evidence.pack.writing import csv_of, json_of
from policies.models import Person, UseSeen, Version


def files(
    versions: Sequence[Version],
    people: Sequence[Person],
    *,
    at: datetime,
) -> Iterator[tuple[str, bytes]]:
    """The days on which these people were seen using the product, and what is derived from them with its grounds."""
    seen = list(
        UseSeen.objects.filter(person__in=people, version__in=versions)
        .select_related("person", "version__policy")
        .order_by("id")
    )
    header = ("policy", "version", "person", "first_on", "last_on", "reported_by")
    yield "06-use-after-effective.csv", csv_of([header, *(_row(each) for each in seen)])
    found = [(each, continued_use.deemed(person=each.person, version=each.version, at=at)) for each in seen]
    yield "06-deemed.json", json_of([{"person": s.person_id, **grounds_of(deemed)} for s, deemed in found if deemed])


def _row(seen: UseSeen) -> Sequence[object]:
    policy = seen.version.policy
    return policy.slug, seen.version.number, seen.person_id, seen.first_on, seen.last_on, seen.source
