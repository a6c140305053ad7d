"""
The terms of a policy: written down with its first publication, and from then on changed by an act of two people.

Where there is nobody else, a change waits for a day before it comes into force, marked as made by one person alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies import ledger
from policies.authoring import manifest
from policies.models import AuditEvent, Policy, PolicyTerms, TermsProposal, User
from policies.publishing.refusals import NotApproved, NotPublished, PolicyRetired, Refused

ALONE_AFTER = timedelta(hours=24)


class AnotherIsOpen(Refused):
    """One proposal at a time: two would be approved without knowing of each other."""

    code = "terms-proposed"


class SecondPersonThere(Refused):
    """Nobody works alone, or switches to it, while somebody else can approve."""

    code = "second-person-there"


@transaction.atomic(durable=True)
def propose_terms(*, policy: Policy, terms: Mapping[str, object], reason: str, by: User, at: datetime) -> TermsProposal:
    """
    Propose other terms for a published policy; `terms` maps names of terms to new values. Nothing changes yet.

    :raises PolicyRetired: if the policy is retired
    :raises NotPublished: if nothing was published under the terms it has: they are free
    :raises AnotherIsOpen: if somebody proposed some already
    :raises SecondPersonThere: if they switch solo mode on while somebody else can approve
    :raises ValidationError: if a value is wrong, or nothing would change
    """
    policy = Policy.objects.locked(policy.pk)
    _refuse_retired(policy)
    if not policy.terms_on_record.exists():
        raise NotPublished(_("Nothing was published under these terms yet: change them in the policy itself."))
    _refuse_open(policy)
    proposal = TermsProposal(policy=policy, reason=reason.strip(), by=by, at=at, **{**policy.terms, **terms})
    proposal.full_clean(validate_unique=False)
    if not proposal.changed:
        raise ValidationError(_("Nothing would change: these are the terms in force."))
    refuse_solo(before=policy.solo, after=proposal.solo, by=by)
    proposal.save()
    AuditEvent.record("terms.proposed", policy=policy, by=by, at=at, reason=proposal.reason, **_said(proposal))
    return proposal


@transaction.atomic(durable=True)
def approve_terms(*, proposal: TermsProposal, by: User, at: datetime) -> PolicyTerms:
    """
    Put proposed terms into force: on the record, in the ledger, and for everybody who is asked from now on.

    :raises NotApproved: if `by` proposed them, or they were taken back meanwhile
    :raises PolicyRetired: if the policy was retired since
    """
    found = _locked(proposal)
    _refuse_retired(found.policy)
    if found.by_id == by.pk:
        raise NotApproved(_("You proposed these terms. Somebody else has to approve them."))
    return _put_into_force(found, by=by, at=at)


@transaction.atomic(durable=True)
def take_back_terms(*, proposal: TermsProposal, by: User, at: datetime) -> None:
    """
    Take proposed terms back, or refuse them: whoever is at the desk may.

    :raises NotApproved: if they are in force or were taken back meanwhile
    """
    found = _locked(proposal)
    AuditEvent.record("terms.taken_back", policy=found.policy, by=by, at=at, **_said(found))
    found.delete()


def alone_from(proposal: TermsProposal) -> datetime | None:
    """From when on the proposed terms come into force by themselves; None where somebody else has to approve them."""
    is_solo = proposal.policy.solo or proposal.solo
    return proposal.at + ALONE_AFTER if is_solo and not others_who_approve(proposal.by) else None


def put_due_into_force(*, at: datetime) -> int:
    """Put into force what one person alone proposed a day ago; return how many. Twice does no harm."""
    done = 0
    for proposal in TermsProposal.objects.filter(at__lte=at - ALONE_AFTER, policy__retired_at=None):
        with transaction.atomic():
            Policy.objects.locked(proposal.policy_id)
            found = TermsProposal.objects.select_related("policy", "by").filter(pk=proposal.pk).first()
            if found and alone_from(found):
                _put_into_force(found, by=None, at=at)
                done += 1
    return done


@transaction.atomic
def set_solo(*, policy: Policy, solo: bool, reason: str, at: datetime) -> PolicyTerms | None:
    """
    Switch solo mode from the command line of the database's owner: at once, marked as done by nobody of the desk.

    :returns: the terms on record from now on; None where nothing was published yet or nothing changes
    :raises PolicyRetired: if the policy is retired
    :raises AnotherIsOpen: if other terms are proposed
    """
    policy = Policy.objects.locked(policy.pk)
    _refuse_retired(policy)
    if policy.solo == solo:
        return None
    _refuse_open(policy)
    proposal = TermsProposal(policy=policy, reason=reason, at=at, **{**policy.terms, "solo": solo})
    AuditEvent.record("terms.solo_set", policy=policy, by=None, at=at, solo=solo, reason=reason)
    if policy.terms_on_record.exists():
        return _put_into_force(proposal, by=None, at=at)
    policy.solo = solo
    policy.save(update_fields=["solo"])
    return None


def write_down_first(*, policy: Policy, by: User, at: datetime) -> None:
    """Write down the terms under which a policy is published for the first time, in that transaction."""
    if not policy.terms_on_record.exists():
        _append(policy, policy.terms, before=None, reason="", proposed_by=by, approved_by=by, alone=False, at=at)


def refuse_solo(*, before: bool, after: bool, by: User) -> None:
    """
    Refuse to switch solo mode on while there is a second person, published or not.

    :raises SecondPersonThere: if there is
    """
    others = others_who_approve(by) if after and not before else []
    if others:
        message = _("%(name)s can approve: solo mode is for a desk with nobody else.")
        raise SecondPersonThere(message % {"name": ", ".join(str(other) for other in others[:3])})


def others_who_approve(by: User) -> list[User]:
    """Everybody else at the desk who can approve a version."""
    return list(User.objects.at_desk_with("approve_version").exclude(pk=by.pk).order_by("name"))


def _refuse_retired(policy: Policy) -> None:
    if policy.retired_at:
        raise PolicyRetired(_("This policy is retired. Its terms stay as they are."))


def _refuse_open(policy: Policy) -> None:
    if TermsProposal.objects.filter(policy=policy).exists():
        raise AnotherIsOpen(_("Other terms are proposed already. They have to be approved or taken back first."))


def _locked(proposal: TermsProposal) -> TermsProposal:
    Policy.objects.locked(proposal.policy_id)
    found = TermsProposal.objects.select_related("policy", "by").filter(pk=proposal.pk).first()
    if found is None:
        raise NotApproved(_("These terms were approved or taken back meanwhile. Look at the policy again."))
    return found


def _put_into_force(proposal: TermsProposal, *, by: User | None, at: datetime) -> PolicyTerms:
    """The row first: the database lets a published policy have no other terms than the newest on record."""
    policy, changed = proposal.policy, _said(proposal)
    now = _append(
        policy,
        proposal.terms,
        before=manifest.described_terms(policy),
        reason=proposal.reason,
        proposed_by=proposal.by if proposal.by_id else None,
        approved_by=by,
        alone=by is None,
        at=at,
    )
    Policy.objects.filter(pk=policy.pk).update(**proposal.terms)
    AuditEvent.record("terms.changed", policy=policy, by=by, at=at, number=now.number, alone=now.alone, **changed)
    if proposal.pk:
        proposal.delete()
    return now


def _append(
    policy: Policy,
    terms: Mapping[str, object],
    *,
    before: Mapping[str, object] | None,
    reason: str,
    proposed_by: User | None,
    approved_by: User | None,
    alone: bool,
    at: datetime,
) -> PolicyTerms:
    latest = policy.terms_on_record.order_by("number").last()
    row = PolicyTerms.objects.create(
        policy=policy,
        number=latest.number + 1 if latest else 1,
        reason=reason,
        proposed_by=proposed_by,
        approved_by=approved_by,
        alone=alone,
        at=at,
        **terms,
    )
    ledger.append(kind="terms", reference=str(row.pk), body=manifest.recorded_terms(row, before=before), at=at)
    return row


def _said(proposal: TermsProposal) -> dict[str, Any]:
    changed = proposal.changed
    return {
        "before": {name: before for name, (before, _after) in changed.items()},
        "after": {name: after for name, (_before, after) in changed.items()},
    }
