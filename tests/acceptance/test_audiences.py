"""People are in several audiences, and a policy is for whoever is in any of those it names: everywhere alike."""

from typing import Any

import pytest

from policies import clock
from policies.acceptance import continued_use, gate, waiting
from policies.acceptance.outstanding import outstanding
from policies.evidence import audit_trail
from policies.evidence.pack import scopes
from policies.models import Acceptance, Notice, Person, Policy
from policies.models.policies import is_for
from policies.notices.plan import audience, rehearsal_by_person
from policies.views.shared import banner
from tests import people
from tests.acceptance.asking import asking_policy, asking_version
from tests.factories import days_ago, make_person, make_policy, make_user, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NAMED = [
    ((), (), True),
    ((), ("pilots", "at"), True),
    (("pilots",), (), False),
    (("pilots",), ("at", "pilots"), True),
    (("at", "de"), ("de", "studio"), True),
    (("at", "de"), ("ch", "studio"), False),
    # Neither a part of a tag nor what stands for any letter in SQL.
    (("de",), ("de-AT", "x-de"), False),
    (("a_b",), ("axb",), False),
    (("a_b",), ("a_b", "z"), True),
]


@pytest.mark.parametrize(("of_policy", "of_person", "is_theirs"), NAMED)
def test_everything_that_asks_agrees_on_whom(
    of_policy: tuple[str, ...], of_person: tuple[str, ...], is_theirs: bool
) -> None:
    version = asking_version(
        asking_policy(audiences=of_policy), effective_at=days_ago(1), published_at=days_ago(9), tells_people=True
    )
    policy, at = version.policy, clock.now()
    person = make_person(audiences=of_person, joined_at=days_ago(500))
    notice = Notice(version=version, stream=Notice.Stream.LEGAL, kind=Notice.Kind.CHANGE)
    waiting.complete_standings(at=at)
    found = {
        "of the policy": policy.is_for(person.audiences),
        "of policies": Policy.objects.are_for(person.audiences).exists(),
        "bound": Person.objects.bound_by(policy, at).filter(pk=person.pk).exists(),
        "outstanding": bool(outstanding(person=person, at=at)),
        "gate": bool(gate.Gate().look(session={}, at=at, person_id=person.pk).blocking),
        "notice": audience.of(notice, at=at).filter(pk=person.pk).exists(),
        "waiting": person.pk in waiting.page(version)[0] and waiting.count(version) == 1,
        "shown": bool(banner.banner_of(person, at=at)),
        "applied": bool(audit_trail.applied_at(person=person, at=at)),
        "pack": bool(scopes.of_person(person).versions),
        "foretold": rehearsal_by_person.fates(policy, [person.pk], at=at)[person.pk]
        != rehearsal_by_person.Fate.OTHER_AUDIENCE,
    }
    assert set(found.values()) == {is_theirs}, found


def test_who_goes_from_an_audience_waits_no_more() -> None:
    version = asking_version(asking_policy(audiences=("at", "de")), effective_at=days_ago(1))
    person = make_person(audiences=("de", "pilots"))
    waiting.complete_standings(at=clock.now())
    assert waiting.count(version) == 1
    Person.objects.filter(pk=person.pk).update(audiences=("pilots",))
    assert (waiting.count(version), waiting.page(version)[0]) == (0, [])


def test_the_gate_knows_the_audiences_of_a_user_too() -> None:
    version = asking_version(asking_policy(audiences=("at", "de")), effective_at=days_ago(1))
    user = make_user(person=make_person(audiences=("de", "pilots")))
    assert gate.Gate().look(session={}, at=clock.now(), user_id=user.pk).blocking == (version.policy_id,)
    assert gate.Gate().look(session={}, at=clock.now(), user_id=people.edith().pk) == gate.NOTHING


def test_every_process_gives_the_requirement_the_same_mark() -> None:
    asking_version(asking_policy(audiences=("de", "at", "ch")), effective_at=days_ago(1))
    person = make_person()
    marks: list[Any] = []
    for _process in range(2):
        session: dict[str, Any] = {}
        gate.Gate().look(session=session, at=clock.now(), person_id=person.pk)
        marks.append(session[gate.WATERMARK])
    assert marks[0] == marks[1]
    assert gate._demand(1, 1, clock.now(), 0, "at,ch,de", 0).audiences == ("at", "ch", "de")


def test_continued_use_is_kept_for_whoever_is_in_one_of_the_audiences() -> None:
    make_version(make_policy(audiences=("at", "de")), acceptance=Acceptance.CONTINUED_USE, effective_at=days_ago(9))
    here, elsewhere = make_person(audiences=("de", "x")), make_person(audiences=("x",))
    today = clock.now().date()
    assert continued_use.note(person=here, on=today, source="", at=clock.now()) == 1
    assert continued_use.note(person=elsewhere, on=today, source="", at=clock.now()) == 0


def test_a_cohort_is_everybody_in_an_audience_whatever_else_they_are_in() -> None:
    both, _other = make_person(audiences=("at", "pilots")), make_person(audiences=("pilots2",))
    assert list(scopes.of_cohort("pilots").people) == [both]


def test_known_are_the_audiences_of_policies_of_all_times_and_those_listed(settings: Any) -> None:
    settings.PEOPLE_AUDIENCES = ("fr",)
    make_policy(audiences=("at", "de"))
    asking_policy(audiences=("pilots",)).terms_on_record.create(number=1, audiences=("old",), at=clock.now())
    assert Policy.objects.known_audiences() == {"at", "de", "fr", "old", "pilots"}
    assert Policy.objects.filter(is_for(())).count() == 0
