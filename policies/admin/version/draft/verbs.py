"""The verbs about a draft: each has a page of its own that calls exactly one of them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from policies import authoring, clock, review, tasks
from policies.admin.desk import who_approves
from policies.admin.desk.base import frame, may, user_of
from policies.admin.desk.forms import AnswerForm
from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.version import actions
from policies.admin.version.draft import furniture_page, revision_page
from policies.admin.version.shared import VersionsAdmin, desk_of
from policies.models import Version


def submit(request: HttpRequest, version: Version) -> Verb:
    """Hand a draft to the reviewers."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        submitted = review.submit(version=version, by=user_of(request), at=clock.now())
        tasks.ring()
        return Outcome(_who_reviews(request, submitted), version_url(version))

    page = VerbPage(
        title=gettext("Submit %(version)s for review") % {"version": version},
        button=gettext("Submit for review"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            gettext("An approver reads the redline, your summary and the class, and approves or asks for changes."),
            gettext("You can still edit: an edit takes it back to a draft."),
        ),
        template="admin/policies/version/submit.html",
        values={"desk": desk_of(request, version)},
    )
    return Verb(page, act)


def _who_reviews(request: HttpRequest, version: Version) -> str:
    """What was done, and who is told of it: nobody where nobody could approve."""
    told = [str(user) for user in review.approvers_of(version).exclude(pk=user_of(request).pk).order_by("name")]
    if told:
        words = ngettext("Submitted. %(names)s is told by mail.", "Submitted. %(names)s are told by mail.", len(told))
        more = gettext("and %d more") % (len(told) - 3)
        return words % {"names": ", ".join([*told[:3], *([more] if len(told) > 3 else [])])}
    if review.approvers_of(version).exists():
        return gettext("Submitted. In solo mode you approve it yourself: the evidence says that nobody else did.")
    return format_html("{} {}", gettext("Submitted. Nobody was told."), who_approves.nobody_yet(request))


def answer(request: HttpRequest, version: Version) -> Verb:
    """Approve a version in review, or send it back."""

    def act(data: Mapping[str, Any]) -> Outcome:
        by, at, comment = user_of(request), clock.now(), data["comment"]
        if "request_changes" in request.POST:
            review.request_changes(version=version, by=by, at=at, comment=comment)
            return Outcome(gettext("Sent back. The author is told by mail."), version_url(version))
        review.approve(
            version=version,
            by=by,
            at=at,
            comment=comment,
            agrees_to_override=data["agrees_to_override"],
            seen_manifest=data["seen_manifest"],
        )
        return Outcome(gettext("Approved: exactly this can be published now."), version_url(version))

    is_own = user_of(request).pk in review.editors_of(version)
    in_the_way = list(actions.in_the_way(version, at=clock.now())) if version.published_at is None else []
    page = VerbPage(
        title=gettext("Review %(version)s") % {"version": version},
        button=gettext("Approve"),
        permission="approve_version",
        is_binding=True,
        form_class=AnswerForm,
        template="admin/policies/version/review.html",
        values={
            "desk": desk_of(request, version),
            "is_own": is_own,
            "is_open": version.status == Version.Status.IN_REVIEW,
            "may_approve": (not is_own or version.policy.solo) and not in_the_way,
            "in_the_way": in_the_way,
        },
    )
    return Verb(page, act)


def correct(request: HttpRequest, version: Version) -> Verb:
    """Start a correction of a version in force or announced."""
    if version.number is None:
        raise Http404

    def act(_data: Mapping[str, Any]) -> Outcome:
        draft = authoring.start_correction(version=version, by=user_of(request), at=clock.now())
        return Outcome(gettext("The draft of the correction is begun."), version_url(draft))

    page = VerbPage(
        title=gettext("Correct %(version)s") % {"version": version},
        button=gettext("Start the correction"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            gettext("For what changes no meaning: a misspelled word, a broken link, a lost number of a section."),
            gettext(
                "It keeps the number, as %(label)s.1 or the next, and the date. Nobody is asked for an answer, and"
                " answers about it stand. Somebody else approves it, and both texts stay on record."
            )
            % {"label": version.number},
            gettext(
                "Where the same words stand in a version that is announced already, they are corrected there too, by"
                " one approval and one publication. What the comparison finds may matter is no correction."
            ),
        ),
    )
    return Verb(page, act)


def start_from(request: HttpRequest, version: Version) -> Verb:
    """Start a draft with the words of an older version."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        at, by = clock.now(), user_of(request)
        draft = authoring.start_draft(policy=version.policy, by=by, at=at, words_of=version)
        return Outcome(gettext("A draft was started from %s.") % version.name, version_url(draft))

    page = VerbPage(
        title=gettext("Start a draft from %(version)s") % {"version": version},
        button=gettext("Start a draft"),
        permission="add_version",
        is_binding=False,
        paragraphs=(
            gettext("You get a draft with these words. Only the desk sees it."),
            gettext("It is compared with the latest version: the redline shows what it would take back."),
        ),
    )
    return Verb(page, act)


def rebase(request: HttpRequest, version: Version) -> Verb:
    """Base a draft on the latest standing version."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        draft = authoring.rebase(version=version, by=user_of(request), at=clock.now())
        base = draft.based_on.name if draft.based_on else gettext("nothing")
        return Outcome(gettext("Now based on %s. Look at the redline before you submit.") % base, back)

    back = version_url(version)
    page = VerbPage(
        title=gettext("Base %(version)s on the latest version") % {"version": version},
        button=gettext("Base on the latest version"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            gettext("Another version was published since this draft was begun."),
            gettext("Your text stays as it is: the redline then shows what it would take back. Approval is dropped."),
        ),
    )
    return Verb(page, act)


def discard(request: HttpRequest, version: Version) -> Verb:
    """Throw a draft away."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        authoring.discard(version=version, by=user_of(request), at=clock.now())
        return Outcome(gettext("The draft was discarded."), policy_url(version.policy))

    page = VerbPage(
        title=gettext("Discard %(version)s") % {"version": version},
        button=gettext("Discard this draft"),
        permission="delete_version",
        is_binding=False,
        paragraphs=(gettext("The draft and all its revisions are deleted. A draft that was reviewed stays."),),
        is_grave=True,
    )
    return Verb(page, act)


def revisions(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """Every saved edit of a draft, and the redline of any two."""
    if not may(request, "view_revision"):
        raise PermissionDenied
    context = {
        **frame(of, request, version, gettext("Revisions of %(version)s") % {"version": version}),
        "history": revision_page.build(version, request.GET),
        "may_restore": may(request, "change_version") and not version.is_published,
        "back": version_url(version),
    }
    return render(request, "admin/policies/version/revisions.html", context)


def restore(request: HttpRequest, version: Version, number: int) -> Verb:
    """Make an earlier revision the draft's content again."""
    revision = get_object_or_404(version.revisions, number=number)

    def act(_data: Mapping[str, Any]) -> Outcome:
        made = authoring.restore(revision=revision, by=user_of(request), at=clock.now())
        return Outcome(gettext("Restored as revision %d.") % made.number, version_url(version))

    page = VerbPage(
        title=gettext("Restore revision %(number)d of %(version)s") % {"number": number, "version": version},
        button=gettext("Restore revision %d") % number,
        permission="change_version",
        is_binding=False,
        paragraphs=(gettext("Its text and decisions become a new revision. The present one stays in the list."),),
    )
    return Verb(page, act)


def tidy(request: HttpRequest, version: Version) -> Verb:
    """Remove what belongs to the page a text was copied from, or is said by the page it gets here."""

    def act(data: Mapping[str, Any]) -> Outcome:
        revision = authoring.save_draft(
            version=version,
            by=user_of(request),
            at=clock.now(),
            texts=furniture_page.without(version, data["lines"]),
            expected_revision=data["expected_revision"],
            remark=gettext("removed what the page says by itself"),
        )
        return Outcome(gettext("Removed, and saved as revision %d.") % revision.number, version_url(version))

    page = VerbPage(
        title=gettext("What in %(version)s belongs to a page") % {"version": version},
        button=gettext("Remove what is chosen"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            gettext("Parts of the page this text was copied from, or what its page says by itself. You decide."),
            gettext("The text becomes a new revision. The present one stays in the list and can be restored."),
        ),
        form_class=furniture_page.form_for(version),
    )
    return Verb(page, act)
