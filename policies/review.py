"""REVIEW: submit, request changes, approve. Approval seals the manifest; an edit drops it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from policies import rendering
from policies.authoring import corrections, manifest, own_draft
from policies.authoring.obstacles import obstacles_of
from policies.models import AuditEvent, Review, User, Version
from policies.text import two_texts

OPEN = (Version.Status.DRAFT, Version.Status.IN_REVIEW)


class Incomplete(Exception):
    """Something is missing, or in the way of publishing; `missing` maps the field's name to what to do."""

    def __init__(self, missing: dict[str, str]) -> None:
        super().__init__(" ".join(missing.values()))
        self.missing = missing


class NotInReview(Exception):
    """Only a version in review is answered."""


class OwnWork(Exception):
    """Nobody approves what they edited, save where the policy is in solo mode."""


class ChangedSince(Exception):
    """The draft was edited after the reviewer opened it."""


class OverrideNotAgreed(Exception):
    """The draft overrides the promise in force; approving it means agreeing to that, in so many words."""


@transaction.atomic
def submit(*, version: Version, by: User, at: datetime) -> Version:
    """
    Hand a draft to the reviewers, with the proposal of its class computed from the redline.

    :raises Incomplete: if something is missing, or it could not be published as it stands
    :raises AlreadyPublished: if the version was published meanwhile
    """
    draft = own_draft(version)
    draft.proposal = propose(draft)
    _refuse_obstacles(draft, at=at)
    draft.status = Version.Status.IN_REVIEW
    draft.save(update_fields=["proposal", "status"])
    if draft.corrects_id:
        corrections.follow(draft, by=by, at=at)
        for companion in draft.companions.all():
            companion.proposal = propose(companion)
            companion.save(update_fields=["proposal"])
            _refuse_obstacles(companion, at=at)
    AuditEvent.record("version.submitted", version=draft, by=by, at=at)
    return draft


@transaction.atomic
def request_changes(*, version: Version, by: User, at: datetime, comment: str) -> Review:
    """
    Send a version back with a comment.

    :raises NotInReview: if it is not in review
    :raises Incomplete: if the comment is empty
    """
    draft = _in_review(version)
    if not comment.strip():
        raise Incomplete({"comment": _("Say what should change: the author sees your comment.")})
    draft.status = Version.Status.DRAFT
    draft.save(update_fields=["status"])
    return _answer(draft, Review.Answer.CHANGES_REQUESTED, by=by, at=at, comment=comment)


@transaction.atomic
def approve(
    *,
    version: Version,
    by: User,
    at: datetime,
    comment: str = "",
    agrees_to_override: bool = False,
    seen_manifest: str | None = None,
) -> Review:
    """
    Approve a version: seal its manifest and render what will be published. `seen_manifest` is the sha256 shown.

    :raises NotInReview: if it is not in review
    :raises OwnWork: if `by` edited it and the policy is not in solo mode
    :raises ChangedSince: if it is no longer what the reviewer saw
    :raises OverrideNotAgreed: if it overrides the promise and the reviewer does not agree to that
    :raises Incomplete: if it could not be published as it stands
    """
    draft = _in_review(version)
    _refuse_obstacles(draft, at=at)
    has_second_person = by.pk not in editors_of(draft)
    if not has_second_person and not draft.policy.solo:
        raise OwnWork(_("You edited this version. Somebody else has to approve it."))
    if draft.override_reason and not agrees_to_override:
        raise OverrideNotAgreed(_("This version overrides the promise in force. Agree to that, or request changes."))
    if not corrections.follows_still(draft, at=at):
        raise ChangedSince(_("What is announced changed since this was handed in. Send it back to its author."))
    given = {"comment": comment, "agrees_to_override": agrees_to_override, "solo": not has_second_person}
    review = _seal(draft, seen_manifest, by=by, at=at, **given)
    for companion in corrections.companions(draft):
        _seal(companion, None, by=by, at=at, **given)
    return review


def editors_of(version: Version) -> set[int]:
    """The ids of everybody who saved a revision of a version."""
    return {version.started_by_id, *version.revisions.values_list("by_id", flat=True)}


def approvers_of(version: Version) -> QuerySet[User]:
    """Everybody at the desk who may approve a version: not those who edited it, save in solo mode."""
    able = User.objects.at_desk_with("approve_version")
    return able if version.policy.solo else able.exclude(pk__in=editors_of(version))


def propose(version: Version) -> dict[str, object] | None:
    """Propose a class for a draft from its redline, with reason codes and quotes; None for a first version."""
    before = version.based_on.texts.filter(authoritative=True).first() if version.based_on else None
    after = version.texts.filter(authoritative=True).first()
    if before is None or after is None:
        return None
    found = two_texts.propose(before.body, after.body)
    return {"class": found.klass, "reasons": [{"code": r.code, "quote": r.quote} for r in found.reasons]}


def _refuse_obstacles(draft: Version, *, at: datetime) -> None:
    found = obstacles_of(draft, at=at)
    if found:
        raise Incomplete({each.field or each.kind: each.words for each in found})


def _seal(draft: Version, seen_manifest: str | None, *, by: User, at: datetime, **given: object) -> Review:
    """Approve exactly what stands there now."""
    draft.manifest = manifest.build(draft)
    draft.manifest_sha256 = manifest.fingerprint(draft.manifest)
    if seen_manifest is not None and seen_manifest != draft.manifest_sha256:
        raise ChangedSince(_("The version was edited after you opened it. Look at it again."))
    draft.status = Version.Status.APPROVED
    draft.save(update_fields=["manifest", "manifest_sha256", "status"])
    rendering.store(draft)
    return _answer(draft, Review.Answer.APPROVED, by=by, at=at, **given)


def _in_review(version: Version) -> Version:
    draft = own_draft(version)
    if draft.status != Version.Status.IN_REVIEW:
        raise NotInReview(
            _("This version is not in review: it is “%(status)s”.") % {"status": draft.get_status_display()}
        )
    return draft


def _answer(draft: Version, answer: str, *, by: User, at: datetime, **details: object) -> Review:
    seen = draft.manifest_sha256 or manifest.fingerprint(manifest.build(draft))
    given = draft.reviews.create(manifest_sha256=seen, answer=answer, by=by, at=at, **details)
    verb = "version.approved" if answer == Review.Answer.APPROVED else "version.changes_requested"
    AuditEvent.record(verb, version=draft, by=by, at=at, review=given.pk)
    return given
