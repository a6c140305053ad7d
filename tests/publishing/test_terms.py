"""The terms of a policy: free before anything is published, afterwards changed by two people and on the record."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from policies import date_formats, publishing
from policies.models import TERMS, AuditEvent, LedgerLeaf, Policy, PolicyTerms, TermsProposal, Version
from policies.publishing import rehearsal
from tests import factories, people
from tests.evidence import world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OTHER: dict[str, object] = {
    "time_zone": "America/Los_Angeles",
    "language": "de",
    "audiences": ("pilots",),
    "has_accounts": False,
    "acceptance": "explicit",
    "grace_period_days": 90,
    "renewal_months": 12,
    "is_optional": True,
    "solo": True,
}


@pytest.fixture
def policy(db: None) -> Policy:
    """A published policy; its dates are Berlin's."""
    policy = factories.make_policy(time_zone="Europe/Berlin")
    world.publish(policy, factories.BODY, at=world.START, effective_at=world.START + timedelta(hours=23, minutes=30))
    return policy


def propose(policy: Policy, **terms: object) -> TermsProposal:
    return publishing.propose_terms(
        policy=policy, terms=terms, reason="We moved.", by=people.edith(), at=world.START + world.DAY
    )


def approve(proposal: TermsProposal) -> PolicyTerms:
    return publishing.approve_terms(proposal=proposal, by=people.ravi(), at=world.START + 2 * world.DAY)


def test_every_term_of_a_published_policy_is_guarded(policy: Policy) -> None:
    assert set(OTHER) == set(TERMS)
    for name, value in OTHER.items():
        with pytest.raises(IntegrityError, match="policysite keeps"), transaction.atomic():
            Policy.objects.filter(pk=policy.pk).update(**{name: value})
    with pytest.raises(IntegrityError, match="policysite keeps"), transaction.atomic():
        Policy.objects.filter(pk=policy.pk).update(uid="0" * 32)


def test_before_anything_is_published_terms_are_free() -> None:
    free = factories.make_draft().policy
    assert Policy.objects.filter(pk=free.pk).update(**OTHER) == 1
    with pytest.raises(publishing.NotPublished):
        propose(free, grace_period_days=1)


def test_two_people_change_terms_and_the_record_has_both_values(policy: Policy) -> None:
    proposal = propose(policy, grace_period_days=30, audiences=("pilots",))
    assert Policy.objects.get().terms == policy.terms
    row = approve(proposal)
    policy.refresh_from_db()
    assert (policy.grace_period_days, policy.audiences, row.number, row.alone) == (30, ("pilots",), 2, False)
    body = LedgerLeaf.objects.filter(kind="terms").latest("id").body
    assert '"before":{"acceptance":"none","audience":[],' in body
    assert '"terms":{"acceptance":"none","audience":["pilots"],' in body
    assert AuditEvent.objects.get(verb="terms.changed").data["before"] == {"grace_period_days": 0, "audiences": []}
    assert not TermsProposal.objects.exists()


def test_nobody_approves_their_own_terms(policy: Policy) -> None:
    proposal = propose(policy, grace_period_days=30)
    with pytest.raises(publishing.NotApproved, match="Somebody else"):
        publishing.approve_terms(proposal=proposal, by=people.edith(), at=world.START + 2 * world.DAY)
    assert publishing.put_due_into_force(at=world.START + 9 * world.DAY) == 0


@pytest.mark.parametrize(
    ("terms", "why"),
    [({}, "Nothing would change"), ({"time_zone": "Mars/Olympus"}, "not a time zone"), ({"acceptance": "x"}, "choice")],
)
def test_wrong_terms_are_refused(policy: Policy, terms: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        propose(policy, **terms)


def test_one_proposal_at_a_time_and_it_can_be_taken_back(policy: Policy) -> None:
    proposal = propose(policy, grace_period_days=30)
    with pytest.raises(publishing.AnotherIsOpen):
        propose(policy, grace_period_days=60)
    publishing.take_back_terms(proposal=proposal, by=people.ravi(), at=world.START + 2 * world.DAY)
    for verb in (approve, lambda gone: publishing.take_back_terms(proposal=gone, by=people.edith(), at=world.START)):
        with pytest.raises(publishing.NotApproved, match="meanwhile"):
            verb(proposal)
    assert propose(policy, grace_period_days=60).changed == {"grace_period_days": (0, 60)}


def test_terms_of_a_retired_policy_stay(policy: Policy) -> None:
    alone()
    proposal = propose(policy, solo=True)
    publishing.retire(policy=policy, by=people.edith(), at=proposal.at)
    with pytest.raises(publishing.PolicyRetired):
        approve(proposal)
    assert publishing.put_due_into_force(at=proposal.at + 2 * world.DAY) == 0
    publishing.take_back_terms(proposal=proposal, by=people.edith(), at=proposal.at)
    with pytest.raises(publishing.PolicyRetired):
        publishing.set_solo(policy=policy, solo=True, reason="Alone.", at=proposal.at)


def test_a_published_version_keeps_its_zone_and_the_next_has_the_new_one(policy: Policy) -> None:
    first = Version.objects.get()
    assert str(date_formats.effect(first)) == "January 2, 2026 (Berlin)"
    approve(propose(policy, time_zone="America/Los_Angeles"))
    first = Version.objects.get()
    assert str(date_formats.effect(first)) == "January 2, 2026 (Berlin)"
    second = world.publish(Policy.objects.get(), factories.NEXT_BODY, at=world.START + 3 * world.DAY)
    assert (first.zone.key, second.zone.key) == ("Europe/Berlin", "America/Los_Angeles")
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=first.pk).update(time_zone="America/Los_Angeles")


def test_what_was_approved_under_other_terms_is_approved_again(policy: Policy) -> None:
    draft = factories.make_approved(policy, at=world.START + world.DAY)
    approve(propose(policy, grace_period_days=30))
    with pytest.raises(publishing.NotApproved, match="Have it approved again"):
        publishing.publish(version=draft, by=people.edith(), at=world.START + 3 * world.DAY)


def alone() -> Callable[..., object]:
    """Ravi is gone: Edith is the only one left at the desk."""
    people.edith()
    ravi = people.ravi()
    ravi.is_active = False
    ravi.save()
    return propose


def test_solo_mode_is_for_a_desk_with_nobody_else(policy: Policy) -> None:
    with pytest.raises(publishing.SecondPersonThere, match="Ravi Nair can approve"):
        propose(policy, solo=True)
    alone()
    proposal = propose(policy, solo=True)
    assert publishing.put_due_into_force(at=proposal.at + timedelta(hours=23)) == 0
    assert publishing.put_due_into_force(at=proposal.at + timedelta(hours=24)) == 1
    row = policy.terms_on_record.get(number=2)
    assert (row.solo, row.alone, row.approved_by, row.proposed_by) == (True, True, None, people.edith())
    assert Policy.objects.get().solo
    assert publishing.put_due_into_force(at=proposal.at + timedelta(hours=25)) == 0


def test_somebody_who_comes_back_within_the_day_has_to_approve(policy: Policy) -> None:
    alone()
    proposal = propose(policy, solo=True)
    ravi = people.ravi()
    ravi.is_active = True
    ravi.save()
    assert publishing.put_due_into_force(at=proposal.at + world.DAY) == 0
    assert not approve(proposal).alone


def test_the_owner_switches_solo_mode_on_the_command_line(policy: Policy) -> None:
    call_command("set_solo", policy.slug, "on", "--reason", "Ravi left.", verbosity=0)
    row = policy.terms_on_record.get(number=2)
    assert (row.solo, row.alone, row.proposed_by, row.reason) == (True, True, None, "Ravi left.")
    draft = factories.make_draft().policy
    call_command("set_solo", draft.slug, "on", "--reason", "New.", verbosity=0)
    assert Policy.objects.get(pk=draft.pk).solo
    assert not draft.terms_on_record.exists()
    with pytest.raises(CommandError, match="no policy at"):
        call_command("set_solo", "nowhere", "on", "--reason", "x")


def test_what_is_asked_follows_the_terms_on_record(policy: Policy) -> None:
    person = factories.make_person(audiences=("drummers",))
    draft = factories.make_draft(Policy.objects.get())
    assert rehearsal.rehearse(version=draft, at=world.START + world.DAY).people == 1
    approve(propose(policy, audiences=("pilots",)))
    assert rehearsal.rehearse(version=Version.objects.get(pk=draft.pk), at=world.START + 3 * world.DAY).people == 0
    assert person.audiences == ("drummers",)
