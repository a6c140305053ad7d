"""
Change the effective date of a version that is published and not in force yet: postpone it, or bring it forward.

Each change of date is a row of its own. A version is postponed at any time before its effect. It is brought forward, or
a wrong date mended, only until mails that name the date begin to go out, and judged anew by the promise in force.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies import ledger, review
from policies.models import AuditEvent, DateChange, Notice, Policy, PromiseCheck, User, Version, WebhookKind
from policies.publishing import promise_check, rehearsal
from policies.publishing.promise_check import Check, PromiseBroken
from policies.publishing.refusals import AlreadyTold, NotPublished, OutOfOrder, TooLate, TooSoon
from policies.webhooks import outbox

# The kind of the entry in the log.
POSTPONED, BROUGHT_FORWARD = "postponement", "brought-forward"


@dataclass(frozen=True)
class Judged:
    """A new date before it is set: how it stands against the promise, and what is asked of whoever sets it."""

    effective_at: datetime
    rehearsal: rehearsal.Rehearsal
    check: Check


@transaction.atomic(durable=True)
def postpone(*, version: Version, effective_at: datetime, reason: str, by: User, at: datetime) -> DateChange:
    """
    Move a published version to a later instant, before it takes effect. Whoever was told is told again.

    :raises NotPublished: if it is a draft or withdrawn
    :raises TooLate: if it is already in effect
    :raises OutOfOrder: if the new instant is not later, or lies behind that of a higher number
    """
    ahead = upcoming(version, at)
    if effective_at <= instant(ahead.effective_at):
        raise OutOfOrder(_("A version can only be postponed: choose a later date than the one announced."))
    following = ahead.policy.versions.standing().filter(number__gt=ahead.number, effective_at__lt=effective_at)
    if following.exists():
        raise OutOfOrder(_("A higher number would then take effect first. Postpone that one before."))
    return _move(ahead, to=effective_at, reason=needed(reason), by=by, at=at)


@transaction.atomic(durable=True)
def bring_forward(
    *, version: Version, effective_at: datetime, reason: str, override_reason: str = "", by: User, at: datetime
) -> DateChange:
    """
    Move a published version to an earlier instant, while no mail about it was tried. The mails that wait name that one.

    `override_reason` says why the promise in force is not kept; it is taken from approvers of the version alone.

    :raises NotPublished: if it is a draft or withdrawn
    :raises TooLate: if it is already in effect
    :raises TooSoon: if the new instant has passed, or nobody could read the version before it
    :raises OutOfOrder: if it is not earlier, or lies before that of a lower number
    :raises AlreadyTold: if mails about it began to go out
    :raises PromiseBroken: if the promise in force would not be kept, and nobody who may takes it upon them
    """
    ahead = upcoming(version, at)
    parts = with_corrections(ahead)
    _refuse_dates(ahead, parts, effective_at, at)
    if not is_untold(parts):
        raise AlreadyTold(_("Mails with the announced date have begun to go out. It can only be postponed now."))
    check = judge(ahead, effective_at, at=at).check
    overrides = override_reason.strip() if not check.kept and may_override(ahead, by) else ""
    if not check.kept and not overrides:
        raise PromiseBroken(check)
    return _move(ahead, to=effective_at, reason=needed(reason), overrides=overrides, check=check, by=by, at=at)


def judge(version: Version, effective_at: datetime, *, at: datetime) -> Judged:
    """Hold another date against the promise in force, as if its people were told of it from `at` on."""
    told_from = max(at, instant(version.published_at))
    rehearsed = rehearsal.rehearse(version=version, at=told_from)
    dated = copy(version)
    dated.effective_at = effective_at
    check = promise_check.check(version=dated, at=told_from, reached_at=rehearsed.last_reached_at)
    return Judged(effective_at, rehearsed, check)


def may_override(version: Version, by: User) -> bool:
    """Whether somebody may set a date that breaks the promise: an approver who did not write the version."""
    return review.approvers_of(version).filter(pk=by.pk).exists()


def is_untold(versions: Sequence[Version]) -> bool:
    """Whether mails about none of these have begun to go out."""
    return not Notice.objects.filter(version__in=versions, begun_at__isnull=False).exists()


def upcoming(version: Version, at: datetime) -> Version:
    """
    Read a version anew that is published and not in effect, under the lock of its policy.

    :raises NotPublished: if it is a draft, withdrawn, or a correction, which goes with what it corrects
    :raises TooLate: if it is in effect
    """
    Policy.objects.locked(version.policy_id)
    fresh = Version.objects.select_related("policy").get(pk=version.pk)
    if not fresh.is_published or fresh.withdrawn_at:
        raise NotPublished(_("Only a published version that was not withdrawn can be moved or withdrawn."))
    if fresh.correction:
        raise NotPublished(_("A correction goes with what it corrects: move or withdraw that version."))
    if instant(fresh.effective_at) <= at:
        raise TooLate(_("This version is already in effect. Publish a new version instead."))
    return fresh


def with_corrections(version: Version) -> list[Version]:
    """
    A version and the corrections that take effect with it, the version itself first.

    Locked: until their date is changed, no mail about them begins to go out.
    """
    standing = version.policy.versions.standing().filter(number=version.number)
    return list(standing.select_for_update(no_key=True, of=("self",)).order_by("correction"))


def instant(at: datetime | None) -> datetime:
    """
    The instants of a published version, which are never empty (a constraint of the database).

    :raises NotPublished: if it is none
    """
    if at is None:
        raise NotPublished(_("This version has no dates yet: it was never published."))
    return at


def needed(reason: str) -> str:
    """
    The reason without blanks around it.

    :raises ValidationError: if there is none
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the people who were told will read it.")})
    return reason.strip()


def _refuse_dates(ahead: Version, parts: Sequence[Version], effective_at: datetime, at: datetime) -> None:
    if effective_at >= instant(ahead.effective_at):
        raise OutOfOrder(_("Choose an earlier date than the one announced, or postpone the version."))
    if effective_at <= at:
        raise TooSoon(_("This date has passed. Choose one that lies ahead."))
    if effective_at < max(instant(part.published_at) for part in parts):
        raise TooSoon(_("It would take effect before anybody could read it. Choose a later day."))
    earlier = ahead.policy.versions.standing().filter(number__lt=ahead.number, effective_at__gt=effective_at)
    if earlier.exists():
        raise OutOfOrder(_("A lower number would then take effect later. Bring that one forward before."))


def _move(
    ahead: Version,
    *,
    to: datetime,
    reason: str,
    overrides: str = "",
    check: Check | None = None,
    by: User,
    at: datetime,
) -> DateChange:
    """Move a version and its corrections; return the change of the version itself."""
    parts = with_corrections(ahead)
    untold = is_untold(parts)
    rows = [
        DateChange.objects.create(
            version=part,
            effective_at=to,
            was_effective_at=instant(part.effective_at),
            untold=untold,
            reason=reason,
            override_reason=overrides,
            by=by,
            at=at,
        )
        for part in parts
    ]
    for moved in rows:
        _put_on_record(moved, check, by=by, at=at)
    kind = WebhookKind.VERSION_BROUGHT_FORWARD if rows[0].is_earlier else WebhookKind.VERSION_POSTPONED
    ahead.effective_at = to
    if instant(ahead.published_at) <= at:
        outbox.version_changed(kind, ahead, at=at, occasion=f"-{rows[0].pk}")
    return rows[0]


def _put_on_record(moved: DateChange, check: Check | None, *, by: User, at: datetime) -> None:
    version, to = moved.version, ledger.instant(moved.effective_at)
    verb, kind = ("brought_forward", BROUGHT_FORWARD) if moved.is_earlier else ("postponed", POSTPONED)
    Version.objects.filter(pk=version.pk).update(effective_at=moved.effective_at)
    body: dict[str, object] = {"version": version.pk, "effective_at": to, "reason": moved.reason}
    if check:
        judged = PromiseCheck.objects.create(
            version=version,
            date_change=moved,
            promise=check.promise,
            lines=check.as_json(),
            kept=check.kept,
            overridden=not check.kept,
            at=at,
        )
        body |= described(moved, judged)
    AuditEvent.record(
        f"version.{verb}", version=version, by=by, at=at, to=to, reason=moved.reason, overrides=moved.override_reason
    )
    ledger.append(kind=kind, reference=str(moved.pk), body=body, at=max(at, instant(version.published_at)))


def described(moved: DateChange, judged: PromiseCheck) -> dict[str, object]:
    """What the log says of a date that was brought forward, beside what it says of every change of date."""
    lines = ledger.canonical_json({"lines": judged.lines})
    return {
        "was_effective_at": ledger.instant(moved.was_effective_at),
        "override_reason": moved.override_reason,
        "promise": {
            "kept": judged.kept,
            "overridden": judged.overridden,
            "lines_sha256": ledger.sha256_hex(lines.encode()),
        },
    }
