"""What waits for the person at the desk: versions to review, to publish or to finish, and texts to read again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from policies import review
from policies.acceptance import leaving
from policies.admin.desk.page_links import hand_in_again_url, policy_url, translation_url, version_url
from policies.admin.desk.who_approves import INVITE
from policies.admin.notice import page as notice_page
from policies.admin.policy.page import review_due_on, review_line
from policies.models import (
    DeletionRequest,
    Notice,
    Policy,
    Promise,
    TermsProposal,
    TranslationProposal,
    User,
    Version,
)
from policies.notices.send import restore_guard

# The first page shows the most pressing; the list has them all.
MOST_REQUESTS = 20

HELD = {
    restore_guard.Hold.RESTORED: _("Held: restored from a backup"),
    restore_guard.Hold.UNKNOWN: _("Held: this machine has no mark of the database"),
}


@dataclass(frozen=True)
class Task:
    """One thing to do: what it is about, what to do, and where."""

    about: str
    what: str
    url: str
    tone: str


def waiting_for(user: User, *, at: datetime) -> list[Task]:
    """The most pressing first: deadlines, notices and answers others wait for, one's own work, reviews that are due."""
    return [
        *_to_answer(user, at),
        *_to_steer(user),
        *_to_review(user),
        *_to_find_an_approver(user),
        *_to_publish(user),
        *_to_read_promises(user, at),
        *_to_finish(user),
        *_to_read_again(user, at),
    ]


def _to_answer(user: User, at: datetime) -> Iterator[Task]:
    """Requests to be deleted stay here until somebody closes them."""
    if not user.has_perm("policies.change_deletionrequest"):
        return
    open_ones = DeletionRequest.objects.filter(closed_at=None).select_related("policy").order_by("due_on", "id")
    for request in open_ones[:MOST_REQUESTS]:
        is_late = leaving.is_overdue(request, at=at)
        what = _("Overdue since %s") if is_late else _("Answer by %s")
        url = reverse("admin:policies_deletionrequest_close", args=[request.pk])
        about = _("Deletion request, %(policy)s") % {"policy": request.policy}
        yield Task(about, what % formats.date_format(request.due_on, "DATE_FORMAT"), url, "bad" if is_late else "soon")


def _to_steer(user: User) -> Iterator[Task]:
    """Whom nobody tells as long as nobody looks: everybody after a restore, and whoever waits in a paused notice."""
    if not user.has_perm("policies.change_notice"):
        return
    if why := restore_guard.hold():
        url = reverse("admin:policies_notice_changelist")
        yield Task(_("All notices"), HELD[why], url, "bad")
    for notice in Notice.objects.filter(state=Notice.State.PAUSED).select_related("version__policy"):
        yield Task(str(notice), _("Paused: look, then resume"), notice_page.url(notice), "soon")


def _to_review(user: User) -> Iterator[Task]:
    if user.has_perm("policies.approve_version"):
        for version in _versions().filter(status=Version.Status.IN_REVIEW):
            if review.approvers_of(version).filter(pk=user.pk).exists():
                yield Task(str(version), _("Review it"), version_url(version, "review"), "busy")
        for proposal in TermsProposal.objects.exclude(by=user).select_related("policy").order_by("at"):
            yield Task(str(proposal), _("Approve it, or take it back"), policy_url(proposal.policy), "busy")
        for translation in _translations().filter(sent_back="").exclude(by=user):
            yield Task(str(translation), _("Review the translation"), translation_url(translation), "busy")


def _to_find_an_approver(user: User) -> Iterator[Task]:
    """What was handed in and would wait for ever, for those who may invite somebody and those who wrote it."""
    may_invite = user.has_perm("policies.add_user")
    for version in _versions().filter(status=Version.Status.IN_REVIEW):
        if (may_invite or user.pk in review.editors_of(version)) and not review.approvers_of(version).exists():
            url = reverse(INVITE) if may_invite else version_url(version)
            yield Task(str(version), _("Nobody can approve it: give somebody the role approver"), url, "soon")


def _to_read_promises(user: User, at: datetime) -> Iterator[Task]:
    """Without a reading nobody can check whether the next change keeps what a text in force says about changes."""
    if not user.has_perm("policies.add_promise"):
        return
    stands = Q(pk__in=Version.objects.in_force(at)) | Q(pk__in=Version.objects.upcoming(at))
    read = Promise.objects.standing().filter(version=OuterRef("pk"))
    unread = Version.objects.filter(stands, ~Exists(read), policy__retired_at=None).select_related("policy")
    for version in unread.order_by("policy__title", "number"):
        url = version_url(version, "promise")
        yield Task(str(version), _("Record what it promises about changes"), url, "soon")


def _to_publish(user: User) -> Iterator[Task]:
    if user.has_perm("policies.publish_version"):
        for version in _versions().filter(status=Version.Status.APPROVED):
            yield Task(str(version), _("Approved: publish it"), version_url(version, "publish"), "good")


def _to_finish(user: User) -> Iterator[Task]:
    if user.has_perm("policies.change_version"):
        for version in _versions().filter(status=Version.Status.DRAFT):
            answer = version.reviews.order_by("id").last()
            begun = _("A correction to finish") if version.corrects_id else _("A draft to finish")
            what = _("Changes were requested") if answer else begun
            yield Task(str(version), what, version_url(version), "soon" if answer else "quiet")
        for translation in _translations().filter(by=user).exclude(sent_back=""):
            yield Task(str(translation), _("Changes were requested"), hand_in_again_url(translation), "soon")


def _to_read_again(user: User, at: datetime) -> Iterator[Task]:
    if not user.has_perm("policies.publish_version"):
        return
    for policy in Policy.objects.filter(retired_at=None):
        due = review_due_on(policy)
        if due and due <= at.astimezone(policy.zone).date():
            what = _("Read it again: %s") % review_line(policy, at=at)
            yield Task(str(policy), what, policy_url(policy, "confirm"), "soon")


def _translations() -> QuerySet[TranslationProposal]:
    return TranslationProposal.objects.select_related("version__policy").order_by("at")


def _versions() -> QuerySet[Version]:
    return Version.objects.drafts().select_related("policy").order_by("edited_at")
