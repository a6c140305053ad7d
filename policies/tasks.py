"""
Celery tasks: load the id, read the clock, one domain call. The only module that knows Celery.

The clock is the database's: a worker whose own jumps by days does nothing early, and dates nothing wrongly.
"""

import logging
import queue
import threading
import time
from datetime import timedelta

from celery import current_app, shared_task
from celery.signals import worker_shutting_down
from django.conf import settings

from policies.notices.queue import periodic_jobs, sql_dialect
from policies.notices.send import sending
from policies.notices.upkeep.sweep import sweep as sweep_notices
from policies.operations import maintenance, purging
from policies.webhooks import dispatch as webhooks
from policies.webhooks import effects

log = logging.getLogger(__name__)

# A task that sends goes on for this long before it makes way for others, in seconds.
LONGEST_SENDING = 20
_shutting_down = threading.Event()
# For how long a page waits for the broker, in seconds.
LONGEST_RINGING = 1.0
# For how long monitoring waits for it.
LONGEST_ASKING = 3.0
_ringing = threading.Lock()
_asking = threading.Lock()
# One sender a process: it keeps its connection, and bells that ring meanwhile find it at work.
_at_work = threading.Lock()
_purger = purging.Purger()
_sender = sending.Sender(carrier=sending.carrier_from_settings(), stop=_shutting_down.is_set)


@worker_shutting_down.connect
def _stop_sending(**_: object) -> None:
    _shutting_down.set()


def ring() -> None:
    """
    Wake the workers. Never fails and never waits long: a lost bell is rung again by the sweep.

    A broker that takes connections and says nothing would hold a page for as long as its timeout: the bell is rung
    from a thread of its own, of which there is at most one. Without a broker somebody looks every few seconds instead.
    """
    if settings.CELERY_BROKER_URL and _ringing.acquire(blocking=False):
        thread = threading.Thread(target=_ring, daemon=True)
        thread.start()
        thread.join(timeout=LONGEST_RINGING)


def _ring() -> None:
    try:
        sweep.apply_async(retry=False)
        call_webhooks.apply_async(retry=False)
    except Exception as error:  # noqa: BLE001 - whatever a broker's client may raise
        log.warning("The broker cannot be reached (%s); the next sweep finds what is to be done.", error)
    finally:
        _ringing.release()


def broker_answers(*, within: float = LONGEST_ASKING) -> bool:
    """Whether the broker takes messages, or nobody asks for one; one that says nothing for so many seconds does not."""
    if not settings.CELERY_BROKER_URL:
        return True
    if not _asking.acquire(timeout=within):
        return False
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    threading.Thread(target=_ask_broker, args=[answers], daemon=True).start()
    try:
        return answers.get(timeout=within)
    except queue.Empty:
        return False


def _ask_broker(answers: "queue.SimpleQueue[bool]") -> None:
    try:
        with current_app.connection_for_write() as broker:
            # Opening a channel is what first talks to the server.
            broker.default_channel  # noqa: B018
            answers.put(True)
    except Exception as error:  # noqa: BLE001 - whatever a broker's client may raise
        log.warning("The broker cannot be reached (%s).", error)
        answers.put(False)
    finally:
        _asking.release()


@shared_task(name="policies.tasks.tick")
def tick() -> None:
    """Sweep when beat says so. Of the bells of several beats, or of a day on which no worker heard them, one counts."""
    if periodic_jobs.is_mine("tick", every=timedelta(seconds=settings.SWEEP_SECONDS / 2), at=sql_dialect.now()):
        sweep()


@shared_task(name="policies.tasks.sweep")
def sweep() -> None:
    """Do what is due beside sending, and ring for the senders."""
    if sweep_notices(at=sql_dialect.now(), worker=_sender.worker):
        deliver_due.apply_async(retry=False)


@shared_task(name="policies.tasks.deliver_due")
def deliver_due() -> None:
    """Send what is due. Ringing twice, or in several workers, sends nothing twice."""
    if not _at_work.acquire(blocking=False):
        return
    try:
        sending.work(sender=_sender, until=time.monotonic() + LONGEST_SENDING, now=sql_dialect.now)
        is_left = not _shutting_down.is_set() and sending.is_anything_due(sql_dialect.now())
    finally:
        _at_work.release()
    if is_left:
        deliver_due.apply_async(retry=False)


@shared_task(name="policies.tasks.call_webhooks")
def call_webhooks() -> None:
    """Tell other programs what is in the outbox. Ringing twice, or in several workers, calls nobody twice."""
    effects.tell(at=sql_dialect.now())
    webhooks.work(until=time.monotonic() + LONGEST_SENDING, now=sql_dialect.now, stop=_shutting_down.is_set)


@shared_task(name="policies.tasks.anchor_ledger")
def anchor_ledger() -> None:
    """Have the newest head stamped and witnessed, where that is set up and due."""
    maintenance.anchor(at=sql_dialect.now())


@shared_task(name="policies.tasks.seal_ledger")
def seal_ledger() -> None:
    """Sign a new head over the leaves that wait, then mail the receipts that waited for it. Twice does no harm."""
    maintenance.seal(at=sql_dialect.now())


@shared_task(name="policies.tasks.purge_caches")
def purge_caches() -> None:
    """Have a shared cache let go of public pages that changed. Workers that all do so do no harm."""
    _purger.purge_due()


@shared_task(name="policies.tasks.check_deliverability")
def check_deliverability() -> None:
    """Examine whether mail from here can be accepted, where that is due."""
    maintenance.check_deliverability(at=sql_dialect.now())


@shared_task(name="policies.tasks.do_daily")
def do_daily() -> None:
    """Do what happens once a day, where that is due."""
    maintenance.do_daily(at=sql_dialect.now())
