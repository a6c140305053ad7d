"""Whatever policies, people, answers and erasures do to each other: every act verifies, and none is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from policies import acceptance, evidence, ledger
from policies.acceptance import erasing
from policies.models import Acceptance, Act, ActSubject, Person, Standing
from tests.acceptance.asking import BY_FORM, screen_of
from tests.evidence import world
from tests.factories import BODY, make_person, make_policy

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Answers(RuleBasedStateMachine):
    """One policy, its versions, and people who answer, undo and are erased, while time goes on."""

    people = Bundle("people")
    acts = Bundle("acts")

    def __init__(self) -> None:
        super().__init__()
        # Each run in a transaction of its own, which verbs that refuse nesting take for the test's.
        self.run = transaction.atomic()
        self.run._from_testcase = True  # type: ignore[attr-defined]
        self.run.__enter__()
        self.at = world.START
        self.recorded = self.erased = 0
        self.policy = make_policy(slug="terms", acceptance=Acceptance.EXPLICIT)
        self.publish(delay=0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    @rule(delay=st.integers(0, 3))
    def publish(self, delay: int) -> None:
        self.at += timedelta(hours=5)
        number = self.policy.versions.published().count() + 1
        latest = self.policy.versions.published().first()
        effective_at = max(self.at + timedelta(days=delay), (latest and latest.effective_at) or self.at)
        self.version = world.publish(self.policy, f"{BODY}\n{number}\n", at=self.at, effective_at=effective_at)

    @rule(target=people)
    def join(self) -> Person:
        return make_person()

    @rule(target=acts, person=people, verb=st.sampled_from([acceptance.accept, acceptance.decline]))
    def answer(self, person: Person, verb: Any) -> tuple[Person, Act | None]:
        try:
            act = verb(person=person, version=self.version, showing=screen_of(self.version), how=BY_FORM, at=self.at)
        except acceptance.AlreadyAgreed:
            return person, None
        self.recorded += 1
        return person, act

    @rule(answered=acts)
    def undo(self, answered: tuple[Person, Act | None]) -> None:
        person, act = answered
        if act is None:
            return
        before = Act.objects.count()
        try:
            acceptance.withdraw(act=act, person=person, how=BY_FORM, at=self.at)
        except (acceptance.TooLate, acceptance.NotTheirs):
            return
        self.recorded += Act.objects.count() - before

    @rule(person=consumes(people))
    def erase(self, person: Person) -> None:
        self.erased += erasing.erase(person=person, ground="request", by=None, at=self.at)

    @rule()
    def seal(self) -> None:
        ledger.seal(at=self.at)

    @invariant()
    def every_act_verifies_and_none_is_lost(self) -> None:
        report = evidence.verify()
        assert report.findings == []
        assert report.closed == self.erased
        assert Act.objects.count() == self.recorded

    @invariant()
    def the_erased_are_linked_to_nothing(self) -> None:
        gone = Person.objects.filter(erased_at__isnull=False)
        assert not gone.exclude(name="", address="", external_id=None).exists()
        assert not ActSubject.objects.filter(person__in=gone).exists()

    @invariant()
    def standings_are_what_the_acts_say(self) -> None:
        for standing in Standing.objects.all():
            before = (standing.agreed_number, standing.agreed_at, standing.declined_number)
            acceptance.rebuild_standing(standing)
            assert (standing.agreed_number, standing.agreed_at, standing.declined_number) == before


def test_acts_stand_whatever_happens() -> None:
    run_state_machine_as_test(
        Answers,
        settings=settings(
            max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
