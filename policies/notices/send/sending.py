"""One worker's hands: claim, write, send, record, batch after batch."""

import logging
import math
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from policies.models import Delivery, Notice
from policies.notices.queue import claims
from policies.notices.queue.claims import Claimed, Try
from policies.notices.returns.replies import Phase, Verdict
from policies.notices.send import batch, by_http, by_smtp, domains, restore_guard, route
from policies.notices.send.batch import Batch, Carrier
from policies.notices.send.breaker import Breaker
from policies.notices.send.try_journal import Journal
from policies.notices.write import recipients
from policies.notices.write.recipients import Outgoing

log = logging.getLogger(__name__)
State = Delivery.State

MAILS_PER_CLAIM = 200
# How often a sender compares the database with the mark outside it, in seconds.
LOOK_EVERY = 5


def never() -> bool:
    return False


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


@dataclass
class Sender:
    """
    What one thread of one worker needs. `stop` is asked between mails.

    :ivar wait: for how many seconds there is nothing to do, after a `send_due` that sent nothing
    """

    carrier: Carrier
    worker: str = field(default_factory=worker_name)
    stop: Callable[[], bool] = never
    wait: float = 0
    _journal: Journal = field(default_factory=Journal)
    _held: bool = False
    _looked_at: float = -math.inf
    _breakers: dict[tuple[int, datetime | None], Breaker] = field(default_factory=dict)

    def send_due(self, *, at: datetime) -> int:
        """Send one batch of each notice that is being sent; return how many deliveries were handled."""
        handled, self.wait = 0, 1.0
        if self._is_held():
            return 0
        for notice in sendable(at):
            if self.stop():
                break
            handled += self._send_batch(notice, at=at)
        return handled

    def close(self) -> None:
        self.carrier.close()
        self._journal.close()

    def _is_held(self) -> bool:
        """Whether nothing may be sent from here. Looked at now and then, since a restore takes minutes."""
        if time.monotonic() - self._looked_at > LOOK_EVERY:
            self._looked_at = time.monotonic()
            why = restore_guard.hold()
            self._held = why is not None
            if why:
                log.error(why.sentence)
            else:
                self._journal.belongs_to(restore_guard.keep())
        return self._held

    def _send_batch(self, notice: Notice, *, at: datetime) -> int:
        allowed = self._allowance(notice)
        if not allowed:
            self.wait = min(self.wait, 60 / min(notice.rate_per_minute, settings.NOTICE_RATE_PER_MINUTE))
            return 0
        token = uuid.uuid4()
        claimed = claims.claim(notice=notice, token=token, limit=allowed, at=at)
        prepared = recipients.prepare(notice=notice, claimed=claimed, at=at)
        claims.record(results=prepared.ended, token=token)
        mails = Batch(notice, token, at, self.worker, self.stop, self._breaker_of(notice), self.carrier, self._journal)
        try:
            sent = mails.send(self._with_place(prepared.mails, token=token, at=at))
        except Exception:
            # The connection may be anywhere in its conversation; what was being sent is settled when its lease ends.
            self.carrier.drop()
            raise
        claims.release(token=token, ids=[mail.delivery.id for mail in mails.waiting])
        domains.give_back(token=token)
        self.wait = mails.held_for or self.wait
        for name in self._routes(notice):
            route.give_back(name=name, unused=allowed - sent)
        if notice.hold_after is not None and not _left_of_canary(notice):
            mails.pause(_("The canary is out: look at how it fares, then resume."))
        return sent + len(prepared.ended)

    def _with_place(self, mails: list[Outgoing], *, token: uuid.UUID, at: datetime) -> list[Outgoing]:
        """The mails whose domain has a place for us; the others wait a moment, and do not hold up the rest."""
        free = domains.take(domains={mail.domain for mail in mails}, token=token)
        busy = [mail.delivery.id for mail in mails if mail.domain not in free]
        if busy:
            claims.release(token=token, ids=busy, until=at + domains.BUSY_WAIT)
            # Soon on to others, and not at once: the whole queue might be for one domain.
            self.wait = domains.LOOK_AGAIN
        return [mail for mail in mails if mail.domain in free]

    def _allowance(self, notice: Notice) -> int:
        allowed = MAILS_PER_CLAIM if notice.hold_after is None else min(_left_of_canary(notice), MAILS_PER_CLAIM)
        rates = {self.carrier.name: settings.NOTICE_RATE_PER_MINUTE, f"notice-{notice.pk}": notice.rate_per_minute}
        taken: dict[str, int] = {}
        for name in self._routes(notice):
            taken[name] = route.take(name=name, wanted=allowed, per_minute=rates[name])
            allowed = min(allowed, taken[name])
        for name, count in taken.items():
            route.give_back(name=name, unused=count - allowed)
        return allowed

    def _routes(self, notice: Notice) -> list[str]:
        """The server's allowance binds all notices together; a notice set slower has one of its own besides."""
        own = [f"notice-{notice.pk}"] if notice.rate_per_minute < settings.NOTICE_RATE_PER_MINUTE else []
        return [self.carrier.name, *own]

    def _breaker_of(self, notice: Notice) -> Breaker:
        return self._breakers.setdefault((notice.pk, notice.resumed_at), Breaker())


def work(*, sender: Sender, until: float, now: Callable[[], datetime]) -> int:
    """
    Send until nothing is due, the sender is stopped, or `until` on the monotonic clock; return how many were handled.

    `now` gives the database's time. Where a rate leaves gaps, the sender waits for its next turn.
    """
    handled = 0
    while time.monotonic() < until and not sender.stop():
        at = now()
        done = sender.send_due(at=at)
        handled += done
        if not done and not is_anything_due(at + domains.BUSY_WAIT):
            break
        if not done:
            _rest(sender, until)
    return handled


def _rest(sender: Sender, until: float) -> None:
    """Wait for the next turn in short steps, so that a stop is heard."""
    end = min(time.monotonic() + sender.wait, until)
    while time.monotonic() < end and not sender.stop():
        time.sleep(min(0.1, max(end - time.monotonic(), 0)))


def is_anything_due(at: datetime) -> bool:
    """Whether some delivery of a notice that is being sent waits for a sender."""
    queued = Delivery.objects.filter(state=State.QUEUED, next_attempt_at__lte=at)
    return any(queued.filter(notice=notice).exists() for notice in sendable(at))


def due_since(notice: Notice, at: datetime) -> datetime | None:
    """When the delivery of a notice was to be tried that has been due for longest; None where none is."""
    due = Delivery.objects.filter(notice=notice, state=State.QUEUED, next_attempt_at__lte=at)
    return due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()


def sendable(at: datetime) -> list[Notice]:
    """Notices whose deliveries may go out at `at`."""
    running = Notice.objects.filter(state=Notice.State.SENDING).exclude(deliver_by__lte=at)
    return list(running.select_related("version__policy").order_by("pk"))


def _left_of_canary(notice: Notice) -> int:
    """How many of a canary's mails are still to be sent. Workers that look together may overshoot by a batch."""
    tried = notice.tallies.filter(state__in=[State.ACCEPTED, State.FAILED, State.UNCERTAIN])
    ended = sum(tried.values_list("count", flat=True))
    leased = Delivery.objects.filter(notice=notice, state__in=[State.CLAIMED, State.SENDING]).count()
    return max((notice.hold_after or 0) - ended - leased, 0)


def recover(*, at: datetime, worker: str) -> int:
    """Give back what workers that are gone had claimed, and settle what they were sending; return how many of these."""
    token = uuid.uuid4()
    lost = claims.take_over_lost(token=token)
    for notice in Notice.objects.filter(pk__in=lost):
        tries = [(delivery, _lost_try(delivery, worker, at)) for delivery in lost[notice.pk]]
        results = [batch.uncertain(notice, delivery, tried, at=at) for delivery, tried in tries]
        claims.record(results=results, token=token)
    return sum(map(len, lost.values()))


def _lost_try(delivery: Claimed, worker: str, at: datetime) -> Try:
    return Try(
        started_at=delivery.written_at or at,
        ended_at=at,
        phase=Phase.LOST,
        outcome=Verdict.UNCERTAIN,
        worker=worker,
        reply="The sender stopped before it wrote down an answer.",
        message_id=recipients.message_id(delivery.id),
    )


def carrier_from_settings() -> Carrier:
    """The way out that the environment names: MAIL_PROVIDER, or the server of EMAIL_URL."""
    return by_http.from_settings() if settings.MAIL_PROVIDER else by_smtp.from_settings()
