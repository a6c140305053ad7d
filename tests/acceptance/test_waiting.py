from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import acceptance
from policies.acceptance import waiting
from policies.models import Acceptance, Standing, Version
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of
from tests.factories import make_person, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_who_has_not_agreed_is_counted_and_listed() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    agreed, silent, _gone = make_person(), make_person(), make_person(closed_at=NOW)
    showing = screen_of(version)
    acceptance.accept(person=agreed, version=version, showing=showing, how=BY_FORM, at=NOW - timedelta(days=1))
    assert waiting.complete_standings(at=NOW) == 1
    assert waiting.page(version) == ([silent.pk], None)
    assert waiting.count(version) == 1


def test_people_who_come_later_are_added_and_nobody_twice() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    make_person()
    assert [waiting.complete_standings(at=NOW), waiting.complete_standings(at=NOW)] == [1, 0]
    make_person()
    waiting.complete_standings(at=NOW)
    assert waiting.count(version) == 2


def test_whom_the_policy_does_not_bind_does_not_wait() -> None:
    version = asking_version(asking_policy(audiences=("studio",)), effective_at=NOW - timedelta(days=9))
    make_person()
    waiting.complete_standings(at=NOW)
    assert waiting.count(version) == 0


def test_who_comes_back_or_into_the_audience_waits_and_who_goes_from_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "CHUNK", 2)
    version = asking_version(asking_policy(audiences=("studio",)), effective_at=NOW - timedelta(days=9))
    left, other, later, *_stay, moving = [
        make_person(audiences=("studio",), closed_at=NOW),
        make_person(),
        make_person(audiences=("studio",), joined_at=NOW + timedelta(days=1)),
        *[make_person(audiences=("studio",)) for _ in range(3)],
    ]
    at = NOW + timedelta(days=2)
    assert [waiting.complete_standings(at=NOW) for _ in range(3)] == [2, 1, 0]
    left.closed_at, other.audiences, moving.audiences = None, ("studio",), ()
    for person in (left, other, moving):
        person.save()
    assert sum(waiting.complete_standings(at=at) for _ in range(4)) == 3
    assert waiting.count(version) == 5
    assert sorted(paged(version, 2)) == sorted(person.pk for person in (left, other, later, *_stay))


def test_pages_follow_each_other_and_leave_out_who_left() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    crowd = [make_person() for _ in range(5)]
    waiting.complete_standings(at=NOW)
    crowd[1].closed_at = NOW
    crowd[1].save()
    found: list[int] = []
    after: waiting.Place | None = waiting.Place()
    while after:
        ids, after = waiting.page(version, after=after, limit=2)
        found += ids
    assert found == [person.pk for person in crowd if person != crowd[1]]
    assert waiting.count(version) == 4


# Per person: whether they left, and by policy what they agreed to and were let off, or None: no standing yet.
NUMBERS = st.none() | st.tuples(st.integers(0, 3), st.integers(0, 4))
CROWD = st.lists(st.tuples(st.booleans(), NUMBERS, NUMBERS), max_size=12)


def by_definition(version: Version) -> list[int]:
    """Who waits, found by looking at each standing; whoever is furthest behind comes first."""
    number = version.number or 0
    found = [
        (standing.agreed_number, standing.person_id)
        for standing in Standing.objects.filter(policy=version.policy).select_related("person")
        if standing.person.closed_at is None and standing.agreed_number < number and standing.waived_number < number
    ]
    return [person for _number, person in sorted(found)]


def paged(version: Version, limit: int) -> list[int]:
    ids, after = waiting.page(version, limit=limit)
    while after:
        more, after = waiting.page(version, after=after, limit=limit)
        ids += more
    return ids


@pytest.fixture
def versions() -> list[Version]:
    """Two policies with three versions each."""
    policies = [asking_policy(), asking_policy()]
    return [
        make_version(policy, acceptance=Acceptance.EXPLICIT, published_at=NOW - timedelta(days=days))
        for policy in policies
        for days in (3, 2, 1)
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crowd=CROWD, limit=st.integers(1, 4))
def test_whoever_left_agreed_or_was_let_off_the_count_and_the_pages_are_those_of_the_definition(
    versions: list[Version], crowd: list[tuple[bool, tuple[int, int] | None, tuple[int, int] | None]], limit: int
) -> None:
    policies = [versions[0].policy, versions[-1].policy]
    with transaction.atomic():
        for has_left, *numbers in crowd:
            person = make_person(closed_at=NOW if has_left else None)
            Standing.objects.bulk_create(
                Standing(person=person, policy=policy, agreed_number=found[0], waived_number=found[1])
                for policy, found in zip(policies, numbers, strict=True)
                if found
            )
        for version in versions:
            expected = by_definition(version)
            assert waiting.count(version) == len(expected)
            assert paged(version, limit) == expected
        transaction.set_rollback(True)
