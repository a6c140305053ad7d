from datetime import timedelta

import pytest

from policies import acceptance
from policies.acceptance import waiting
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_who_has_not_agreed_is_counted_and_listed() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    agreed, silent, _gone = make_person(), make_person(), make_person(closed_at=NOW)
    showing = screen_of(version)
    acceptance.accept(person=agreed, version=version, showing=showing, how=BY_FORM, at=NOW - timedelta(days=1))
    assert waiting.complete_standings(at=NOW) == 2
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
    version = asking_version(asking_policy(audience_tag="studio"), effective_at=NOW - timedelta(days=9))
    make_person()
    waiting.complete_standings(at=NOW)
    assert waiting.count(version) == 0


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
