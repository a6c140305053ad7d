"""Publish, withdraw before effect, rename, retire, confirm unchanged, and record a past version."""

from copy import copy
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import ledger, rendering
from policies.authoring import corrections, import_draft, manifest
from policies.authoring.obstacles import Kind, obstacles_of
from policies.models import (
    ADDRESS_TAKEN,
    AuditEvent,
    Policy,
    PolicyReview,
    PromiseCheck,
    User,
    Version,
    WebhookKind,
)
from policies.models.fields import Label
from policies.publishing import effective_dates, promise_check, rehearsal, terms
from policies.publishing.effective_dates import instant, needed, with_corrections
from policies.publishing.refusals import (
    NotApproved,
    NotPublished,
    OutOfDate,
    OutOfOrder,
    PolicyRetired,
    Refused,
    SlugTaken,
    TooSoon,
)
from policies.webhooks import outbox

# What is in the way of publishing, as it is refused; what is missing was refused before the approval.
REFUSALS: dict[Kind, type[Refused]] = {
    Kind.RETIRED: PolicyRetired,
    Kind.OUT_OF_DATE: OutOfDate,
    Kind.PASSED: TooSoon,
    Kind.HIDDEN: TooSoon,
    Kind.OUT_OF_ORDER: OutOfOrder,
}


@transaction.atomic(durable=True)
def publish(
    *, version: Version, by: User, at: datetime, seen_manifest: str | None = None, canary: int | None = None
) -> Version:
    """
    Put an approved draft on the public page as the policy's next number. `seen_manifest` is the sha256 that was shown.

    `canary` people are told first, then the notice waits for somebody to look; 0: everybody is told at once; None: as
    the deployment is set. It goes on the record with the publication, where planning the notice finds it.

    :raises ValidationError: if `canary` is more people than would be told by mail
    :raises PolicyRetired: if the policy is retired
    :raises OutOfDate: if another version was published since the draft was based on one
    :raises TooSoon: if it would take effect before it is published
    :raises OutOfOrder: if it would take effect before an earlier number
    :raises PromiseBroken: if the promise now in force would not be kept, and nobody agreed to that
    :raises NotApproved: if what was approved is not what would be published
    """
    policy = Policy.objects.locked(version.policy_id)
    draft = Version.objects.select_related("policy", "based_on", "corrects").get(pk=version.pk)
    _refuse_unready(draft, policy, seen_manifest, at=at)
    visible_at, effective_at = planned_publication(draft, at), planned_effect(draft, at)
    # Under an embargo people are told, and the promise is kept or not, when it is visible.
    rehearsed = rehearsal.rehearse(version=draft, at=visible_at)
    dated = copy(draft)
    dated.effective_at = effective_at
    check = promise_check.check(version=dated, at=visible_at, reached_at=rehearsed.last_reached_at)
    if canary:
        _refuse_canary(canary, of=rehearsed.written_to(tells_people=check.tells_people))
    is_overridden = not check.kept and _is_override_agreed(draft)
    if not check.kept and not is_overridden:
        raise promise_check.PromiseBroken(check)
    # What follows a correction tells nobody by itself: whoever is told of the one is told of both.
    following = [(each, planned_effect(each, at), False) for each in corrections.companions(draft)]
    terms.write_down_first(policy=policy, by=by, at=at)
    for each, takes_effect_at, tells_people in [(draft, effective_at, check.tells_people), *following]:
        _claim(each, visible_at=visible_at, effective_at=takes_effect_at, tells_people=tells_people)
        PromiseCheck.objects.create(
            version=each, promise=check.promise, lines=check.as_json(), kept=check.kept, overridden=is_overridden, at=at
        )
        AuditEvent.record("version.published", version=each, by=by, at=at, overridden=is_overridden, canary=canary)
        _append_publication(each, at=visible_at)
        if visible_at <= at:  # else whoever sweeps tells of it in time
            outbox.version_changed(WebhookKind.VERSION_PUBLISHED, each, at=at)
    return draft


@transaction.atomic(durable=True)
def withdraw(*, version: Version, reason: str, by: User, at: datetime) -> Version:
    """
    Withdraw a published version before it takes effect. It stays on the record; its number is not given again.

    :raises NotPublished: if it is a draft or already withdrawn
    :raises TooLate: if it is already in effect
    """
    upcoming = effective_dates.upcoming(version, at)
    for each in with_corrections(upcoming):
        Version.objects.filter(pk=each.pk, withdrawn_at=None).update(withdrawn_at=at)
        AuditEvent.record("version.withdrawn", version=each, by=by, at=at, reason=needed(reason))
        body = {"version": each.pk, "reason": reason}
        ledger.append(kind="withdrawal", reference=str(each.pk), body=body, at=max(at, instant(each.published_at)))
    if instant(upcoming.published_at) <= at:
        outbox.version_changed(WebhookKind.VERSION_WITHDRAWN, upcoming, at=at)
    upcoming.refresh_from_db()
    return upcoming


@transaction.atomic(durable=True)
def rename(*, policy: Policy, slug: str, by: User, at: datetime) -> Policy:
    """
    Give a policy another address. The old one redirects for ever.

    :raises PolicyRetired: if the policy is retired
    :raises SlugTaken: if the address is, or once was, in use: a cached redirect would lead back and forth
    :raises ValidationError: if it is no address
    """
    policy = Policy.objects.locked(policy.pk)
    if policy.retired_at:
        raise PolicyRetired(_("This policy is retired. Its address stays as it is."))
    validate_slug(slug)
    if slug == policy.slug:
        return policy
    before, policy.slug = policy.slug, slug
    try:
        with transaction.atomic():
            policy.save(update_fields=["slug"])
    except IntegrityError as error:
        raise SlugTaken(ADDRESS_TAKEN % {"slug": slug}) from error
    AuditEvent.record("policy.renamed", policy=policy, by=by, at=at, before=before, after=slug)
    return policy


@transaction.atomic(durable=True)
def retire(*, policy: Policy, by: User, at: datetime) -> Policy:
    """Retire a policy: its pages stay for ever and say so; it gets no further version. Idempotent."""
    if Policy.objects.filter(pk=policy.pk, retired_at=None).update(retired_at=at):
        AuditEvent.record("policy.retired", policy=policy, by=by, at=at)
    policy.refresh_from_db()
    return policy


@transaction.atomic(durable=True)
def confirm_unchanged(*, policy: Policy, by: User, at: datetime, remark: str = "") -> PolicyReview:
    """
    Record that the text in force was reviewed and needs no change: "Last reviewed" moves, "Last updated" does not.

    :raises PolicyRetired: if the policy is retired
    :raises NotPublished: if nothing of it is in force
    """
    policy = Policy.objects.locked(policy.pk)
    if policy.retired_at:
        raise PolicyRetired(_("This policy is retired: there is nothing to confirm."))
    if not policy.versions.in_force(at).exists():
        raise NotPublished(_("Nothing of this policy is in force yet: there is nothing to confirm."))
    AuditEvent.record("policy.reviewed", policy=policy, by=by, at=at, remark=remark)
    return PolicyReview.objects.create(policy=policy, by=by, at=at, remark=remark)


@transaction.atomic(durable=True)
def record_past(
    *,
    policy: Policy,
    source: bytes,
    filename: str,
    title: str = "",
    published_at: datetime,
    effective_at: datetime,
    by: User,
    at: datetime,
) -> Version:
    """
    Record a text that was published elsewhere, as the next number, marked "imported, not witnessed". It tells nobody.

    :raises OutOfOrder: if a newer text is on the record already, or the dates are in the wrong order
    :raises TextRejected: if the file is empty, too large or not a text
    """
    policy = Policy.objects.locked(policy.pk)
    latest = policy.versions.standing().first()
    _refuse_disorder(latest, published_at, effective_at, at)
    draft = import_draft(
        policy=policy, source=source, filename=filename, language=policy.language, title=title, by=by, at=at
    ).version
    draft.effective_at, draft.imported = effective_at, True
    draft.manifest = manifest.build(draft)
    draft.manifest_sha256 = manifest.fingerprint(draft.manifest)
    draft.status, draft.number, draft.published_at = Version.Status.PUBLISHED, next_number(policy), published_at
    draft.time_zone = policy.time_zone
    rendering.bind(draft, at=at)
    draft.save()
    terms.write_down_first(policy=policy, by=by, at=at)
    AuditEvent.record("version.recorded", version=draft, by=by, at=at, file=AuditEvent.file_name(filename))
    _append_publication(draft, at=at)
    return draft


def _claim(draft: Version, *, visible_at: datetime, effective_at: datetime, tells_people: bool) -> None:
    """
    Make an approved draft the next version, in one statement: of two people pressing together exactly one does.

    :raises NotApproved: unless it is the manifest that was approved
    """
    rendering.bind(draft, at=visible_at)
    label = next_label(draft)
    claimed = (
        Version.objects.approved()
        .filter(pk=draft.pk, manifest_sha256=manifest.fingerprint(manifest.build(draft)))
        .update(
            status=Version.Status.PUBLISHED,
            number=label.number,
            correction=label.correction,
            published_at=visible_at,
            effective_at=effective_at,
            tells_people=tells_people,
            time_zone=draft.policy.time_zone,
        )
    )
    if not claimed:
        raise NotApproved(_("What was approved is not what would be published. Have it approved again."))
    draft.refresh_from_db()


def _refuse_unready(draft: Version, policy: Policy, seen_manifest: str | None, *, at: datetime) -> None:
    if draft.status != Version.Status.APPROVED and not policy.retired_at:
        raise NotApproved(
            _("Only an approved version can be published; this one is “%(s)s”.") % {"s": draft.get_status_display()}
        )
    if seen_manifest is not None and seen_manifest != draft.manifest_sha256:
        raise NotApproved(_("The version changed after you opened this page. Look at it again."))
    if draft.goes_with_id:
        raise NotApproved(_("It is published together with the correction it follows. Publish that one."))
    found = [each for each in obstacles_of(draft, at=at) if each.kind in REFUSALS]
    if found:
        raise REFUSALS[found[0].kind](found[0].words)


def planned_effect(draft: Version, at: datetime) -> datetime:
    """When a draft published at `at` would take effect; a correction of what is announced does together with that."""
    visible_at = planned_publication(draft, at)
    if draft.corrects:
        return max(visible_at, instant(draft.corrects.effective_at))
    return draft.effective_at or visible_at


def planned_publication(draft: Version, at: datetime) -> datetime:
    """From when on readers see a draft published at `at`: then, or when its embargo ends."""
    return max(at, draft.visible_from or at)


def _refuse_canary(canary: int, *, of: int) -> None:
    if not 1 <= canary <= of:
        message = ngettext(
            "Choose 1 or everybody: only %(n)s person has an address.",
            "Choose a number from 1 to %(n)s: so many have an address.",
            of,
        )
        raise ValidationError({"canary": message % {"n": f"{of:,}"}})


def _is_override_agreed(draft: Version) -> bool:
    """Two people: the author's written reason, and an approver of this very manifest who agreed to it."""
    agreed = draft.reviews.filter(answer="approved", manifest_sha256=draft.manifest_sha256, agrees_to_override=True)
    return bool(draft.override_reason.strip()) and agreed.exists()


def next_number(policy: Policy) -> int:
    """The number the policy's next version gets; one that was withdrawn is not given again."""
    return (policy.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def next_label(draft: Version) -> Label:
    """What a draft will be called: the policy's next number, or the next correction of its number."""
    if draft.corrects is None:
        return Label(next_number(draft.policy))
    same = draft.policy.versions.filter(number=draft.corrects.number)
    return Label(draft.corrects.number or 0, (same.aggregate(last=Max("correction"))["last"] or 0) + 1)


def _append_publication(version: Version, *, at: datetime) -> None:
    ledger.append(
        kind="publication",
        reference=str(version.pk),
        body={
            "policy": version.policy_id,
            "number": version.number,
            **({"correction": version.correction} if version.correction else {}),
            "manifest_sha256": version.manifest_sha256,
            "published_at": ledger.instant(instant(version.published_at)),
            "effective_at": ledger.instant(instant(version.effective_at)),
            "imported": version.imported,
        },
        at=at,
    )


def _refuse_disorder(latest: Version | None, published_at: datetime, effective_at: datetime, at: datetime) -> None:
    if published_at > at:
        raise OutOfOrder(_("A past version cannot be published in the future. Import it as a draft instead."))
    if latest and (published_at < instant(latest.published_at) or effective_at < instant(latest.effective_at)):
        raise OutOfOrder(
            _("%(latest)s is newer than this text. Import old versions in ascending order.")
            % {"latest": latest.name.capitalize()}
        )
