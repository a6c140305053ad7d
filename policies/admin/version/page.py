"""What the desk says about one version: the strip, the panels beside the editor, and the next step."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import date_formats, publishing, rendering, review
from policies.acceptance import gate_arming
from policies.admin.desk.instant_formats import in_utc, in_zone
from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.policy.page import state_of
from policies.admin.version.actions import Link, NextStep, Step, is_out_of_date, links_of, next_step, steps_of
from policies.admin.version.carried_panel import CarriedPanel, carried_panels
from policies.admin.version.draft import furniture_page
from policies.admin.version.summary_panel import SummaryPanel, summary_panels
from policies.authoring import manifest
from policies.models import ChangeClass, Comparison, Promise, PromiseCheck, Review, User, Version, VersionText
from policies.publishing import promise_check
from policies.text import bounded
from policies.text.meaning import lint, promises
from policies.text.meaning.lint import Finding
from policies.text.meaning.promises import FoundPromise
from policies.text.meaning.reasons import LABELS, REASONS

_RECORDED = frozenset(code for code, _ in REASONS)


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
class Warnings:
    """
    What was found in the text of one language; lines count from 1 in the stored text, which the editor shows.

    `about_answers` is what should be looked at in what its readers are told.
    """

    language: str
    language_name: str
    found: tuple[Finding, ...]
    about_answers: tuple[str, ...]


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
class GatePanel:
    """
    Whom the gate would stop and from when; `sample`: names with their pages, or numbers for who may see no names.

    `is_told`: a notice tells them before; `is_at_once`: they are stopped at the moment of publication; `grace_url` is
    where the policy is given days of grace, empty for who may not.
    """

    people: int
    starts: tuple[str, str]
    sample: tuple[tuple[str, str], ...]
    guards_nothing: bool
    is_told: bool
    is_at_once: bool
    grace_days: int
    grace_url: str


@dataclass(frozen=True)
class Fact:
    """One line of what is on the record about a published version; `url` opens the rows behind it."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class VersionPage:
    name: str
    state: str
    tone: str
    steps: tuple[Step, ...]
    redline: Redline
    carried: tuple[CarriedPanel, ...]
    warnings: tuple[Warnings, ...]
    told: tuple[SummaryPanel, ...]
    proposal: Proposal | None
    promise: PromisePanel
    plan: Plan
    gate: GatePanel | None
    record: tuple[Fact, ...]
    next: NextStep
    links: tuple[Link, ...]
    reasons: tuple[str, ...]
    is_draft: bool
    is_out_of_date: bool
    manifest_sha256: str
    html: str
    stopped: str
    reviews: tuple[Review, ...]

    @property
    def requested(self) -> Review | None:
        """The request for changes that nobody has answered by submitting again."""
        latest = self.reviews[-1] if self.reviews else None
        is_open = latest and latest.answer == Review.Answer.CHANGES_REQUESTED and self.is_draft
        return latest if is_open else None

    @property
    def warning_count(self) -> int:
        return sum(len(each.found) + len(each.about_answers) for each in self.warnings)


def build(version: Version, *, at: datetime, may: Callable[[str], bool], by: User) -> VersionPage:
    """
    Everything beside the editor. Reads only; a draft's redline and rendering are made now and not kept.

    Where a text takes too much work, `stopped` says so and the panels are empty: an editor has to be able to mend it.
    """
    try:
        read = _read(version, at)
    except bounded.Stopped as stopped:
        read = _Read(stopped=str(stopped))
    state, tone = state_of(version, at)
    rehearsal = publishing.rehearse(version=version, at=at)
    check = _check(version, at, rehearsal)
    return VersionPage(
        name=str(version.name),
        state=str(state),
        tone=tone,
        steps=steps_of(version, at),
        redline=read.redline,
        carried=carried_panels(version, at),
        warnings=read.warnings,
        told=summary_panels(version),
        proposal=read.proposal,
        promise=_promise(version, at, check, read.promise),
        plan=_plan(version, check, rehearsal),
        gate=_gate(version, at, may, check),
        record=tuple(_record(version)) if version.published_at else (),
        next=next_step(version, at, may, by=by),
        links=tuple(links_of(version, at, may, has_furniture=read.has_furniture)),
        reasons=tuple(_(LABELS.get(code, code)) for code in version.reasons),
        is_draft=version.status == Version.Status.DRAFT,
        is_out_of_date=is_out_of_date(version, at),
        manifest_sha256=version.manifest_sha256 or manifest.fingerprint(manifest.build(version)),
        html=read.html,
        stopped=read.stopped,
        reviews=tuple(version.reviews.select_related("by")),
    )


@dataclass(frozen=True)
class _Read:
    """What is read out of the texts themselves; `stopped` says why there is nothing."""

    redline: Redline = Redline()
    warnings: tuple[Warnings, ...] = ()
    proposal: Proposal | None = None
    promise: FoundPromise | None = None
    html: str = ""
    has_furniture: bool = False
    stopped: str = ""


def _read(version: Version, at: datetime) -> _Read:
    text = version.texts.filter(authoritative=True).first()
    panels = summary_panels(version)
    return _Read(
        html=rendering.rendering_of(text).html if text else "",
        redline=redline_of(version, at),
        warnings=tuple(_warnings(each, panels, at) for each in version.texts.all()),
        proposal=_proposal(version),
        promise=promises.find(text.body) if text else None,
        has_furniture=version.published_at is None and bool(furniture_page.offered(version)),
    )


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
        if governing and version.based_on and version.based_on.label == governing.label:
            return governing
    return version.based_on


def _warnings(text: VersionText, panels: tuple[SummaryPanel, ...], at: datetime) -> Warnings:
    on_the_page = date_formats.last_updated_if_published(text.version, at).machine
    found = lint.lint(text.body, title=text.title, language=text.language, last_updated=on_the_page)
    (said,) = (each for each in panels if each.readers_language == text.language)
    is_open = said.note and text.version.published_at is None
    about_answers = (said.note, *said.warnings) if is_open else said.warnings
    return Warnings(text.language, text.language_name, found, about_answers)


def _proposal(version: Version) -> Proposal | None:
    found = review.propose(version) if version.published_at is None else version.proposal
    if not found:
        return None
    klass = str(found["class"])
    reasons = cast("list[dict[str, str]]", found["reasons"])
    evidence = tuple((_(LABELS.get(reason["code"], reason["code"])), reason["quote"]) for reason in reasons)
    is_lowered = klass == ChangeClass.MATERIAL != version.change_class
    codes = list(dict.fromkeys(reason["code"] for reason in reasons if reason["code"] in _RECORDED))
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


def _promise(
    version: Version, at: datetime, check: publishing.Check | None, found: FoundPromise | None
) -> PromisePanel:
    governing = version.policy.versions.in_force(at).exclude(pk=version.pk).first()
    if version.published_at:
        governing = check.promise.version if check and check.promise else None
    return PromisePanel(
        governing=governing,
        check=check,
        is_overridden=PromiseCheck.objects.filter(version=version, overridden=True).exists(),
        found=found,
        recorded=version.promises.standing().prefetch_related("tiers").first(),
        governing_url=version_url(governing, "promise") if governing else "",
        record_url="" if version.withdrawn_at else version_url(version, "promise"),
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
        audience=_("people tagged %s") % ", ".join(policy.audiences) if policy.audiences else _("everybody"),
    )


def _gate(
    version: Version, at: datetime, may: Callable[[str], bool], check: publishing.Check | None
) -> GatePanel | None:
    found = gate_arming.dry_run(version=version, at=at)
    if found is None:
        return None
    page = "admin:policies_person_change"
    names = [(str(person), reverse(page, args=[person.pk])) for person in found.sample]
    zone = version.zone
    return GatePanel(
        people=found.people,
        starts=(in_zone(found.starts_at, zone), in_utc(found.starts_at)),
        sample=tuple(names) if may("view_person") else tuple((f"#{person.pk}", "") for person in found.sample),
        guards_nothing=found.guards_nothing,
        is_told=check.tells_people if check else version.tells_people,
        is_at_once=found.starts_at <= at,
        grace_days=version.policy.grace_period_days,
        grace_url=_grace_url(version) if may("change_policy") else "",
    )


def _grace_url(version: Version) -> str:
    """Free until something is published under the terms, then changed by two people."""
    policy = version.policy
    on_record = policy.terms_on_record.exists()
    return policy_url(policy, "terms") if on_record else f"{policy_url(policy)}#id_grace_period_days"


def _record(version: Version) -> Iterator[Fact]:
    """Dates and their changes, notices and acts of a published version."""
    zone, key = version.zone, version.pk
    for label, instant in ((_("Published"), version.published_at), (_("Withdrawn"), version.withdrawn_at)):
        if instant:
            yield Fact(label, f"{in_zone(instant, zone)} · {in_utc(instant)}")
    for moved in version.date_changes.select_related("by"):
        words = _("from %(before)s to %(to)s, by %(who)s: %(reason)s")
        dates = {"before": in_zone(moved.was_effective_at, zone), "to": in_zone(moved.effective_at, zone)}
        label = _("Brought forward") if moved.is_earlier else _("Postponed")
        yield Fact(label, words % {**dates, "who": moved.by, "reason": moved.reason})
        if moved.override_reason:
            yield Fact(_("Promise overridden"), moved.override_reason)
    events = reverse("admin:policies_auditevent_changelist")
    notices = reverse("admin:policies_notice_changelist")
    if version.tells_people:
        yield Fact(_("Told people"), _("its notices"), f"{notices}?version__id__exact={key}")
    else:
        yield Fact(_("Told people"), _("no: the page, its date and its feed changed"))
    yield Fact(_("Audit record"), _("everything done to this version"), f"{events}?version__id__exact={key}")


def _both_zones(version: Version, instant: datetime | None) -> tuple[str, str] | None:
    return (in_zone(instant, version.zone), in_utc(instant)) if instant else None
