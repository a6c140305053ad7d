from datetime import timedelta

import pytest

from policies import acceptance
from policies.acceptance import waiting
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_who_has_not_agreed_is_counted_and_listed():
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    agreed, silent, _gone = make_person(), make_person(), make_person(closed_at=NOW)
    showing = screen_of(version)
    acceptance.accept(person=agreed, version=version, showing=showing, how=BY_FORM, at=NOW - timedelta(days=1))
    assert waiting.complete_standings(at=NOW) == 2
    assert [standing.person for standing in waiting.waiting_for(version)] == [silent]


def test_people_who_come_later_are_added_and_nobody_twice():
    version = asking_version(asking_policy(), effective_at=NOW - timedelta(days=9))
    make_person()
    assert [waiting.complete_standings(at=NOW), waiting.complete_standings(at=NOW)] == [1, 0]
    make_person()
    waiting.complete_standings(at=NOW)
    assert waiting.waiting_for(version).count() == 2


def test_whom_the_policy_does_not_bind_does_not_wait():
    version = asking_version(asking_policy(audience_tag="studio"), effective_at=NOW - timedelta(days=9))
    make_person()
    waiting.complete_standings(at=NOW)
    assert waiting.waiting_for(version).count() == 0
