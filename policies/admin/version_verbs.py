"""The verbs about one version, each with a page of its own that calls exactly one of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext

from policies import authoring, clock, publishing, review, tasks
from policies.admin import promise_page, revision_page, tidy_page, version_page
from policies.admin.base import frame, may, user_of
from policies.admin.fields import midnight
from policies.admin.forms import AnswerForm, PostponeForm, SeenForm, TranslationForm, WithdrawForm
from policies.admin.moments import in_zone
from policies.admin.places import policy_url, version_url
from policies.admin.publish_page import PublishPage, publish_page
from policies.admin.verbs import Act, Outcome, VerbPage, confirm
from policies.models import Version

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Version]
else:
    Base = object


class VersionVerbs(Base):
    """Mixed into the version's admin; `verb_names` are the last parts of the addresses."""

    verb_names = (
        "submit",
        "review",
        "publish",
        "postpone",
        "withdraw",
        "rebase",
        "discard",
        "revisions",
        "promise",
        "tidy",
        "translate",
    )

    def submit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand a draft to the reviewers."""
        version = _version(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            review.submit(version=version, by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("Submitted. The approvers are told by mail."), version_url(version))

        page = VerbPage(
            title=gettext("Submit %(version)s for review") % {"version": version},
            button=gettext("Submit for review"),
            permission="change_version",
            paragraphs=(
                gettext("An approver reads the redline, your summary and the class, and approves or asks for changes."),
                gettext("You can still edit: an edit takes it back to a draft."),
            ),
            template="admin/policies/version/submit.html",
            values={"desk": self.desk(request, version)},
        )
        return self._confirm(request, version, page, act)

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve a version in review, or send it back."""
        version = _version(pk)

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
        page = VerbPage(
            title=gettext("Review %(version)s") % {"version": version},
            button=gettext("Approve"),
            permission="approve_version",
            form_class=AnswerForm,
            template="admin/policies/version/review.html",
            values={
                "desk": self.desk(request, version),
                "is_own": is_own,
                "is_open": version.status == Version.Status.IN_REVIEW,
                "may_approve": not is_own or version.policy.solo,
            },
        )
        return self._confirm(request, version, page, act)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page to read aloud before pressing, and the verb that cannot be taken back."""
        version = _version(pk)
        plan = publish_page(version, at=clock.now())

        def act(data: Mapping[str, Any]) -> Outcome:
            published = publishing.publish(
                version=version, by=user_of(request), at=clock.now(), seen_manifest=data["seen_manifest"]
            )
            tasks.ring()
            return Outcome(_published(published, plan), version_url(version))

        page = VerbPage(
            title=gettext("Publish %(policy)s, version %(number)d") % {"policy": version.policy, "number": plan.number},
            button=plan.button,
            permission="publish_version",
            form_class=SeenForm,
            template="admin/policies/version/publish.html",
            values={"desk": self.desk(request, version), "plan": plan},
        )
        return self._confirm(request, version, page, act)

    def postpone(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move an upcoming version to a later day."""
        version = _version(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            moved = publishing.postpone(
                version=version,
                effective_at=midnight(data["day"], version.policy.zone),
                reason=data["reason"],
                by=user_of(request),
                at=clock.now(),
            )
            tasks.ring()
            moment = in_zone(moved.effective_at, version.policy.zone)
            return Outcome(gettext("Postponed: it takes effect on %s.") % moment, version_url(version))

        page = VerbPage(
            title=gettext("Postpone %(version)s") % {"version": version},
            button=gettext("Postpone"),
            permission="publish_version",
            paragraphs=(_announced(version), gettext("It can only be moved to a later day, 00:00 in the legal zone.")),
            form_class=PostponeForm,
        )
        return self._confirm(request, version, page, act)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Withdraw an upcoming version before it takes effect."""
        version = _version(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            publishing.withdraw(version=version, reason=data["reason"], by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("Withdrawn. It stays on the record; its number is not used again."), back)

        back = version_url(version)
        page = VerbPage(
            title=gettext("Withdraw %(version)s") % {"version": version},
            button=gettext("Withdraw this version"),
            permission="publish_version",
            paragraphs=(
                _announced(version),
                gettext("It will never take effect, stays readable as withdrawn, and whoever was told is told again."),
            ),
            is_grave=True,
            form_class=WithdrawForm,
        )
        return self._confirm(request, version, page, act)

    def rebase(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Base a draft on the latest standing version."""
        version = _version(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            draft = authoring.rebase(version=version, by=user_of(request), at=clock.now())
            base = draft.based_on.name if draft.based_on else gettext("nothing")
            return Outcome(gettext("Now based on %s. Look at the redline before you submit.") % base, back)

        back = version_url(version)
        page = VerbPage(
            title=gettext("Base %(version)s on the latest version") % {"version": version},
            button=gettext("Base on the latest version"),
            permission="change_version",
            paragraphs=(
                gettext("Another version was published since this draft was begun."),
                gettext(
                    "Your text stays as it is: the redline then shows what it would take back. Approval is dropped."
                ),
            ),
        )
        return self._confirm(request, version, page, act)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Throw a draft away."""
        version = _version(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            authoring.discard(version=version, by=user_of(request), at=clock.now())
            return Outcome(gettext("The draft was discarded."), policy_url(version.policy))

        page = VerbPage(
            title=gettext("Discard %(version)s") % {"version": version},
            button=gettext("Discard this draft"),
            permission="delete_version",
            paragraphs=(gettext("The draft and all its revisions are deleted. A draft that was reviewed stays."),),
            is_grave=True,
        )
        return self._confirm(request, version, page, act)

    def revisions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every saved edit of a draft, and the redline of any two."""
        version = _version(pk)
        if not may(request, "view_revision"):
            raise PermissionDenied
        context = {
            **frame(self, request, version, gettext("Revisions of %(version)s") % {"version": version}),
            "history": revision_page.build(version, request.GET),
            "may_restore": may(request, "change_version") and not version.is_published,
            "back": version_url(version),
        }
        return render(request, "admin/policies/version/revisions.html", context)

    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Make an earlier revision the draft's content again."""
        version = _version(pk)
        revision = get_object_or_404(version.revisions, number=number)

        def act(_data: Mapping[str, Any]) -> Outcome:
            made = authoring.restore(revision=revision, by=user_of(request), at=clock.now())
            return Outcome(gettext("Restored as revision %d.") % made.number, version_url(version))

        page = VerbPage(
            title=gettext("Restore revision %(number)d of %(version)s") % {"number": number, "version": version},
            button=gettext("Restore revision %d") % number,
            permission="change_version",
            paragraphs=(gettext("Its text and decisions become a new revision. The present one stays in the list."),),
        )
        return self._confirm(request, version, page, act)

    def tidy(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove lines that belong to the page a text was copied from."""
        version = _version(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            revision = authoring.save_draft(
                version=version,
                by=user_of(request),
                at=clock.now(),
                texts=tidy_page.without(version, data["lines"]),
                expected_revision=data["expected_revision"],
                remark=gettext("removed lines of the page around the text"),
            )
            return Outcome(gettext("Removed, and saved as revision %d.") % revision.number, version_url(version))

        page = VerbPage(
            title=gettext("Lines in %(version)s that belong to a page") % {"version": version},
            button=gettext("Remove the chosen lines"),
            permission="change_version",
            paragraphs=(gettext("They look like parts of the page this text was copied from. You decide."),),
            form_class=tidy_page.form_for(version),
        )
        return self._confirm(request, version, page, act)

    def translate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a translation to a published version; whoever adds it has checked it."""
        version = _version(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            text = authoring.TextInput(data["language"], data["title"], data["body"], data["short_version"])
            publishing.add_translation(
                version=version, text=text, translated_by=data["translated_by"], by=user_of(request), at=clock.now()
            )
            return Outcome(gettext("The translation is published and sealed."), version_url(version))

        page = VerbPage(
            title=gettext("Add a translation to %(version)s") % {"version": version},
            button=gettext("Publish this translation"),
            permission="approve_version",
            paragraphs=(
                gettext("You say that you checked it against the authoritative text. It is sealed and stays for ever."),
            ),
            form_class=TranslationForm,
        )
        return self._confirm(request, version, page, act)

    def promise(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record what a version's text says about future changes."""
        version = _version(pk)
        if not may(request, "add_promise"):
            raise PermissionDenied
        found = promise_page.found_in(version)
        start = found.promise if found and "found" in request.GET else None
        reading = promise_page.ReadingForms(version, request.POST if request.method == "POST" else None, start)
        status = 200
        if request.method == "POST":
            status = 422
            if reading.is_valid():
                try:
                    authoring.record_promise(
                        version=version,
                        tiers=reading.readings,
                        **reading.promise.cleaned_data,
                        by=user_of(request),
                        at=clock.now(),
                    )
                except ValidationError as error:
                    promise_page.show(reading.promise, error)
                else:
                    messages.success(request, gettext("The reading is recorded. An earlier one stays on the record."))
                    return redirect(version_url(version))
        context = {
            **frame(self, request, version, gettext("What %(version)s promises about changes") % {"version": version}),
            "reading": reading,
            "found": found,
            "back": version_url(version),
        }
        return render(request, "admin/policies/version/promise.html", context, status=status)

    def desk(self, request: HttpRequest, version: Version) -> version_page.VersionPage:
        """What every page about a version shows."""
        return version_page.build(version, at=clock.now(), may=lambda right: may(request, right))

    def _confirm(self, request: HttpRequest, version: Version, page: VerbPage, act: Act) -> HttpResponse:
        return confirm(request, page=page, of=self, obj=version, act=act, back=version_url(version))


def _version(pk: int) -> Version:
    return get_object_or_404(Version.objects.select_related("policy", "based_on"), pk=pk)


def _announced(version: Version) -> str:
    if version.effective_at is None:
        return gettext("It has no effective date yet.")
    return gettext("Announced to take effect on %s.") % in_zone(version.effective_at, version.policy.zone)


def _published(version: Version, plan: PublishPage) -> str:
    if not version.tells_people:
        return gettext("Published as version %d.") % version.number
    people = ngettext("%(n)d person is being told.", "%(n)d people are being told.", plan.people) % {"n": plan.people}
    return gettext("Published as version %(number)d. %(people)s") % {"number": version.number, "people": people}
