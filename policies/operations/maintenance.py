"""What has to happen now and then beside sending, by Celery's beat or without it; whoever comes first does it."""

import logging
from datetime import datetime, timedelta

from policies import anchoring, evidence, ledger, publishing, rendering
from policies.acceptance import leaving, receipts, waiting
from policies.front import watching
from policies.models import JobSlot
from policies.notices.queue import periodic_jobs
from policies.notices.send import restore_guard
from policies.notices.upkeep import deliverability_checks
from policies.operations import forgetting

log = logging.getLogger(__name__)

# Half the time between two bells: those of a second beat find it done.
SEAL_EVERY = timedelta(seconds=15)
BIND_EVERY = timedelta(minutes=5)
ANCHOR_EVERY = timedelta(seconds=60)
CHECK_EVERY = timedelta(hours=1)
DAILY = timedelta(days=1)
# What the last daily verification found, for whoever watches.
MISMATCHES = "mismatches of the ledger"


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


def do_daily(*, at: datetime) -> None:
    """
    Forget what is past its time and verify the ledger, once a day, whoever comes first.

    In a restored database that nobody has looked at, nothing is deleted, and verifying comes with restoring.
    """
    if restore_guard.hold() is None and periodic_jobs.is_mine("daily", every=DAILY, at=at):
        log.info("Forgot %s", forgetting.forget(at=at))
        verify()


def verify() -> None:
    """Check the ledger and all that it binds. Every mismatch is logged, and how many there are is kept."""
    report = evidence.verify()
    for finding in report.findings:
        log.error("The ledger does not verify: %s: %s: %s", finding.code, finding.where, finding.message)
    JobSlot.objects.update_or_create(name=MISMATCHES, defaults={"last_slot": len(report.findings)})
    log.info("%s leaves were verified: %s mismatches.", report.leaves, len(report.findings))


def mismatches() -> int:
    """How many the last daily verification found."""
    return JobSlot.objects.filter(name=MISMATCHES).values_list("last_slot", flat=True).first() or 0
