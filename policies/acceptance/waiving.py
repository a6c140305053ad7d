"""Waiving: the desk lets one person off an answer, by a named right and for a written reason. Never an acceptance."""

from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.acceptance.answering import (
    Circumstances,
    NotOpen,
    NotTheirs,
    Refused,
    Showing,
    end_every_watermark,
    locked_standing,
    rebuild_standing,
    record_act,
)
from policies.acceptance.outstanding import question_about
from policies.models import Act, ActSubject, AuditEvent, Person, Policy, User, Version

REASON_LENGTH = 300


class Right(TextChoices):
    """By what right the desk lets somebody off."""

    CONTRACT = "contract", gettext_lazy("a contract of their own stands in its place")
    LAW = "law", gettext_lazy("a law or a court's order")
    HARDSHIP = "hardship", gettext_lazy("they cannot answer here: accessibility, illness, a technical fault")
    DECISION = "decision", gettext_lazy("a decision of the organization in this one case")


class NoReason(Refused):
    """The written reason is missing or too long."""

    code = "no-reason"


@transaction.atomic(durable=True)
def waive(
    *, person: Person, policy: Policy, right: Right, reason: str, strength: Act.Strength, by: User, at: datetime
) -> Act:
    """
    Let `person` off what `policy` asks them at `at`: that version's answer is no more awaited, and is not given either.

    The act says by what right and why; the audit record says who decided. A later version asks again.

    :raises NotOpen: if the policy asks this person nothing
    :raises NoReason: without a reason of up to REASON_LENGTH characters
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH:
        raise NoReason(_("Write the reason in one to 300 characters: it is kept for the evidence."))
    standing = locked_standing(person, policy)
    question = question_about(policy=policy, person=person, at=at)
    if question is None or question.version.number is None:
        raise NotOpen(_("This policy asks this person nothing, so there is nothing to waive."))
    remark = f"{right.value}: {reason}"
    act = record_act(
        Act.Kind.WAIVED,
        person=person,
        version=question.version,
        showing=_not_shown(question.version, person.language),
        how=Circumstances(method=Act.Method.DESK, strength=strength, source="desk", remark=remark),
        at=at,
    )
    standing.waived_number = question.version.number
    standing.save(update_fields=["waived_number"])
    AuditEvent.record(
        "answer.waived", by=by, at=at, version=question.version, person=person.pk, right=right.value, act=act.pk
    )
    return act


@transaction.atomic(durable=True)
def end(*, act: Act, person: Person, reason: str, strength: Act.Strength, by: User, at: datetime) -> Act:
    """
    End a waiver: what it let off is asked again. Ending it twice is one act.

    :raises NotTheirs: if `act` is no waiver of this person
    :raises NoReason: as `waive`
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH:
        raise NoReason(_("Write the reason in one to 300 characters: it is kept for the evidence."))
    is_theirs = ActSubject.objects.filter(subject_ref=act.subject_ref, person=person).exists()
    if act.kind != Act.Kind.WAIVED or not is_theirs:
        raise NotTheirs(_("This is no waiver of this person."))
    standing = locked_standing(person, act.version.policy)
    ended = Act.objects.filter(undoes=act).first()
    if ended is not None:
        return ended
    ended = record_act(
        Act.Kind.WITHDRAWN,
        person=person,
        version=act.version,
        showing=_not_shown(act.version, act.language),
        how=Circumstances(method=Act.Method.DESK, strength=strength, source="desk", remark=reason),
        at=at,
        undoes=act,
    )
    rebuild_standing(standing)
    end_every_watermark()
    AuditEvent.record("waiver.ended", by=by, at=at, version=act.version, person=person.pk, act=ended.pk)
    return ended


def _not_shown(version: Version, language: str) -> Showing:
    """The version the waiver is about. Nothing was on a screen, so there is no wording and no time of showing."""
    text = version.text_in(language)
    return Showing(language=text.language, text_sha256=text.sha256, manifest_sha256=version.manifest_sha256)
