"""What a pack can be about: one person, one version, one audience."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from policies.models import Act, ActSubject, Person, Policy, Version
from policies.models.policies import is_for


@dataclass(frozen=True)
class Scope:
    """What a pack is about: these people's acts about these versions."""

    name: str
    versions: Sequence[Version]
    acts: Sequence[Act]
    people: Sequence[Person]


def of_person(person: Person, policy: Policy | None = None) -> Scope:
    """One person: what they answered, were told and shown, and the versions all that was about."""
    acts = _ordered(Act.objects.of(person))
    if policy:
        acts = acts.filter(version__policy=policy)
    policies = Policy.objects.filter(Q(versions__acts__in=acts) | is_for(person.audiences))
    versions = Version.objects.published().filter(policy__in=[policy] if policy else policies)
    return Scope(f"person-{person.pk}", _sorted(versions), list(acts), [person])


def of_version(version: Version) -> Scope:
    """One version: everybody's acts about it."""
    versions = Version.objects.published().filter(policy=version.policy).up_to(version.label)
    acts = _ordered(Act.objects.filter(version=version))
    people = Person.objects.filter(act_subjects__subject_ref__in=acts.values("subject_ref")).distinct()
    return Scope(f"{version.policy.slug}-version-{version.label}", _sorted(versions), list(acts), list(people))


def of_cohort(tag: str) -> Scope:
    """Everybody in one audience."""
    people = Person.objects.filter(audiences__any_of=(tag,))
    references = ActSubject.objects.filter(person__in=people).values("subject_ref")
    versions = Version.objects.published().filter(is_for((tag,), of="policy__"))
    return Scope(
        f"cohort-{tag}", _sorted(versions), list(_ordered(Act.objects.filter(subject_ref__in=references))), list(people)
    )


def _ordered(acts: QuerySet[Act]) -> QuerySet[Act]:
    return acts.select_related("version__policy", "screen", "undoes", "compared_with__policy").order_by("id")


def _sorted(versions: QuerySet[Version]) -> list[Version]:
    found = versions.select_related("policy", "started_by").prefetch_related("texts").distinct()
    return sorted(found, key=lambda version: (version.policy.slug, version.label))
