from datetime import timedelta
from typing import Any

import pytest

from policies import acceptance
from policies.acceptance import Stage, outstanding
from policies.models import Acceptance, Version
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
    asking_version(policy, effective_at=NOW - MONTH)
    asking_version(policy, effective_at=NOW + MONTH)
    (question,) = outstanding(person=uma(), at=NOW)
    assert (question.version.number, question.stage(NOW)) == (2, Stage.GATE)


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
