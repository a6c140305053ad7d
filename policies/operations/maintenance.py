"""What has to happen now and then beside sending, by Celery's beat or without it; whoever comes first does it."""

import logging
from datetime import datetime, timedelta

from policies import anchoring, ledger, publishing, rendering
from policies.acceptance import leaving, receipts, waiting
from policies.front import watching
from policies.notices.queue import periodic_jobs
from policies.notices.send import restore_guard
from policies.notices.upkeep import deliverability_checks

log = logging.getLogger(__name__)

# Half the time between two bells: those of a second beat find it done.
SEAL_EVERY = timedelta(seconds=15)
BIND_EVERY = timedelta(minutes=5)
ANCHOR_EVERY = timedelta(seconds=60)
CHECK_EVERY = timedelta(hours=1)


def seal(*, at: datetime) -> None:
    """
    Put terms into force whose day has passed, bind what a newer renderer makes of pages and the rows that have no
    leaf of their own, and sign a new head over the leaves that wait; then mail the receipts that waited for it.
    Twice does no harm.
    """
    if why := restore_guard.hold():
        log.error(why.sentence)
    elif periodic_jobs.is_mine("seal ledger", every=SEAL_EVERY, at=at):
        publishing.put_due_into_force(at=at)
        rendering.bind_anew(at=at)
        if periodic_jobs.is_mine("bind rows", every=BIND_EVERY, at=at):
            ledger.bind(at=at)
            watching.forget_old()
        sign(at=at)
        receipts.mail_due(at=at)
        leaving.mail_due(at=at)
        waiting.complete_standings(at=at)


def sign(*, at: datetime) -> None:
    """Sign all that waits, wherever it is asked for: a database that was restored would sign a second history."""
    if restore_guard.hold() is None:
        ledger.seal_all(at=at)


def anchor(*, at: datetime) -> None:
    """Have the newest head stamped and witnessed, where that is set up and due."""
    if periodic_jobs.is_mine("anchor ledger", every=ANCHOR_EVERY, at=at):
        anchoring.anchor_due(at=at)


def check_deliverability(*, at: datetime) -> None:
    """Examine whether mail from here can be accepted, so that a notice knows it and nobody waits for it."""
    if periodic_jobs.is_mine("check deliverability", every=CHECK_EVERY, at=at):
        deliverability_checks.check(at=at)
