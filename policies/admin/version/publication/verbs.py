"""The verbs of publication and after it: each has a page of its own that calls exactly one of them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext

from policies import authoring, clock, publishing, tasks
from policies.admin.desk.base import frame, may, user_of
from policies.admin.desk.deliverability_card import card_of
from policies.admin.desk.evidence_pack import hand_out
from policies.admin.desk.form_fields import midnight
from policies.admin.desk.forms import (
    BringForwardAsToldForm,
    BringForwardForm,
    PostponeForm,
    PublishForm,
    WithdrawForm,
)
from policies.admin.desk.instant_formats import in_zone
from policies.admin.desk.page_links import version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.version.publication import date_page, promise_page, rehearsal_page
from policies.admin.version.publication.publish_page import PublishPage, first, publish_page
from policies.admin.version.shared import VersionsAdmin, desk_of
from policies.evidence.pack import packing
from policies.models import DeliverabilityCheck, Version
from policies.notices.upkeep import deliverability_checks
from policies.sign_in.showing_again import asking_again


def publish(request: HttpRequest, version: Version) -> Verb:
    """The page to read aloud before pressing, and the verb that cannot be taken back."""
    at = clock.now()
    plan = publish_page(version, at=at)
    # Pressing the button does not count everybody once more.
    who = SimpleLazyObject(lambda: rehearsal_page.build(version, plan.rehearsal, plan.check, at=at))

    def act(data: Mapping[str, Any]) -> Outcome:
        published = publishing.publish(
            version=version,
            by=user_of(request),
            at=clock.now(),
            seen_manifest=data["seen_manifest"],
            canary=data["canary"],
        )
        tasks.ring()
        return Outcome(_published(published, plan, canary=data["canary"]), version_url(version))

    page = VerbPage(
        title=gettext("Publish %(policy)s, version %(number)s") % {"policy": version.policy, "number": plan.number},
        button=plan.button,
        permission="publish_version",
        is_binding=True,
        form_class=PublishForm,
        initial=first(plan),
        template="admin/policies/version/publish.html",
        values={
            "desk": desk_of(request, version),
            "plan": plan,
            "who": who,
            "deliverability": card_of(DeliverabilityCheck.known(), version.zone, otherwise=_not_checked()),
        },
    )
    return Verb(page, act)


def check_deliverability(_request: HttpRequest, version: Version) -> Verb:
    """Examine whether mail from here can be accepted, now. It forbids nothing."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        deliverability_checks.check(at=clock.now())
        said = _not_checked() if is_alone else gettext("Checked. What was found stands below, at the mail.")
        return Outcome(said, version_url(version, "publish"))

    is_alone = deliverability_checks.is_on_this_machine_alone()
    page = VerbPage(
        title=gettext("Check whether mail from here can be accepted"),
        button=gettext("Check now"),
        permission="publish_version",
        is_binding=False,
        paragraphs=(
            gettext("Asks the DNS about SPF, DKIM, DMARC and names, and the mail server for TLS: some seconds."),
            gettext("No mail is sent, and whatever is found keeps nobody from publishing."),
            *([_not_checked()] if is_alone else ()),
        ),
    )
    return Verb(page, act)


def _not_checked() -> str:
    if deliverability_checks.is_on_this_machine_alone():
        return gettext(
            "Not checked: this site is on this machine alone (SITE_URL), and nobody has to accept its mails."
        )
    return gettext("Not checked yet: workers do it once an hour.")


def postpone(request: HttpRequest, version: Version) -> Verb:
    """Move an upcoming version to a later day."""

    def act(data: Mapping[str, Any]) -> Outcome:
        moved = publishing.postpone(
            version=version,
            effective_at=midnight(data["day"], version.zone),
            reason=data["reason"],
            by=user_of(request),
            at=clock.now(),
        )
        tasks.ring()
        moment = in_zone(moved.effective_at, version.zone)
        return Outcome(gettext("Postponed: it takes effect on %s.") % moment, version_url(version))

    page = VerbPage(
        title=gettext("Postpone %(version)s") % {"version": version},
        button=gettext("Postpone"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(_announced(version), gettext("It can only be moved to a later day, 00:00 in the legal zone.")),
        form_class=PostponeForm,
    )
    return Verb(page, act)


def bring_forward(request: HttpRequest, version: Version) -> Verb:
    """Move an upcoming version to an earlier day, while nobody was told; the page says how each day stands."""

    def act(data: Mapping[str, Any]) -> Outcome:
        moved = publishing.bring_forward(
            version=version,
            effective_at=midnight(data["day"], version.zone),
            reason=data["reason"],
            override_reason=data.get("override_reason", ""),
            by=user_of(request),
            at=clock.now(),
        )
        tasks.ring()
        moment = in_zone(moved.effective_at, version.zone)
        return Outcome(gettext("Brought forward: it takes effect on %s.") % moment, version_url(version))

    may_override = publishing.may_override(version, user_of(request))
    plan = date_page.build(version, request.GET.get("day") or request.POST.get("day", ""), at=clock.now())
    page = VerbPage(
        title=gettext("Bring %(version)s forward") % {"version": version},
        button=gettext("Bring it forward"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(_announced(version),),
        form_class=BringForwardForm if may_override else BringForwardAsToldForm,
        initial={"day": plan.day},
        template="admin/policies/version/bring_forward.html",
        values={"plan": plan, "may_override": may_override},
    )
    return Verb(page, act)


def withdraw(request: HttpRequest, version: Version) -> Verb:
    """Withdraw an upcoming version before it takes effect."""

    def act(data: Mapping[str, Any]) -> Outcome:
        publishing.withdraw(version=version, reason=data["reason"], by=user_of(request), at=clock.now())
        tasks.ring()
        return Outcome(gettext("Withdrawn. It stays on the record; its number is not used again."), back)

    back = version_url(version)
    page = VerbPage(
        title=gettext("Withdraw %(version)s") % {"version": version},
        button=gettext("Withdraw this version"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(
            _announced(version),
            gettext("It will never take effect, stays readable as withdrawn, and whoever was told is told again."),
        ),
        is_grave=True,
        form_class=WithdrawForm,
    )
    return Verb(page, act)


def evidence(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """Everybody's acts about a published version, as a pack that verifies itself."""
    if version.published_at is None:
        raise Http404
    return hand_out(request, scope=packing.of_version(version), of=of, obj=version, back=version_url(version))


def promise(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """Record what a version's text says about future changes: publishing is held to it, so it asks who is there."""
    if not may(request, "add_promise"):
        raise PermissionDenied
    return asking_again(_promise)(request, of=of, version=version)


def _promise(request: HttpRequest, *, of: VersionsAdmin, version: Version) -> HttpResponse:
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
        **frame(of, request, version, gettext("What %(version)s promises about changes") % {"version": version}),
        "forms": reading,
        "found": found,
        "back": version_url(version),
    }
    return render(request, "admin/policies/version/promise.html", context, status=status)


def _announced(version: Version) -> str:
    if version.effective_at is None:
        return gettext("It has no effective date yet.")
    return gettext("Announced to take effect on %s.") % in_zone(version.effective_at, version.zone)


def _published(version: Version, plan: PublishPage, *, canary: int | None) -> str:
    if not version.tells_people:
        return gettext("Published as %s.") % version.name
    people = ngettext("%(n)d person is being told.", "%(n)d people are being told.", plan.people) % {"n": plan.people}
    if canary:
        people = ngettext(
            "%(n)s person is told first, then the notice waits for you.",
            "%(n)s people are told first, then the notice waits for you.",
            canary,
        ) % {"n": f"{canary:,}"}
    return gettext("Published as version %(number)s. %(people)s") % {"number": version.label, "people": people}
