"""Whether notices go out: what is stuck, and why. Numbers only, no addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.models import Delivery, JobSlot, MailRoute, Notice
from policies.notices.queue import periodic_jobs, progress, sql_dialect
from policies.notices.send import restore_guard, sending

# A queue whose oldest due mail has waited for longer than this is stuck; a sweep that is older has stopped.
STUCK_AFTER = timedelta(minutes=10)
HEARTBEAT = "heartbeat of the sweep"
BEAT = timedelta(seconds=10)


@dataclass(frozen=True)
class Health:
    """`problems` are sentences for an operator; none of them means all is well."""

    problems: tuple[str, ...]
    waiting: int
    paused: int
    last_sweep_seconds: float


def beat(at: datetime) -> None:
    """A sweep has been here."""
    periodic_jobs.is_mine(HEARTBEAT, every=BEAT, at=at)


def look(*, at: datetime) -> Health:
    """See how notices fare at `at`."""
    running = sending.sendable(at)
    paused = list(Notice.objects.filter(state=Notice.State.PAUSED))
    slot = JobSlot.objects.filter(name=HEARTBEAT).values_list("last_slot", flat=True).first() or 0
    since_sweep = at.timestamp() - slot * BEAT.total_seconds()
    problems = [f"Notice {notice.pk} is paused: {notice.state_reason}" for notice in paused]
    problems += [f"Notice {notice.pk} is stuck." for notice in running if _is_stuck(notice, at)]
    for route in MailRoute.objects.filter(held_until__gt=sql_dialect.now()):
        problems.append(f"{route.name} is left alone for now: {route.held_reason}")
    if since_sweep > STUCK_AFTER.total_seconds():
        problems.append("No worker has swept lately: is one running, and does beat ring?")
    if not sql_dialect.takes_writes():
        problems.append("The database takes no writes: nothing can be claimed, and so nothing is sent.")
    if why := restore_guard.hold():
        problems.append(why.sentence)
    waiting = sum(progress.counts(notice).waiting for notice in [*running, *paused])
    return Health(tuple(problems), waiting, len(paused), since_sweep)


def _is_stuck(notice: Notice, at: datetime) -> bool:
    """At a low rate many wait for long, and nothing is wrong: stuck is what has not moved at all for a while."""
    overdue = Delivery.objects.filter(
        notice=notice, state=Delivery.State.QUEUED, next_attempt_at__lt=at - STUCK_AFTER
    ).exists()
    lately = int((at - STUCK_AFTER).timestamp()) // 60
    return overdue and not notice.tallies.filter(minute__gte=lately).exists()
