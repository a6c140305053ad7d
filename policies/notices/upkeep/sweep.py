"""What has to happen beside sending, every few seconds, by whoever comes first. Each step may run twice."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from policies import account_mail, ledger
from policies.models import Checkpoint, Delivery, Notice, Version
from policies.notices import following
from policies.notices.plan import planning, steering
from policies.notices.queue import claims, periodic_jobs
from policies.notices.report import health
from policies.notices.send import restore_guard, sending
from policies.notices.upkeep import desk_mail

log = logging.getLogger(__name__)
State = Notice.State
TOP_UP_EVERY = timedelta(minutes=5)


def _first_head(at: datetime) -> None:
    """The first mails of all name a head of the log too; a restored database signs no second history."""
    is_first = not Checkpoint.objects.exists() and Version.objects.awaiting_notice(at).exists()
    if is_first and restore_guard.hold() is None:
        ledger.seal(at=at)


def sweep(*, at: datetime, worker: str) -> bool:
    """
    Recover what dead workers held, plan, freeze audiences, end what is too late, close what is done, tell the desk.

    Return whether there is something to send at `at`. One step that fails does not keep the others from running.
    """
    steps: tuple[Callable[[], object], ...] = (
        lambda: health.beat(at),
        # Whatever went out since the last sweep stands in the mark, though no sender may look for days.
        restore_guard.keep,
        lambda: sending.recover(at=at, worker=worker),
        lambda: _first_head(at),
        lambda: planning.plan_due(at=at),
        lambda: planning.freeze_planned(at=at),
        lambda: _top_up(at),
        lambda: _hourly(at),
        lambda: expire(at=at),
        lambda: [steering.end_leftovers(notice=notice, at=at) for notice in _in_state(State.CANCELLED)],
        lambda: [planning.finish(notice=notice, at=at) for notice in _in_state(State.SENDING)],
        lambda: desk_mail.tell(at=at),
        # A restored database has rows of mails that went.
        lambda: restore_guard.hold() or account_mail.send_due(at=at),
    )
    for step in steps:
        try:
            step()
        except Exception:
            log.exception("A step of the sweep failed; the next sweep tries again.")
    if why := restore_guard.hold():
        log.error(why.sentence)
        return False
    return sending.is_anything_due(at)


def expire(*, at: datetime) -> None:
    """End what waited until it was too late: it is shown on the site, and counted."""
    for notice in Notice.objects.filter(state__in=[State.SENDING, State.PAUSED], deliver_by__lte=at):
        claims.end_queued(notice=notice, state=Delivery.State.EXPIRED, reason=Delivery.Reason.TOO_LATE, at=at)


def _top_up(at: datetime) -> None:
    """Look for late joiners, which compares all people with all deliveries: every few minutes, by one worker."""
    if not periodic_jobs.is_mine("top up notices", every=TOP_UP_EVERY, at=at):
        return
    planning.top_up_all(at=at)


def _hourly(at: datetime) -> None:
    """What can wait for the next hour."""
    if periodic_jobs.is_mine("hourly, for notices", every=timedelta(hours=1), at=at):
        planning.plan_reminders(at=at)
        following.forget_unconfirmed(at=at)


def _in_state(state: str) -> list[Notice]:
    return list(Notice.objects.filter(state=state).select_related("version__policy").order_by("pk"))
