"""What the desk says about one version: the strip, the panels beside the editor, and the next step."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import publishing, rendering, review
from policies.admin import tidy_page
from policies.admin.moments import in_utc, in_zone
from policies.admin.places import version_url
from policies.admin.policy_page import state_of
from policies.authoring import manifest
from policies.models import AuditEvent, ChangeClass, Comparison, Promise, PromiseCheck, Version
from policies.publishing import promise_check
from policies.text import lint, promises
from policies.text.lint import Finding
from policies.text.promises import FoundPromise
from policies.text.reasons import REASONS

LABELS = dict(REASONS)


@dataclass(frozen=True)
class Step:
    """One stage of a version's life. `state` is done, now or ahead; `detail` says who and when."""

    label: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Redline:
    """The comparison with the version in force, or why there is none."""

    against: str = ""
    comparison: Comparison | None = None
    counts: str = ""
    html: str = ""

    @property
    def is_quiet(self) -> bool:
        return self.comparison is not None and not self.comparison.sections


@dataclass(frozen=True)
class Proposal:
    """What the comparison proposes, with its evidence: (reason, quote). `fill` is that as values of the form (JSON)."""

    klass: str
    label: str
    evidence: tuple[tuple[str, str], ...]
    fill: str
    is_lowered: bool
    lowering_reason: str


@dataclass(frozen=True)
class PromisePanel:
    """The promise that governs this change, how the plan stands against it, and what the draft's own text promises."""

    governing: Version | None
    check: publishing.Check | None
    is_overridden: bool
    found: FoundPromise | None
    recorded: Promise | None
    governing_url: str
    record_url: str


@dataclass(frozen=True)
class Plan:
    """Dates in words and numbers of people. `earliest` is the first midnight that keeps the promise; `fill` its day."""

    effective: tuple[str, str] | None
    stated: str
    earliest: tuple[str, str] | None
    fill: str
    rehearsal: publishing.Rehearsal | None
    audience: str


@dataclass(frozen=True)
class NextStep:
    """The one primary button. Without an address it only says whose turn it is."""

    label: str
    url: str = ""
    explanation: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One line of what is on the record about a published version; `url` opens the rows behind it."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_grave: bool = False


@dataclass(frozen=True)
class VersionPage:
    name: str
    state: str
    tone: str
    steps: tuple[Step, ...]
    redline: Redline
    warnings: tuple[tuple[str, tuple[Finding, ...]], ...]
    proposal: Proposal | None
    promise: PromisePanel
    plan: Plan
    record: tuple[Fact, ...]
    next: NextStep
    links: tuple[Link, ...]
    reasons: tuple[str, ...]
    is_out_of_date: bool
    manifest_sha256: str
    html: str
    reviews: list[object] = field(default_factory=list)

    @property
    def warning_count(self) -> int:
        return sum(len(found) for _language, found in self.warnings)


def build(version: Version, *, at: datetime, may: Callable[[str], bool]) -> VersionPage:
    """Everything beside the editor. Reads only; a draft's redline and rendering are made now and not kept."""
    state, tone = state_of(version, at)
    text = version.texts.filter(authoritative=True).first()
    rehearsal = publishing.rehearse(version=version, at=at)
    check = _check(version, at, rehearsal)
    return VersionPage(
        name=str(version.name),
        state=str(state),
        tone=tone,
        steps=steps_of(version, at),
        redline=redline_of(version, at),
        warnings=tuple(
            (text.get_language_display(), lint.lint(text.body, title=text.title, language=text.language))
            for text in version.texts.all()
        ),
        proposal=_proposal(version),
        promise=_promise(version, at, check),
        plan=_plan(version, check, rehearsal),
        record=tuple(_record(version)) if version.published_at else (),
        next=_next_step(version, at, may),
        links=tuple(_links(version, at, may)),
        reasons=tuple(_(LABELS.get(code, code)) for code in version.reasons),
        is_out_of_date=_is_out_of_date(version),
        manifest_sha256=version.manifest_sha256 or manifest.fingerprint(manifest.build(version)),
        html=rendering.rendering_of(text).html if text else "",
        reviews=list(version.reviews.select_related("by")),
    )


def steps_of(version: Version, at: datetime) -> tuple[Step, ...]:
    """Draft, in review, approved, published, in force: how far this version is, and who took it there."""
    order = [choice for choice, _label in Version.Status.choices]
    reached = order.index(version.status)
    takers = ["version.started", "version.submitted", "version.approved", "version.published"]
    if version.imported:
        takers[3] = "version.recorded"
    steps = []
    for position, (status, label) in enumerate(Version.Status.choices):
        state = "done" if position < reached or status == "published" == version.status else "ahead"
        state = "now" if position == reached and status != "published" else state
        detail = _who_and_when(version, takers[position]) if position <= reached else ""
        steps.append(Step(str(label), state, detail))
    return (*steps, _in_force_step(version, at))


def redline_of(version: Version, at: datetime) -> Redline:
    """The redline against what a reader has now: the version in force, or the one this is based on."""
    against = _compared_with(version, at)
    after = version.texts.filter(authoritative=True).first()
    before = against.texts.filter(authoritative=True).first() if against else None
    if against is None or before is None or after is None:
        return Redline()
    comparison = rendering.comparison_of(before, after)
    return Redline(
        against=str(against.name),
        comparison=comparison,
        counts=_counts(comparison.summary),
        html=comparison.changes_html,
    )


def _counts(summary: dict[str, int]) -> str:
    """Such as “2 sections changed, 1 new; 62 words added, 18 removed”."""
    sections = [
        ngettext("%(n)d section changed", "%(n)d sections changed", summary["sections_changed"])
        % {"n": summary["sections_changed"]},
        *(
            text % {"n": summary[key]}
            for key, text in (
                ("sections_added", _("%(n)d new")),
                ("sections_removed", _("%(n)d removed")),
                ("sections_moved", _("%(n)d moved")),
                ("sections_renamed", _("%(n)d renamed")),
            )
            if summary[key]
        ),
    ]
    words = _("%(added)d words added, %(removed)d removed") % {
        "added": summary["words_added"],
        "removed": summary["words_removed"],
    }
    return f"{', '.join(sections)}; {words}"


def _compared_with(version: Version, at: datetime) -> Version | None:
    if version.published_at is None:
        governing = version.policy.versions.in_force(at).first()
        if governing and version.based_on and version.based_on.number == governing.number:
            return governing
    return version.based_on


def _proposal(version: Version) -> Proposal | None:
    found = review.propose(version) if version.published_at is None else version.proposal
    if not found:
        return None
    klass = str(found["class"])
    reasons = cast("list[dict[str, str]]", found["reasons"])
    evidence = tuple((_(LABELS.get(reason["code"], reason["code"])), reason["quote"]) for reason in reasons)
    is_lowered = klass == ChangeClass.MATERIAL != version.change_class
    codes = list(dict.fromkeys(reason["code"] for reason in reasons))
    fill = json.dumps({"change_class": klass, "reasons": codes})
    return Proposal(klass, str(ChangeClass(klass).label), evidence, fill, is_lowered, version.lowering_reason)


def _check(version: Version, at: datetime, rehearsal: publishing.Rehearsal) -> publishing.Check | None:
    """How a draft would stand now; how a publication stood then. An imported version was never checked."""
    if version.published_at is None:
        return promise_check.check(version=version, at=at, reached_at=rehearsal.last_reached_at)
    kept = PromiseCheck.objects.filter(version=version).select_related("promise__version").first()
    if kept is None:
        return None
    lines = tuple(publishing.Line(**line) for line in kept.lines)
    return publishing.Check(lines, kept.promise, version.tells_people, earliest_effective_at=None)


def _promise(version: Version, at: datetime, check: publishing.Check | None) -> PromisePanel:
    governing = version.policy.versions.in_force(at).exclude(pk=version.pk).first()
    if version.published_at:
        governing = check.promise.version if check and check.promise else None
    text = version.texts.filter(authoritative=True).first()
    clause = promises.find_clause(text.body) if text else None
    return PromisePanel(
        governing=governing,
        check=check,
        is_overridden=PromiseCheck.objects.filter(version=version, overridden=True).exists(),
        found=promises.read_promise(clause.text, anchor=clause.anchor) if clause else None,
        recorded=version.promises.standing().prefetch_related("tiers").first(),
        governing_url=version_url(governing, "promise") if governing else "",
        record_url=version_url(version, "promise"),
    )


def _plan(version: Version, check: publishing.Check | None, rehearsal: publishing.Rehearsal) -> Plan:
    policy, is_draft = version.policy, version.published_at is None
    earliest = check.earliest_effective_at if check else None
    return Plan(
        effective=_both_zones(version, version.effective_at),
        stated=version.stated_date.isoformat() if version.stated_date else "",
        earliest=_both_zones(version, earliest),
        fill=json.dumps({"effective_on": f"{earliest.astimezone(policy.zone):%Y-%m-%d}"}) if earliest else "",
        rehearsal=rehearsal if is_draft and check and check.tells_people else None,
        audience=_("people tagged “%s”") % policy.audience_tag if policy.audience_tag else _("everybody"),
    )


def _record(version: Version) -> Iterator[Fact]:
    """Dates, postponements, notices and acts of a published version."""
    zone, key = version.policy.zone, version.pk
    for label, instant in ((_("Published"), version.published_at), (_("Withdrawn"), version.withdrawn_at)):
        if instant:
            yield Fact(label, f"{in_zone(instant, zone)} · {in_utc(instant)}")
    for moved in version.postponements.select_related("by"):
        words = _("from %(before)s, by %(who)s: %(reason)s")
        before = in_zone(moved.was_effective_at, zone)
        yield Fact(_("Postponed"), words % {"before": before, "who": moved.by, "reason": moved.reason})
    events = reverse("admin:policies_auditevent_changelist")
    notices = reverse("admin:policies_notice_changelist")
    if version.tells_people:
        yield Fact(_("Told people"), _("its notices"), f"{notices}?version__id__exact={key}")
    else:
        yield Fact(_("Told people"), _("no: the page, its date and its feed changed"))
    yield Fact(_("Audit record"), _("everything done to this version"), f"{events}?version__id__exact={key}")


def _both_zones(version: Version, instant: datetime | None) -> tuple[str, str] | None:
    return (in_zone(instant, version.policy.zone), in_utc(instant)) if instant else None


def _next_step(version: Version, at: datetime, may: Callable[[str], bool]) -> NextStep:
    match version.status:
        case Version.Status.DRAFT:
            return _submitting(version, at, may)
        case Version.Status.IN_REVIEW:
            label = _("Review this version")
            return (
                NextStep(label, version_url(version, "review"))
                if may("approve_version")
                else NextStep(_("Waiting for an approver"), explanation=_("Saving an edit takes it back to a draft."))
            )
        case Version.Status.APPROVED:
            label = _("Publish…")
            return (
                NextStep(label, version_url(version, "publish"), _("Opens the page to read before you publish."))
                if may("publish_version")
                else NextStep(_("Approved: waiting for a publisher"))
            )
        case _:
            return NextStep("")


def _submitting(version: Version, at: datetime, may: Callable[[str], bool]) -> NextStep:
    if not may("change_version"):
        return NextStep(_("Being written"))
    missing = review.missing_in(version, at=at)
    return NextStep(_("Submit for review…"), version_url(version, "submit"), missing=tuple(missing.values()))


def _links(version: Version, at: datetime, may: Callable[[str], bool]) -> list[Link]:
    links = []
    if version.published_at is None:
        links.append(Link(_("Revisions"), version_url(version, "revisions")))
        if may("change_version") and tidy_page.offered(version):
            links.append(Link(_("Remove lines of the page"), version_url(version, "tidy")))
        if may("change_version") and _is_out_of_date(version):
            links.append(Link(_("Base on the latest version"), version_url(version, "rebase")))
        if may("delete_version"):
            links.append(Link(_("Discard"), version_url(version, "discard"), is_grave=True))
        return links
    links.append(Link(_("Public page"), f"/p/{version.policy.slug}/v/{version.number}/"))
    if may("approve_version") and not version.withdrawn_at:
        links.append(Link(_("Add a translation"), version_url(version, "translate")))
    if version.effective_at and version.effective_at > at and not version.withdrawn_at and may("publish_version"):
        links.append(Link(_("Postpone"), version_url(version, "postpone")))
        links.append(Link(_("Withdraw"), version_url(version, "withdraw"), is_grave=True))
    return links


def _is_out_of_date(version: Version) -> bool:
    if version.published_at:
        return False
    latest = version.policy.versions.standing().first()
    return version.based_on_id != (latest.pk if latest else None)


def _who_and_when(version: Version, verb: str) -> str:
    event = AuditEvent.objects.filter(version=version, verb=verb).select_related("actor").first()
    if event is None:
        return ""
    return f"{event.actor or _('the system')}, {event.at.astimezone(version.policy.zone):%Y-%m-%d %H:%M}"


def _in_force_step(version: Version, at: datetime) -> Step:
    if version.withdrawn_at:
        return Step(_("Withdrawn"), "now", in_zone(version.withdrawn_at, version.policy.zone))
    if version.published_at is None or version.effective_at is None:
        return Step(_("In force"), "ahead")
    moment = in_zone(version.effective_at, version.policy.zone)
    if version.effective_at > at:
        return Step(_("In force"), "ahead", _("from %s") % moment)
    is_now = Version.objects.in_force(at).filter(pk=version.pk).exists()
    return Step(_("In force") if is_now else _("Superseded"), "now" if is_now else "done", moment)
