"""
Delete a policy of which nothing was ever published, with its drafts. The audit record keeps what was done to it.

The policy's row goes first: the guards let reviews, readings of promises and addresses go only where it is gone. They
go with it, in one transaction, or not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from policies import ledger
from policies.models import (
    Act,
    AuditEvent,
    DeletionRequest,
    Follower,
    Notice,
    Policy,
    PolicyAddress,
    Promise,
    PromiseTier,
    Review,
    Revision,
    Standing,
    TermsProposal,
    Tier,
    User,
    Version,
)
from policies.models.audit import DELETED
from policies.publishing.refusals import EverPublished


@dataclass(frozen=True)
class Remains:
    """What would go with a policy, and what stays of it: the events of the audit record."""

    drafts: int
    revisions: int
    reviews: int
    readings: int
    followers: int
    addresses: tuple[str, ...]
    events: int


def remains_of(policy: Policy) -> Remains:
    """Count what deleting a policy would take along."""
    return Remains(
        drafts=policy.versions.count(),
        revisions=Revision.objects.filter(version__policy=policy).count(),
        reviews=Review.objects.filter(version__policy=policy).count(),
        readings=Promise.objects.filter(version__policy=policy).count(),
        followers=policy.followers.count(),
        addresses=tuple(policy.addresses.order_by("slug").values_list("slug", flat=True)),
        events=AuditEvent.objects.filter(policy=policy.pk).count(),
    )


@transaction.atomic(durable=True)
def delete_policy(*, policy: Policy, by: User, at: datetime) -> None:
    """
    Delete a policy that never published anything, with its drafts; its addresses are free again.

    Its name, and what reviewers answered about its drafts, stay in the audit record: in the event of the deletion.

    :raises EverPublished: if anything of it was ever published, or a person is on record about it
    """
    found = Policy.objects.locked(policy.pk)
    if why := standing_in_the_way(found):
        raise EverPublished(why)
    versions = list(found.versions.order_by("pk").values_list("pk", flat=True))
    bound: tuple[QuerySet[Any], ...] = (
        PromiseTier.objects.filter(promise__version__in=versions),
        Promise.objects.filter(version__in=versions),
        Review.objects.filter(version__in=versions),
        PolicyAddress.objects.filter(policy=found.pk),
    )
    AuditEvent.record(
        DELETED,
        policy=found,
        by=by,
        at=at,
        title=found.title,
        uid=found.uid.hex,
        addresses=list(remains_of(found).addresses),
        drafts=versions,
        reviews=[_said(review) for review in bound[2].order_by("pk")],
    )
    for rows in bound:
        ledger.release(rows, at=at)
    for follows in (TermsProposal, Tier, Follower):
        follows._base_manager.filter(policy=found.pk).delete()
    # Not through Django, which wants what refers to a row gone before it: the database looks at the end of all this.
    for rows in (Policy.objects.filter(pk=found.pk), *bound):
        rows._raw_delete(rows.db)  # noqa: SLF001 - DELETE and no more; Django has no other name for it
    Version.objects.filter(pk__in=versions).delete()


def standing_in_the_way(policy: Policy) -> str:
    """Why a policy cannot be deleted; empty where it can. What was published can only be retired."""
    of_a_version = {"version__policy": policy.pk}
    if (
        policy.is_published
        or policy.terms_on_record.exists()
        or policy.reviews.exists()
        or Notice.objects.filter(**of_a_version).exists()
        or Act.objects.filter(**of_a_version).exists()
    ):
        return _("Something of this policy was published: it stays on the record for ever. Retire it instead.")
    if any(model._base_manager.filter(policy=policy.pk).exists() for model in (Standing, DeletionRequest)):
        return _("A person is on record about this policy, such as one who asked to be deleted. It stays.")
    return ""


def _said(review: Review) -> dict[str, object]:
    return {
        "draft": review.version_id,
        "answer": review.answer,
        "comment": review.comment,
        "manifest_sha256": review.manifest_sha256,
        "by": review.by_id,
        "at": ledger.instant(review.at),
    }
