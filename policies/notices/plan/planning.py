"""
Plan a notice for every version that awaits one, and freeze its audience. Every step can be run again at any time.

`publish` pushes nothing: a forgotten notice is a row of `Version.objects.awaiting_notice()`, not a lost message.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from policies import ledger
from policies.models import (
    Acceptance,
    AuditEvent,
    ChangeClass,
    DateChange,
    DeliverabilityCheck,
    Delivery,
    Follower,
    Notice,
    Version,
    WebhookKind,
)
from policies.notices.plan import audience, steering
from policies.notices.queue import progress
from policies.notices.write import messages
from policies.webhooks import outbox

Kind, State, Stream = Notice.Kind, Notice.State, Notice.Stream

# However soon a version takes effect, whoever it concerns is told for this long.
SHORTEST_DELIVERY = timedelta(hours=72)
# Followers asked for news; older publications are none.
ALERTS_WITHIN = timedelta(days=3)
REMIND_BEFORE = timedelta(days=7)
# Each of these says everything: the newest one that names the version's date is the announcement.
ANNOUNCING = (Kind.CHANGE, Kind.POSTPONED)
ANOTHER_DATE = "The version got another date: a mail with that one goes out instead."
# A mail that cannot be written for more than this share of the audience stops the notice.
MOST_UNREADABLE = 0.01


def plan_due(*, at: datetime) -> list[Notice]:
    """Make a notice for whatever awaits one at `at`; return those made now."""
    planned = [
        *(_plan(version, Stream.LEGAL, Kind.CHANGE, at=at) for version in Version.objects.awaiting_notice(at)),
        *(_plan(version, Stream.ALERT, Kind.CHANGE, at=at) for version in awaiting_alert(at)),
        *_plan_moved(at),
        *_plan_withdrawn(at),
    ]
    return [notice for notice in planned if notice]


def plan_reminders(*, at: datetime) -> list[Notice]:
    """Remind whoever was asked and has not answered, once, some days before the effect."""
    asked = Notice.objects.filter(version=OuterRef("pk"), stream=Stream.LEGAL, kind=Kind.CHANGE)
    long_ago, lately = Q(created_at__lt=at - REMIND_BEFORE), Q(created_at__gte=at - REMIND_BEFORE)
    known = Notice.objects.filter(version=OuterRef("pk"), kind=Kind.REMINDER)
    soon = Version.objects.upcoming(at).filter(
        ~Exists(known),
        Exists(asked.filter(long_ago)),
        ~Exists(asked.filter(lately)),
        acceptance=Acceptance.EXPLICIT,
        effective_at__lte=at + REMIND_BEFORE,
    )
    planned = [_plan(version, Stream.LEGAL, Kind.REMINDER, at=at) for version in soon]
    return [notice for notice in planned if notice]


def awaiting_alert(at: datetime) -> list[Version]:
    """Versions whose followers have not been told. Editorial ones change the date and the feed, and tell nobody."""
    follows = Q(policy=OuterRef("policy")) | Q(policy=None)
    followed = Exists(Follower.objects.filter(follows, confirmed_at__isnull=False))
    news = Version.objects.standing().filter(imported=False, published_at__gt=at - ALERTS_WITHIN, published_at__lte=at)
    told = Q(notices__stream=Stream.ALERT, notices__kind=Kind.CHANGE)
    return list(news.filter(followed).exclude(change_class=ChangeClass.EDITORIAL).exclude(told))


def fan_out(*, notice: Notice, at: datetime) -> Notice:
    """Write the mail in every language of the audience, make its deliveries, and open the notice for sending."""
    if notice.state != State.PLANNED:
        return notice
    languages = audience.languages(notice, at=notice.frozen_at or at)
    unreadable = messages.write_templates(notice, languages, at=at)
    while audience.fan_out_batch(notice, at=at):
        pass
    with transaction.atomic():
        count, sha256 = audience.digest(notice)
        is_held = sum(languages[language] for language in unreadable) > MOST_UNREADABLE * max(count, 1)
        reason = f"The mail could not be written in: {', '.join(sorted(unreadable))}." if is_held else ""
        opened = Notice.objects.filter(pk=notice.pk, state=State.PLANNED).update(
            state=State.PAUSED if is_held else State.SENDING,
            state_reason=reason or ("" if count else "Nobody to tell: the audience is empty."),
            audience_count=count,
            audience_sha256=sha256,
        )
        if opened:
            AuditEvent.record("notice.opened", version=notice.version, by=None, at=at, notice=notice.pk, people=count)
            outbox.notice_moved(WebhookKind.NOTICE_OPENED, notice, at=at, people=count)
            _append_leaf(notice, "audience", {"audience_count": count, "audience_sha256": sha256}, at=at)
    notice.refresh_from_db()
    return notice


def top_up(*, notice: Notice, at: datetime) -> int:
    """Add people who joined after the audience was frozen and before the version takes effect; return how many."""
    version = notice.version
    is_over = version.withdrawn_at or version.effective_at is None or version.effective_at <= at
    is_announcing = notice.stream == Stream.LEGAL and notice.kind in ANNOUNCING
    if is_over or not is_announcing or steering.no_longer_holds(notice):
        return 0
    joined = audience.top_up(notice, at=at)
    if joined:
        messages.write_templates(notice, audience.languages(notice, at=at), at=at)
        Notice.objects.filter(pk=notice.pk, state=State.DONE).update(state=State.SENDING, finished_at=None)
        notice.refresh_from_db()
    return joined


def freeze_planned(*, at: datetime) -> None:
    """Freeze the audience of every notice that has none yet."""
    for notice in Notice.objects.filter(state=State.PLANNED).select_related("version__policy").order_by("pk"):
        fan_out(notice=notice, at=at)


def top_up_all(*, at: datetime) -> None:
    """Look for late joiners of everything that is announced."""
    announced = Notice.objects.filter(kind__in=ANNOUNCING, state__in=[State.SENDING, State.DONE])
    for notice in announced.filter(version__effective_at__gt=at).select_related("version__policy"):
        top_up(notice=notice, at=at)


def catch_up(*, at: datetime) -> None:
    """Bring whatever is due by now into the queue, as sweeps do bit by bit."""
    plan_due(at=at)
    plan_reminders(at=at)
    freeze_planned(at=at)
    top_up_all(at=at)


def finish(*, notice: Notice, at: datetime) -> bool:
    """
    Close a notice with nothing left to do, and write its counts into the ledger.

    One statement looks and closes: asked one after the other, what goes back into the queue meanwhile is in neither.
    """
    queued = Delivery.objects.filter(notice=notice, state=Delivery.State.QUEUED)
    with transaction.atomic():
        over = Notice.objects.filter(~Exists(queued), ~Exists(_leased(notice)), pk=notice.pk, state=State.SENDING)
        closed = over.update(state=State.DONE, finished_at=at)
        if closed:
            AuditEvent.record("notice.done", version=notice.version, by=None, at=at, notice=notice.pk)
            found = progress.counts(notice)
            counts = dict(found.by_state)
            outbox.notice_moved(WebhookKind.NOTICE_FINISHED, notice, at=at, people=found.total, counts=counts)
            _append_leaf(notice, f"done-{ledger.instant(at)}", {"counts": counts}, at=at)
    return bool(closed)


def has_open_claims(notice: Notice) -> bool:
    """Whether a worker holds deliveries of this notice."""
    return _leased(notice).exists()


def _leased(notice: Notice) -> QuerySet[Delivery]:
    """What workers hold. Few rows are ever leased, and they have an index."""
    return Delivery.objects.filter(state__in=[Delivery.State.CLAIMED, Delivery.State.SENDING], notice=notice)


def deliver_by(version: Version) -> datetime:
    """The last instant at which telling makes sense: the effect, and at least some days after publication."""
    published_at, effective_at = version.published_at, version.effective_at
    if published_at is None or effective_at is None:
        raise ValueError(f"{version} was never published.")
    return max(effective_at, published_at + SHORTEST_DELIVERY)


def _plan(
    version: Version, stream: str, kind: str, *, at: datetime, occasion: int = 0, remark: str = ""
) -> Notice | None:
    """Two planners that meet make one notice: a constraint of the database keeps the second out."""
    until = deliver_by(version)
    # A reminder of what is in effect already is none.
    is_in_time = kind == Kind.REMINDER or (kind == Kind.CHANGE and not occasion)
    with transaction.atomic():
        notice, is_new = Notice.objects.get_or_create(
            version=version,
            stream=stream,
            kind=kind,
            occasion=occasion,
            defaults={
                "rate_per_minute": settings.NOTICE_RATE_PER_MINUTE,
                "hold_after": steering.canary(version=version, kind=kind),
                "remark": remark,
                "deliverability": DeliverabilityCheck.known(),
                "deliver_by": until if is_in_time else max(until, at + SHORTEST_DELIVERY),
                "effective_at": None if kind == Kind.WITHDRAWN else version.effective_at,
                "created_at": at,
                "frozen_at": at,
            },
        )
        if is_new:
            AuditEvent.record("notice.planned", version=version, by=None, at=at, notice=notice.pk, kind=kind)
    return notice if is_new else None


def _plan_moved(at: datetime) -> Iterator[Notice | None]:
    """
    Tell everybody the new date. What still waits of an announcement that names another is ended: the new mail says
    everything that the first one said. Where nobody was told of the other date, it says nothing of it.
    """
    announcing = Notice.objects.filter(version=OuterRef("version"), kind__in=ANNOUNCING)
    overtaken = announcing.exclude(effective_at=None).exclude(effective_at=OuterRef("version__effective_at"))
    later = DateChange.objects.filter(version=OuterRef("version"), pk__gt=OuterRef("pk"))
    known = announcing.filter(occasion=OuterRef("pk"))
    moved = DateChange.objects.filter(Exists(overtaken), ~Exists(later), ~Exists(known), version__withdrawn_at=None)
    for change in moved.select_related("version__policy"):
        version = change.version
        kind = Kind.CHANGE if change.untold else Kind.POSTPONED
        # People who know of the other date ask why.
        why = "" if change.untold else change.reason
        for notice in version.notices.exclude(effective_at=None).exclude(effective_at=version.effective_at):
            steering.supersede(notice=notice, reason=ANOTHER_DATE, at=at)
            yield _plan(version, notice.stream, kind, at=at, occasion=change.pk, remark=why)


def _plan_withdrawn(at: datetime) -> Iterator[Notice | None]:
    """Tell whoever was told, once no worker has an announcement of the withdrawn version in its hands any more."""
    known = Notice.objects.filter(version=OuterRef("pk"), kind=Kind.WITHDRAWN)
    withdrawn = Version.objects.filter(~Exists(known), withdrawn_at__isnull=False, notices__kind=Kind.CHANGE).distinct()
    for version in withdrawn.select_related("policy"):
        notices = list(version.notices.all())
        for notice in notices:
            steering.supersede(notice=notice, reason="The version was withdrawn.", at=at)
        if not any(has_open_claims(notice) for notice in notices):
            remark = _reason_of_withdrawal(version)
            for stream in sorted({notice.stream for notice in notices}):
                yield _plan(version, stream, Kind.WITHDRAWN, at=at, remark=remark)


def _reason_of_withdrawal(version: Version) -> str:
    event = version.audit_events.filter(verb="version.withdrawn").first()
    return str(event.data.get("reason", "")) if event else ""


def _append_leaf(notice: Notice, step: str, body: dict[str, object], *, at: datetime) -> None:
    ledger.append(
        kind="notice",
        reference=f"{notice.pk}-{step}",
        body={"version": notice.version_id, "stream": notice.stream, "notice_kind": notice.kind, **body},
        at=at,
    )
