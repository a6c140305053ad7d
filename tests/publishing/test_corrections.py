"""Correcting the text in force while another is announced: 2.1, and 3.1 with it."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from policies import acceptance, authoring, clock, evidence, ledger, publishing, review
from policies.authoring.drafts import TextInput
from policies.models import Acceptance, ChangeClass, LedgerLeaf, Notice, Policy, Version
from policies.models.fields import Label
from policies.notices.plan import planning
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, screen_of, uma
from tests.factories import days_ago, in_days, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SECOND = """# Terms

We keep your adress and your name. You may leave at any time.

Write to privacy@example.org. We anwser within a mounth.
"""
THIRD = SECOND.replace("You may leave", "From now on you may leave").replace("a mounth", "two months")
CORRECTED = SECOND.replace("adress", "address")


@pytest.fixture
def policy() -> Policy:
    """Version 2 in force, version 3 announced; both ask."""
    policy = asking_policy(slug="terms")
    make_version(policy, published_at=days_ago(90), body="# Terms\n\nFirst.\n", acceptance=Acceptance.EXPLICIT)
    make_version(policy, published_at=days_ago(60), body=SECOND, acceptance=Acceptance.EXPLICIT)
    make_version(
        policy,
        published_at=days_ago(2),
        effective_at=in_days(28),
        body=THIRD,
        acceptance=Acceptance.EXPLICIT,
        change_class=ChangeClass.MATERIAL,
    )
    return policy


def numbered(policy: Policy, written: str) -> Version:
    label = Label.read(written)
    assert label is not None
    return policy.versions.labelled(label).get()


def corrected(version: Version, body: str = CORRECTED) -> Version:
    """A correction of `version`, written and handed in."""
    draft = authoring.start_correction(version=version, by=people.edith(), at=clock.now())
    words = TextInput("en", version.text_in("en").title, body)
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=[words])
    return review.submit(version=draft, by=people.edith(), at=clock.now())


def approved(version: Version, body: str = CORRECTED) -> Version:
    draft = corrected(version, body)
    review.approve(version=draft, by=people.ravi(), at=clock.now())
    draft.refresh_from_db()
    return draft


def publish(draft: Version) -> Version:
    return publishing.publish(version=draft, by=people.edith(), at=clock.now())


def agree(version: Version, at: datetime | None = None) -> Any:
    return acceptance.accept(
        person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=at or clock.now()
    )


def test_one_act_corrects_what_is_in_force_and_what_is_announced(policy: Policy) -> None:
    announced = numbered(policy, "3")
    known = set(evidence.verify().findings)  # the fixture's rows have no leaves
    before = announced.manifest_sha256, announced.text_in("en").sha256
    made = publish(approved(numbered(policy, "2")))
    assert str(made.label) == "2.1"
    assert made.text_in("en").body == CORRECTED
    with_it = numbered(policy, "3.1")
    assert with_it.text_in("en").body == THIRD.replace("adress", "address")
    assert with_it.effective_at == announced.effective_at
    announced.refresh_from_db()
    assert (announced.manifest_sha256, announced.text_in("en").sha256) == before
    for version, label in ((made, "2"), (with_it, "3")):
        assert json.loads(version.manifest)["corrects"] == label
        leaf = LedgerLeaf.objects.get(kind="publication", reference=str(version.pk))
        assert json.loads(leaf.body)["correction"] == 1
    ledger.seal(at=clock.now())
    assert set(evidence.verify().findings) <= known


def test_what_is_in_force_is_the_text_as_corrected_last(policy: Policy) -> None:
    for fixed in (CORRECTED, CORRECTED.replace("anwser", "answer")):
        publish(approved(policy.versions.in_force(clock.now()).get(), fixed))
    now = clock.now()
    assert [str(version.label) for version in policy.versions.in_force(now)] == ["2.2"]
    assert [str(version.label) for version in policy.versions.upcoming(now)] == ["3.2"]
    assert [str(version.label) for version in policy.versions.in_force(in_days(29))] == ["3.2"]
    assert [str(version.label) for version in policy.versions.standing()] == ["3.2", "3.1", "3", "2.2", "2.1", "2", "1"]


def test_nobody_is_asked_again_and_nobody_is_told_twice(policy: Policy) -> None:
    agree(numbered(policy, "2"))
    agree(numbered(policy, "3"))
    publish(approved(numbered(policy, "2")))
    assert acceptance.outstanding(person=uma(), at=in_days(29)) == ()
    planning.plan_due(at=clock.now())
    assert not Notice.objects.filter(version__correction__gt=0).exists()


def test_who_has_not_answered_is_asked_about_the_corrected_text(policy: Policy) -> None:
    publish(approved(numbered(policy, "2")))
    (question,) = acceptance.outstanding(person=uma(), at=clock.now())
    assert question.following is not None
    assert [str(each.version.label) for each in (question, question.following)] == ["2.1", "3.1"]
    with pytest.raises(acceptance.Superseded) as refusal:
        agree(numbered(policy, "2"))
    assert refusal.value.current == question.version
    agree(question.version)
    (question,) = acceptance.outstanding(person=uma(), at=clock.now())
    assert (str(question.version.label), str(question.accepted and question.accepted.label)) == ("3.1", "2.1")


def test_what_may_matter_is_no_correction(policy: Policy) -> None:
    with pytest.raises(review.Incomplete, match="a correction changes no meaning"):
        corrected(numbered(policy, "2"), CORRECTED.replace("You may leave", "You may not leave"))
    draft = authoring.start_correction(version=numbered(policy, "2"), by=people.edith(), at=clock.now())
    for fields in (
        {"change_class": ChangeClass.MATERIAL},
        {"acceptance": Acceptance.EXPLICIT},
        {"retroactive": True},
        {"effective_at": in_days(3)},
    ):
        with pytest.raises(ValidationError):
            authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields=fields)


def test_the_database_holds_a_correction_to_it_as_well(policy: Policy) -> None:
    draft = corrected(numbered(policy, "2"))
    for fields in ({"change_class": ChangeClass.MATERIAL}, {"acceptance": Acceptance.EXPLICIT}, {"correction": 3}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Version.objects.filter(pk=draft.pk).update(**fields)


def test_only_what_is_in_force_or_announced_is_corrected(policy: Policy) -> None:
    with pytest.raises(authoring.NotCorrectable):
        authoring.start_correction(version=numbered(policy, "1"), by=people.edith(), at=clock.now())
    publishing.withdraw(version=numbered(policy, "3"), reason="Not yet.", by=people.edith(), at=clock.now())
    with pytest.raises(authoring.NotCorrectable):
        authoring.start_correction(version=numbered(policy, "3"), by=people.edith(), at=clock.now())


def test_an_announced_version_alone_is_corrected_and_takes_effect_when_it_was_to(policy: Policy) -> None:
    made = publish(approved(numbered(policy, "3"), THIRD.replace("adress", "address")))
    assert (str(made.label), made.effective_at) == ("3.1", numbered(policy, "3").effective_at)
    assert [str(version.label) for version in policy.versions.in_force(clock.now())] == ["2"]


def test_what_follows_is_done_with_what_it_follows_alone(policy: Policy) -> None:
    draft = approved(numbered(policy, "2"))
    companion = draft.companions.get()
    by, at = people.edith(), clock.now()
    with pytest.raises(authoring.Follows):
        authoring.save_draft(version=companion, by=by, at=at, fields={"why": "Because."})
    with pytest.raises(authoring.Follows):
        review.submit(version=companion, by=by, at=at)
    with pytest.raises(publishing.NotApproved):
        publish(companion)
    with pytest.raises(authoring.Follows):
        authoring.discard(version=companion, by=by, at=at)


def test_an_edit_drops_the_approval_of_both(policy: Policy) -> None:
    draft = approved(numbered(policy, "2"))
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields={"why": "A misspelled word."})
    assert draft.companions.get().status == Version.Status.DRAFT


def test_what_was_approved_is_looked_at_anew_where_what_is_announced_changed(policy: Policy) -> None:
    draft = approved(numbered(policy, "2"))
    publishing.withdraw(version=numbered(policy, "3"), reason="Not yet.", by=people.edith(), at=clock.now())
    with pytest.raises(publishing.OutOfDate, match="What is announced changed"):
        publish(draft)
    authoring.rebase(version=draft, by=people.edith(), at=clock.now())
    review.submit(version=draft, by=people.edith(), at=clock.now())
    review.approve(version=draft, by=people.ravi(), at=clock.now())
    assert str(publish(draft).label) == "2.1"


def test_words_that_stand_in_one_text_alone_make_one_correction(policy: Policy) -> None:
    made = publish(approved(numbered(policy, "2"), SECOND.replace("mounth", "month")))
    assert str(made.label) == "2.1"
    assert not policy.versions.filter(number=3, correction=1).exists()


def test_a_corrected_version_is_postponed_and_withdrawn_as_a_whole(policy: Policy) -> None:
    known = set(evidence.verify().findings)
    publish(approved(numbered(policy, "2")))
    later, by = in_days(40), people.edith()
    publishing.postpone(version=numbered(policy, "3"), effective_at=later, reason="Late.", by=by, at=clock.now())
    assert {numbered(policy, label).effective_at for label in ("3", "3.1")} == {later}
    with pytest.raises(publishing.NotPublished, match="goes with what it corrects"):
        publishing.postpone(
            version=numbered(policy, "3.1"), effective_at=in_days(50), reason="x", by=by, at=clock.now()
        )
    publishing.withdraw(version=numbered(policy, "3"), reason="Not at all.", by=by, at=clock.now())
    assert not policy.versions.upcoming(clock.now()).exists()
    ledger.seal(at=clock.now())
    assert set(evidence.verify().findings) <= known


def test_the_next_version_follows_the_corrected_one(policy: Policy) -> None:
    publish(approved(numbered(policy, "2")))
    draft = authoring.start_draft(policy=policy, by=people.edith(), at=clock.now())
    assert draft.based_on == numbered(policy, "3.1")
    assert publishing.next_label(draft) == Label(4)
