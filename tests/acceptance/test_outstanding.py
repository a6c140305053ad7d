import random
from datetime import timedelta
from typing import Any

import pytest

from policies import acceptance
from policies.acceptance import Stage, gate, outstanding
from policies.models import Acceptance, Person, Version
from policies.views.shared import banner
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of, uma
from tests.factories import make_draft, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MONTH = timedelta(days=30)


def agree(version: Version, *, at: Any = NOW) -> Any:
    """Uma agrees, inside the test's own transaction."""
    return acceptance.accept(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=at)


def asked(at: Any = NOW) -> list[int | None]:
    return [question.version.number for question in outstanding(person=uma(), at=at)]


def test_a_version_in_force_that_asks_is_outstanding_until_agreed_to() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - MONTH)
    assert asked() == [1]
    agree(version)
    assert asked() == []


def test_an_editorial_successor_does_not_reopen_the_question() -> None:
    policy = asking_policy()
    agree(asking_version(policy, effective_at=NOW - MONTH))
    make_version(policy, published_at=NOW)
    assert asked() == []


def test_whoever_did_not_answer_is_asked_about_the_successor() -> None:
    policy = asking_policy()
    asking_version(policy, effective_at=NOW - MONTH)
    make_version(policy, published_at=NOW)
    assert asked() == [2]


def test_a_published_upcoming_version_can_be_accepted_before_it_takes_effect() -> None:
    policy = asking_policy()
    agree(asking_version(policy, effective_at=NOW - MONTH))
    upcoming = asking_version(policy, effective_at=NOW + MONTH)
    assert [question.stage(NOW) for question in outstanding(person=uma(), at=NOW)] == [Stage.UPCOMING]
    agree(upcoming)
    assert asked(NOW + MONTH) == []


def test_the_gate_closes_after_the_days_of_grace() -> None:
    asking_version(asking_policy(grace_period_days=10), effective_at=NOW)
    stages = [
        outstanding(person=uma(), at=NOW + timedelta(days=days))[0].stage(NOW + timedelta(days=days))
        for days in (0, 9, 10)
    ]
    assert stages == [Stage.GRACE, Stage.GRACE, Stage.GATE]


def test_an_upcoming_version_does_not_give_an_old_question_more_time() -> None:
    policy = asking_policy()
    today = asking_version(policy, effective_at=NOW - MONTH)
    announced = asking_version(policy, effective_at=NOW + MONTH)
    (question,) = outstanding(person=uma(), at=NOW)
    assert (question.version, question.stage(NOW), question.due_at) == (today, Stage.GATE, today.effective_at)
    assert question.following is not None
    following = question.following
    assert (following.version, following.stage(NOW), following.due_at) == (
        announced,
        Stage.UPCOMING,
        announced.effective_at,
    )


def test_what_binds_today_is_accepted_while_another_version_is_announced() -> None:
    policy = asking_policy()
    today, announced = (asking_version(policy, effective_at=NOW + days) for days in (-MONTH, MONTH))
    agree(today)
    (question,) = outstanding(person=uma(), at=NOW)
    assert (question.version, question.accepted, question.following) == (announced, today, None)
    assert question.stage(NOW) is Stage.UPCOMING
    agree(announced)
    assert asked() == []


def test_who_agrees_to_what_is_announced_is_not_asked_about_today_any_more() -> None:
    policy = asking_policy()
    today, announced = (asking_version(policy, effective_at=NOW + days) for days in (-MONTH, MONTH))
    agree(announced)
    assert asked() == []
    with pytest.raises(acceptance.AlreadyAgreed):
        agree(today)


def test_a_version_that_neither_binds_today_nor_comes_is_overtaken() -> None:
    policy = asking_policy()
    old, today, announced = (asking_version(policy, effective_at=NOW + days * MONTH) for days in (-2, -1, 1))
    with pytest.raises(acceptance.Superseded) as refusal:
        agree(old)
    assert refusal.value.current == today
    between = make_version(policy, effective_at=NOW + 2 * MONTH, published_at=NOW)  # asks nobody
    latest = asking_version(policy, effective_at=NOW + 3 * MONTH)
    with pytest.raises(acceptance.Superseded) as refusal:
        agree(announced)
    assert refusal.value.current == latest
    with pytest.raises(acceptance.Superseded):
        agree(between)


def test_a_lapsed_acceptance_is_due_now_whatever_is_announced() -> None:
    policy = asking_policy(renewal_months=12)
    today = asking_version(policy, effective_at=NOW - MONTH)
    agree(today)
    lapsed = NOW.replace(year=2027)
    announced = asking_version(policy, effective_at=lapsed + MONTH, published_at=lapsed)
    (question,) = outstanding(person=uma(), at=lapsed)
    assert (question.version, question.is_renewal, question.stage(lapsed)) == (today, True, Stage.GATE)
    assert question.following is not None
    assert (question.following.version, question.following.is_renewal) == (announced, False)
    agree(today, at=lapsed)
    assert asked(lapsed) == [2]


def test_who_agreed_ahead_of_its_time_renews_what_they_agreed_to() -> None:
    policy = asking_policy(renewal_months=1)
    today, announced = (asking_version(policy, effective_at=NOW + days * MONTH) for days in (-1, 3))
    agree(announced)
    lapsed = NOW + 2 * MONTH
    (question,) = outstanding(person=uma(), at=lapsed)
    assert (question.version, question.is_renewal, question.following) == (announced, True, None)
    with pytest.raises(acceptance.AlreadyAgreed):
        agree(today, at=lapsed)
    agree(announced, at=lapsed)
    assert asked(lapsed) == []


def test_each_of_two_questions_says_whether_it_was_declined() -> None:
    policy = asking_policy()
    today, announced = (asking_version(policy, effective_at=NOW + days) for days in (-MONTH, MONTH))

    def declined() -> tuple[bool, bool]:
        (question,) = outstanding(person=uma(), at=NOW)
        assert question.following is not None
        return question.has_declined, question.following.has_declined

    for version, expected in ((announced, (False, True)), (today, (True, True))):
        acceptance.decline(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=NOW)
        assert declined() == expected
    standing = uma().standings.get()
    kept = standing.declined_number, standing.declined_at
    acceptance.rebuild_standing(standing)
    assert kept == (standing.declined_number, standing.declined_at) == (2, NOW)


def test_policies_of_one_title_are_asked_about_each_for_itself() -> None:
    policies = [asking_policy(), asking_policy()]
    for effective_at in (NOW - MONTH, NOW + MONTH):
        for policy in policies:
            asking_version(policy, effective_at=effective_at)
    assert [(each.version.number, each.policy) for each in outstanding(person=uma(), at=NOW)] == [
        (1, policy) for policy in policies
    ]


def test_the_banner_shows_what_is_asked_and_was_not_declined() -> None:
    policy = asking_policy(grace_period_days=10, renewal_months=1)
    today = asking_version(policy, effective_at=NOW - timedelta(days=1))
    announced = asking_version(policy, effective_at=NOW + MONTH)
    person = uma()

    def shown(at: Any) -> list[Version]:
        return [each.version for each in banner.banner_of(person, at=at) if each.asks]

    assert shown(NOW) == [today, announced]
    agree(today)
    assert shown(NOW) == [announced]
    acceptance.decline(person=person, version=announced, showing=screen_of(announced), how=BY_FORM, at=NOW)
    assert shown(NOW) == []
    agree(announced)
    lapsed = NOW + 2 * MONTH
    assert shown(lapsed) == [announced]
    acceptance.decline(person=person, version=announced, showing=screen_of(announced), how=BY_FORM, at=lapsed)
    assert shown(lapsed) == []


@pytest.mark.parametrize("seed", range(12))
def test_the_gate_stops_whom_the_questions_call_stopped_and_nobody_else(seed: int) -> None:
    """One rule for gate, page, banner and programs: histories nobody chose are looked at through both."""
    drawn = random.Random(seed)  # noqa: S311 - a history, no secret
    person = uma()
    Person.objects.filter(pk=person.pk).update(joined_at=NOW - timedelta(days=400))
    person.refresh_from_db()
    policies = [
        asking_policy(
            grace_period_days=drawn.choice((0, 10)),
            renewal_months=drawn.choice((0, 1, 6)),
            audiences=drawn.choice(((), (), ("studio",), person.audiences)),
            is_optional=drawn.random() < 0.1,
        )
        for _ in range(4)
    ]
    for policy in policies:
        effects = sorted(NOW + timedelta(days=drawn.randrange(-300, 120)) for _ in range(drawn.randrange(1, 5)))
        for effective_at in effects:
            asks = drawn.choice((Acceptance.EXPLICIT, Acceptance.EXPLICIT, Acceptance.NONE))
            published_at = min(NOW - timedelta(days=300), effective_at)
            make_version(policy, effective_at=effective_at, published_at=published_at, acceptance=asks)
    for day in sorted(drawn.sample(range(-299, 120), 12)):
        at = NOW + timedelta(days=day)
        questions = outstanding(person=person, at=at)
        stopped = {each.policy.pk for each in questions if each.stage(at) is Stage.GATE}
        graced = {each.policy.pk for each in questions if each.stage(at) is Stage.GRACE and not each.policy.is_optional}
        look = gate.Gate().look(session={}, person_id=person.pk, at=at)
        assert set(look.blocking) == stopped
        assert set(look.asking) == graced
        for question in drawn.sample(questions, min(1, len(questions))):
            version = (question.following or question).version
            acceptance.accept(person=person, version=version, showing=screen_of(version), how=BY_FORM, at=at)


def test_drafts_withdrawn_versions_and_policies_of_others_never_ask() -> None:
    make_draft(asking_policy(), acceptance=Acceptance.EXPLICIT)
    asking_version(asking_policy(), effective_at=NOW + MONTH, withdrawn_at=NOW)
    asking_version(asking_policy(audiences=("studio",)), effective_at=NOW - MONTH)
    assert asked() == []


def test_a_decline_leaves_the_question_open() -> None:
    version = asking_version(asking_policy(), effective_at=NOW - MONTH)
    acceptance.decline(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=NOW)
    (question,) = outstanding(person=uma(), at=NOW)
    assert question.has_declined
    assert question.stage(NOW) is Stage.GATE


def test_an_acceptance_lapses_where_the_policy_says_so() -> None:
    agree(asking_version(asking_policy(renewal_months=12), effective_at=NOW - MONTH))
    assert asked(NOW.replace(year=2027) - timedelta(seconds=1)) == []
    assert asked(NOW.replace(year=2027)) == [1]


def test_an_optional_consent_is_asked_and_never_gates() -> None:
    asking_version(asking_policy(is_optional=True), effective_at=NOW - MONTH)
    assert outstanding(person=uma(), at=NOW)[0].stage(NOW) is Stage.GRACE


def test_questions_cost_the_same_however_many_policies_ask(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        asking_version(asking_policy(), effective_at=NOW - MONTH)
    person = uma()
    agree(asking_version(asking_policy(), effective_at=NOW - 2 * MONTH))
    with django_assert_num_queries(3):
        assert len(outstanding(person=person, at=NOW)) == 5
