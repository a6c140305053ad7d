"""
One worker's hands: claim, write, intend, send, record, batch after batch, over a connection that is kept.

The point of no return is the final dot: MAIL, RCPT and DATA are answered, the intention is committed, then the text
goes out. What ends before that is certainly unsent; what ends between it and the record is uncertain, and says so.
"""

import hashlib
import logging
import math
import os
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import Delivery, Notice, Suppression
from policies.notices import answers, queue, recipients, restore_guard, route, smtp, steering, suppression
from policies.notices.answers import Phase, Reply, Verdict
from policies.notices.queue import Claimed, Result, Try
from policies.notices.recipients import Outgoing

log = logging.getLogger(__name__)
State = Delivery.State

MAILS_PER_CLAIM = 200
MAILS_PER_CONNECTION = 500
# Leases of what is claimed and still waits in the worker's hands are renewed this often, in seconds.
RENEW_EVERY = 20
# How often a sender compares the database with the mark outside it, in seconds.
LOOK_EVERY = 5
# The breaker (compare listmonk's max_send_errors): this many bad ends, and this share, of the last ones.
BREAKER_WINDOW, BREAKER_LEAST, BREAKER_SHARE = 50, 10, 0.2
BAD = {Verdict.REFUSED, Verdict.OURS, Verdict.UNCERTAIN}


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

    server: smtp.Server
    worker: str = field(default_factory=worker_name)
    stop: Callable[[], bool] = never
    wait: float = 0
    _session: smtp.Session | None = None
    _held: bool = False
    _looked_at: float = -math.inf
    _windows: dict[tuple[int, datetime | None], deque[bool]] = field(default_factory=dict)

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

    def _is_held(self) -> bool:
        """Whether the database was restored from a backup. Looked at now and then, since a restore takes minutes."""
        if time.monotonic() - self._looked_at > LOOK_EVERY:
            self._looked_at = time.monotonic()
            self._held = restore_guard.is_restored()
            if self._held:
                log.error("This database was restored and forgot what was sent since: run manage.py confirm_restore.")
            else:
                restore_guard.keep()
        return self._held

    def close(self) -> None:
        if self._session:
            self._session.close()
        self._session = None

    def _send_batch(self, notice: Notice, *, at: datetime) -> int:
        allowed = self._allowance(notice)
        if not allowed:
            self.wait = min(self.wait, 60 / min(notice.rate_per_minute, settings.NOTICE_RATE_PER_MINUTE))
            return 0
        token = uuid.uuid4()
        claimed = queue.claim(notice=notice, token=token, limit=allowed, at=at)
        prepared = recipients.prepare(notice=notice, claimed=claimed, at=at)
        queue.record(notice=notice, results=prepared.ended, token=token)
        batch = Batch(self, notice, token, at)
        try:
            sent = batch.send(prepared.mails)
        except Exception:
            # The connection may be anywhere in its conversation; what was being sent is settled when its lease ends.
            self.drop()
            raise
        queue.release(token=token, ids=[delivery.id for delivery in claimed])
        for name in self._routes(notice):
            route.give_back(name=name, unused=allowed - sent)
        if notice.hold_after is not None and not _left_of_canary(notice):
            batch.pause(_("The canary is out: look at how it fares, then resume."))
        return sent + len(prepared.ended)

    def _allowance(self, notice: Notice) -> int:
        allowed = MAILS_PER_CLAIM if notice.hold_after is None else min(_left_of_canary(notice), MAILS_PER_CLAIM)
        rates = {self.server.name: settings.NOTICE_RATE_PER_MINUTE, f"notice-{notice.pk}": notice.rate_per_minute}
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
        return [self.server.name, *own]

    def connect(self) -> smtp.Session:
        """
        The kept connection, or a new one.

        :raises smtp.Broken, smtp.Refused: if there is none to be had
        """
        kept = self._session
        if kept and kept.is_fresh and kept.mails_sent < MAILS_PER_CONNECTION:
            return kept
        self.close()
        self._session = smtp.Session(self.server)
        return self._session

    def drop(self) -> None:
        if self._session:
            self._session.drop()
        self._session = None

    def window_of(self, notice: Notice) -> deque[bool]:
        """Whether each of the last mails of a notice went wrong, since somebody last resumed it."""
        return self._windows.setdefault((notice.pk, notice.resumed_at), deque(maxlen=BREAKER_WINDOW))


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
        if not done and not is_anything_due(at):
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


class Reconnect(Exception):
    """This connection is over; what waits goes over a new one."""


class GiveUp(Exception):
    """Nothing more of this batch can be sent now."""


@dataclass
class Batch:
    """What was claimed with one token, on its way. Mails leave `waiting` when something is known about them."""

    sender: Sender
    notice: Notice
    token: uuid.UUID
    at: datetime
    waiting: deque[Outgoing] = field(default_factory=deque)
    results: list[Result] = field(default_factory=list)
    intended: dict[int, Outgoing] = field(default_factory=dict)
    sent: int = 0
    is_begun: bool = False
    started: float = field(default_factory=time.monotonic)
    renewed: float = field(default_factory=time.monotonic)
    mail_started_at: datetime | None = None

    @property
    def now(self) -> datetime:
        """The batch's own instant and the time since then: never the wall clock, which may jump."""
        return self.at + timedelta(seconds=time.monotonic() - self.started)

    def send(self, mails: Iterable[Outgoing]) -> int:
        """Send these mails, or as many as can be; return how many were tried."""
        self.waiting.extend(mails)
        try:
            while self.waiting and not self.sender.stop():
                with suppress(Reconnect):
                    self._send_over(self.sender.connect())
        except smtp.Broken as error:
            self._hold_route(str(error))
        except smtp.Refused as error:
            self._turned_away(error)
        except GiveUp:
            self.sender.drop()
        self._take_back_intentions()
        self._flush()
        return self.sent

    def _send_over(self, session: smtp.Session) -> None:
        self._begin(session)
        while self.is_begun:
            if self._is_open(session):
                self._intend()
                self._hand_over(session)
            else:
                self._begin(session)

    def _begin(self, session: smtp.Session) -> None:
        self.is_begun = bool(self.waiting) and not self.sender.stop()
        if self.is_begun:
            self.mail_started_at = self.now
            session.begin(sender=self.waiting[0].sender, recipient=self.waiting[0].recipient)

    def _is_open(self, session: smtp.Session) -> bool:
        """Read whether the server wants the text of the mail that was begun; what it refuses is dealt with here."""
        try:
            session.go_ahead()
        except smtp.Refused as error:
            self._refused(session, error)
            return False
        except smtp.Broken:
            self.sender.drop()
            if session.has_worked:
                # Servers close connections that idled or carried enough; a new one shows what is really wrong.
                raise Reconnect from None
            raise
        return True

    def _intend(self) -> None:
        """Commit what is about to go out, together with the results before it."""
        if self.waiting[0].delivery.id in self.intended:
            return
        if time.monotonic() - self.renewed > RENEW_EVERY:
            queue.renew(token=self.token)
            self.renewed = time.monotonic()
        group = list(islice(self.waiting, settings.NOTICE_INTENTIONS_AT_ONCE))
        with transaction.atomic():
            self._flush()
            mails = [(mail.delivery, mail.address) for mail in group]
            ours = queue.intend(mails=mails, token=self.token, at=self.at)
        self.intended = {mail.delivery.id: mail for mail in group if mail.delivery.id in ours}
        if len(ours) < len(group):
            # 354 was read for a mail that is no longer ours: only the end of the connection takes that back.
            self.sender.drop()
            for mail in group:
                if mail.delivery.id not in ours:
                    self.waiting.remove(mail)
            raise GiveUp

    def _hand_over(self, session: smtp.Session) -> None:
        """The point of no return."""
        mail, started_at = self.waiting.popleft(), self.mail_started_at or self.now
        session.send(mail.data)
        del self.intended[mail.delivery.id]
        self.sent += 1
        self._begin(session)
        try:
            reply = session.answer()
        except smtp.Broken as error:
            self.sender.drop()
            self._end_uncertain(mail, error.why, started_at)
            raise Reconnect from None
        self._judge(mail, Phase.TEXT, reply, started_at)
        if session.mails_sent == 1:
            route.free(name=self.sender.server.name)
        if reply.code == 421:
            self.sender.drop()
            raise Reconnect

    def _refused(self, session: smtp.Session, error: smtp.Refused) -> None:
        if answers.judge(error.phase, error.reply) == Verdict.ROUTE_HELD:
            self.sender.drop()
            if session.has_worked:
                raise Reconnect
            self._hold_route(str(error))
            raise GiveUp
        mail = self.waiting.popleft()
        self.sent += 1
        self._judge(mail, error.phase, error.reply, self.mail_started_at or self.now)
        if error.phase == Phase.MAIL:
            self._turned_away(error)
            raise GiveUp

    def _judge(self, mail: Outgoing, phase: Phase, reply: Reply, started_at: datetime) -> None:
        verdict = answers.judge(phase, reply)
        tried = self._try(mail, phase, verdict, started_at, reply)
        delivery = mail.delivery
        if verdict == Verdict.ACCEPTED:
            result = Result(delivery, State.ACCEPTED, self.now, tried=tried)
        elif verdict == Verdict.REFUSED:
            result = Result(delivery, State.FAILED, self.now, tried=tried)
            if reply.enhanced_code in suppression.UNKNOWN_MAILBOX:
                suppression.suppress(mail.address, Suppression.Reason.HARD_BOUNCE, source="refused", at=self.now)
        else:
            again_at = answers.next_attempt_at(
                delivery_id=delivery.id, tries=delivery.attempts + 1, at=self.now, reply=reply
            )
            result = Result(delivery, State.QUEUED, self.now, next_attempt_at=again_at, tried=tried)
        self.results.append(result)
        self._watch(verdict)

    def _end_uncertain(self, mail: Outgoing, why: str, started_at: datetime) -> None:
        tried = self._try(mail, Phase.TEXT, Verdict.UNCERTAIN, started_at, Reply(0, why))
        self.results.append(uncertain(self.notice, mail.delivery, tried, at=self.now))
        self._watch(Verdict.UNCERTAIN)

    def _try(self, mail: Outgoing, phase: Phase, verdict: Verdict, started_at: datetime, reply: Reply) -> Try:
        return Try(
            started_at=started_at,
            ended_at=self.now,
            phase=phase,
            outcome=verdict,
            worker=self.sender.worker,
            code=reply.code or None,
            enhanced_code=reply.enhanced_code,
            reply=reply.text,
            message_id=mail.message_id,
            body_sha256=hashlib.sha256(mail.data).hexdigest() if phase == Phase.TEXT else "",
        )

    def _flush(self) -> None:
        queue.record(notice=self.notice, results=self.results, token=self.token)
        self.results = []

    def _take_back_intentions(self) -> None:
        """What was intended together with others and never begun is certainly unsent."""
        self.results += [
            Result(mail.delivery, State.QUEUED, self.now, next_attempt_at=self.now) for mail in self.intended.values()
        ]
        self.intended = {}

    def _watch(self, verdict: Verdict) -> None:
        """The breaker: when too much goes wrong, the notice pauses before it burns the rest of its audience."""
        window = self.sender.window_of(self.notice)
        window.append(verdict in BAD)
        bad = sum(window)
        if bad >= BREAKER_LEAST and bad > BREAKER_SHARE * len(window):
            self.pause(f"Breaker: {bad} of the last {len(window)} mails were refused or lost.")
            window.clear()
            raise GiveUp

    def _turned_away(self, error: smtp.Refused) -> None:
        """The server wants nothing from us at all: it says why, and a person has to look."""
        if answers.judge(error.phase, error.reply) == Verdict.ROUTE_HELD:
            self._hold_route(str(error))
        else:
            self.pause(f"The mail server turned us away ({error}).")

    def pause(self, reason: str) -> None:
        log.error("Notice %s is paused. %s", self.notice.pk, reason)
        with suppress(steering.NotRunning):
            steering.pause(notice=self.notice, reason=reason, by=None, at=self.now)

    def _hold_route(self, reason: str) -> None:
        seconds = route.hold(name=self.sender.server.name, reason=reason)
        log.warning("%s is left alone for %s s. %s", self.sender.server.name, seconds, reason)
        self.sender.wait = float(seconds)


def uncertain(notice: Notice, delivery: Claimed, tried: Try, *, at: datetime) -> Result:
    """A try nobody knows the end of: once more if the notice owes it, otherwise over, and on the list."""
    after = answers.after_uncertain(notice=notice, uncertain_tries=delivery.uncertain_tries + 1, at=at)
    return Result(delivery, after.state, at, next_attempt_at=after.next_attempt_at, is_uncertain=True, tried=tried)


def recover(*, at: datetime, worker: str) -> int:
    """Give back what workers that are gone had claimed, and settle what they were sending; return how many of these."""
    token = uuid.uuid4()
    lost = queue.take_over_lost(token=token)
    for notice in Notice.objects.filter(pk__in=lost):
        results = [uncertain(notice, delivery, _lost_try(delivery, worker, at), at=at) for delivery in lost[notice.pk]]
        queue.record(notice=notice, results=results, token=token)
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


def server_from_settings() -> smtp.Server:
    """The mail server that EMAIL_URL names."""
    return smtp.Server(
        host=settings.EMAIL_HOST,
        port=int(settings.EMAIL_PORT or 25),
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        timeout=settings.EMAIL_TIMEOUT,
        local_name=settings.MAIL_DOMAIN,
    )
