"""What the pages of a notice show, ready to be shown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.admin.desk.base import number_in
from policies.admin.desk.deliverability_card import DeliverabilityCard, card_of
from policies.admin.desk.instant_formats import in_zone
from policies.admin.desk.page_links import version_url
from policies.admin.desk.verb_page import Button
from policies.admin.notice.audience_card import AudienceCard, Mail, audience_of, mails_of
from policies.models import Delivery, Follower, MailRoute, Notice, Person
from policies.notices.on_site import reach
from policies.notices.plan import steering
from policies.notices.queue import progress, sql_dialect
from policies.notices.report import chart
from policies.notices.send import restore_guard
from policies.notices.send.try_journal import Fate
from policies.notices.upkeep import restoring

PAGE = 50
# Of the page, not of a delivery: everything that has not ended.
WAITING = "waiting"
TONES = {
    Notice.State.PLANNED: "busy",
    Notice.State.SENDING: "busy",
    Notice.State.PAUSED: "soon",
    Notice.State.DONE: "good",
    Notice.State.CANCELLED: "bad",
}


@dataclass(frozen=True)
class Count:
    """A number that is a door to what it counts."""

    state: str
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class NoticePage:
    """
    `hold` and `held` say why nothing goes out although nobody paused it; `restored`, after a restore, how many of those
    who wait were certainly sent nothing, were told meanwhile, or are uncertain.
    """

    sentence: str
    state: str
    tone: str
    reason: str
    hold: restore_guard.Hold | None
    restored: tuple[str, ...]
    held: tuple[str, ...]
    is_moving: bool
    counts: tuple[Count, ...]
    bar: list[chart.Box]
    curve: chart.Curve
    coverage: reach.Coverage
    per_minute: float
    set_rate: int
    waits_after: int | None
    ends_at: str
    deliver_by: str
    audience: AudienceCard
    deliverability: DeliverabilityCard
    buttons: tuple[Button, ...]
    exports: tuple[Button, ...]
    people_url: str
    version_url: str
    public_url: str
    mails: tuple[Mail, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One person's delivery in the list."""

    name: str
    state: str
    reason: str
    attempts: int
    finished: str
    url: str


@dataclass(frozen=True)
class PeoplePage:
    lines: tuple[Line, ...]
    state: str
    search: str
    states: tuple[tuple[str, str], ...]
    next_url: str


def build(notice: Notice, *, at: datetime, may: Callable[[str], bool]) -> NoticePage:
    """How far a notice has come at `at`."""
    counts, pace, zone = progress.counts(notice), progress.pace(notice, at=at), notice.version.zone
    is_moving = notice.state in {Notice.State.PLANNED, Notice.State.SENDING}
    hold = restore_guard.hold()
    is_held = is_moving and hold is not None
    coverage = reach.coverage(notice)
    return NoticePage(
        sentence=_sentence(notice, counts, coverage),
        state=_("held") if is_held else notice.get_state_display(),
        tone="bad" if is_held else TONES[Notice.State(notice.state)],
        reason=notice.state_reason,
        hold=hold,
        restored=_restored(notice, at=at) if is_moving and hold == restore_guard.Hold.RESTORED else (),
        held=tuple(_held_routes(zone)) if is_moving else (),
        is_moving=is_moving,
        counts=tuple(_counts(notice, counts)),
        bar=chart.bar(counts),
        curve=chart.curve(progress.curve(notice)),
        coverage=coverage,
        per_minute=pace.per_minute,
        set_rate=notice.rate_per_minute,
        waits_after=notice.hold_after if notice.state != Notice.State.PAUSED else None,
        ends_at=in_zone(pace.ends_at, zone) if pace.ends_at and not is_held else "",
        deliver_by=in_zone(notice.deliver_by, zone) if notice.deliver_by else "",
        audience=audience_of(notice),
        deliverability=card_of(notice.deliverability, zone),
        buttons=tuple(_buttons(notice, counts)) if may("change_notice") else (),
        exports=(Button("CSV", url(notice, "export")), Button("NDJSON", f"{url(notice, 'export')}?form=ndjson"))
        if may("view_evidence")
        else (),
        people_url=url(notice, "people"),
        version_url=version_url(notice.version),
        public_url=_public_url(notice, at),
        mails=mails_of(notice),
        errors=tuple(f"{each.language}: {each.error}" for each in notice.templates.exclude(error="")),
    )


def _restored(notice: Notice, *, at: datetime) -> tuple[str, ...]:
    by_fate = restoring.look_at(notice, restoring.history_of_tries(), at=at).by_fate
    words = {
        Fate.UNSENT: ngettext(
            "%(n)s person who waits was certainly sent nothing since the backup, and stays in the queue.",
            "%(n)s people who wait were certainly sent nothing since the backup, and stay in the queue.",
            by_fate[Fate.UNSENT],
        ),
        Fate.ACCEPTED: ngettext(
            "For %(n)s person the mail server took a mail since the backup: it counts then.",
            "For %(n)s people the mail server took a mail since the backup: it counts then.",
            by_fate[Fate.ACCEPTED],
        ),
        Fate.UNCERTAIN: ngettext(
            "Of %(n)s person nobody knows whether a mail went out since: whoever confirms is asked.",
            "Of %(n)s people nobody knows whether a mail went out since: whoever confirms is asked.",
            by_fate[Fate.UNCERTAIN],
        ),
    }
    return tuple(words[fate] % {"n": f"{by_fate[fate]:,}"} for fate in Fate if by_fate[fate])


def people(notice: Notice, asked: Mapping[str, str]) -> PeoplePage:
    """The deliveries of a notice in the order of their keys, by state, or those of the people searched for."""
    state = asked.get("state", "")
    search = asked.get("q", "").strip()[:200]
    after = asked.get("after", "")
    found = Delivery.objects.filter(
        pk__gt=number_in(after) or Delivery.first_key(notice.pk),
        pk__lt=Delivery.first_key(notice.pk + 1),
    )
    if state == WAITING:
        found = found.exclude(state__in=chart.STATES)
    elif state in Delivery.State.values:
        found = found.filter(state=state)
    if search:
        found = found.filter(pk__in=[Delivery.key(notice.pk, pk, 0) for pk in _called(notice, search)])
    rows = list(found.order_by("pk")[: PAGE + 1])
    names = _names(notice, [row.recipient_id for row in rows])
    more = f"?state={state}&after={rows[PAGE - 1].pk}" if len(rows) > PAGE else ""
    return PeoplePage(
        lines=tuple(_line(notice, row, names.get(row.recipient_id, "")) for row in rows[:PAGE]),
        state=state,
        search=search,
        states=((WAITING, _("waiting")), *((state.value, str(state.label)) for state in chart.STATES)),
        next_url=more,
    )


def _public_url(notice: Notice, at: datetime) -> str:
    """Where readers find the version; nowhere while it is under embargo."""
    published_at = notice.version.published_at
    return f"/p/{notice.version.policy.slug}/v/{notice.version.label}/" if published_at and published_at <= at else ""


def url(notice: Notice, verb: str = "change") -> str:
    """The page of a notice, or of one of its verbs."""
    return reverse(f"admin:policies_notice_{verb}", args=[notice.pk])


def _called(notice: Notice, term: str) -> list[int]:
    """The recipients with this whole name, address or external id; of followers only the address is known."""
    if notice.stream == Notice.Stream.LEGAL:
        return list(Person.objects.called(term).values_list("pk", flat=True)[:PAGE])
    address = term.lower() if "\0" not in term else ""
    return list(Follower.objects.filter(address=address).values_list("pk", flat=True)[:PAGE])


def _names(notice: Notice, ids: list[int]) -> dict[int, str]:
    people, followers = Person.objects.filter(pk__in=ids), Follower.objects.filter(pk__in=ids)
    return {row.pk: str(row) for row in (people if notice.stream == Notice.Stream.LEGAL else followers)}


def _held_routes(zone: ZoneInfo) -> Iterator[str]:
    """The ways out for mail that are left alone for now; each is tried again by itself."""
    now = sql_dialect.now()
    for held in MailRoute.objects.filter(held_until__gt=now).order_by("name"):
        until = in_zone(held.held_until or now, zone)
        yield _("%(server)s is left alone until %(until)s, and then tried again by itself. It said: %(reason)s") % {
            "server": held.name,
            "until": until,
            "reason": held.held_reason,
        }


def sentence(notice: Notice) -> str:
    """How far a notice has come; of what has not happened yet it says so."""
    counts = progress.counts(notice)
    return _sentence(notice, counts, reach.coverage(notice) if counts.not_by_mail else None)


def _sentence(notice: Notice, counts: progress.Counts, coverage: reach.Coverage | None) -> str:
    if not counts.total:
        return _("Nobody to tell: the audience is empty.")
    parts = [
        _("%(reached)s of %(total)s reached (%(share)s %%)")
        % {"reached": f"{counts.accepted:,}", "total": f"{counts.total:,}", "share": f"{counts.share:.1f}"}
    ]
    if counts.waiting:
        parts.append(_("%(n)s waiting") % {"n": f"{counts.waiting:,}"})
    if counts.not_by_mail:
        words = (
            _("%(n)s not reached by mail: will see it on the site when they sign in (%(seen)s so far)")
            if notice.stream == Notice.Stream.LEGAL and notice.version.withdrawn_at is None
            else _("%(n)s not reached by mail")
        )
        seen = coverage.on_site_only if coverage else 0
        parts.append(words % {"n": f"{counts.not_by_mail:,}", "seen": f"{seen:,}"})
    return ", ".join(parts) + "."


def _counts(notice: Notice, counts: progress.Counts) -> list[Count]:
    there = url(notice, "people")
    shown = [
        Count(state, str(Delivery.State(state).label), counts.by_state.get(state, 0), f"{there}?state={state}")
        for state in chart.STATES
    ]
    return [*shown, Count(WAITING, _("waiting"), counts.waiting, f"{there}?state={WAITING}")]


def _buttons(notice: Notice, counts: progress.Counts) -> list[Button]:
    state = notice.state
    buttons = []
    if state == Notice.State.SENDING:
        buttons.append(Button(_("Pause"), url(notice, "pause"), is_first=True))
    holds = not steering.no_longer_holds(notice)
    if state == Notice.State.PAUSED and holds:
        buttons.append(Button(_("Resume"), url(notice, "resume"), is_first=True))
    may_have_been_told = counts.by_state.get(Delivery.State.UNCERTAIN, 0)
    if may_have_been_told and state != Notice.State.CANCELLED and holds:
        buttons.append(Button(_("Send the uncertain ones again"), url(notice, "send_again")))
    if (counts.accepted or may_have_been_told) and state in {Notice.State.CANCELLED, Notice.State.DONE}:
        buttons.append(Button(_("Send a correction"), url(notice, "correct")))
    if state in steering.RUNNING:
        buttons.append(Button(_("Change the pace"), url(notice, "pace")))
        buttons.append(Button(_("Cancel"), url(notice, "cancel"), is_grave=True))
    return buttons


def _line(notice: Notice, row: Delivery, name: str) -> Line:
    return Line(
        name=name or f"#{row.recipient_id}",
        state=row.get_state_display(),
        reason=row.get_reason_display() if row.reason else "",
        attempts=row.attempts,
        finished=in_zone(row.finished_at, notice.version.zone) if row.finished_at else "",
        url=reverse("admin:policies_notice_person", args=[notice.pk, row.recipient_id]),
    )
