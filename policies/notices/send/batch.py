"""
What was claimed with one token, on its way: its intentions, its results, and when to stop.

The point of no return is the final dot, or the POST: a carrier calls `intend` before it and `answered` or `lost` after
it. What ends before is certainly unsent; what ends in between is uncertain, and says so.
"""

import hashlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from policies.models import Delivery, Notice, Suppression
from policies.notices.plan import steering
from policies.notices.queue import claims
from policies.notices.queue.claims import Claimed, Result, Try
from policies.notices.returns import replies, suppression
from policies.notices.returns.replies import Phase, Reply, Verdict
from policies.notices.send import retrying, route
from policies.notices.send.breaker import Breaker
from policies.notices.send.intentions import GiveUp, Intentions
from policies.notices.send.try_journal import Fate, Journal, Tries
from policies.notices.write.recipients import Outgoing

log = logging.getLogger(__name__)
State = Delivery.State


class Carrier(Protocol):
    """A way out for mail. `name` is that of its route, whose allowance and holds all workers share."""

    @property
    def name(self) -> str: ...

    def carry(self, batch: "Batch") -> None:
        """Send what waits in the batch, or as much as can be. What stays in it was certainly not sent."""

    def drop(self) -> None:
        """End the connection without a word: it may be anywhere in its conversation."""

    def close(self) -> None:
        """Say goodbye."""


@dataclass
class Batch:
    """
    Mails leave `waiting` when something is known about them.

    :ivar held_for: the seconds for which the route is to be left alone
    """

    notice: Notice
    token: uuid.UUID
    at: datetime
    worker: str
    stop: Callable[[], bool]
    breaker: Breaker
    carrier: Carrier
    journal: Journal
    waiting: deque[Outgoing] = field(default_factory=deque)
    sent: int = 0
    held_for: float = 0
    _results: list[Result] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)
    _intentions: Intentions = field(init=False)
    _tries: Tries = field(init=False)

    def __post_init__(self) -> None:
        self._intentions = Intentions(self.token, self.at)
        self._tries = Tries(self.journal, self.notice)

    @property
    def now(self) -> datetime:
        """The batch's own instant and the time since then: never the wall clock, which may jump."""
        return self.at + timedelta(seconds=time.monotonic() - self._started)

    @property
    def goes_on(self) -> bool:
        return bool(self.waiting) and not self.stop()

    def send(self, mails: Iterable[Outgoing]) -> int:
        """Send these mails, or as many as can be; return how many were tried."""
        self.waiting.extend(mails)
        try:
            self.carrier.carry(self)
        except GiveUp:
            self.carrier.drop()
        self._take_back_intentions()
        claims.record(results=self._results, token=self.token)
        self._tries.end(self.waiting, at=self.now)
        return self.sent

    def intend(self) -> None:
        """
        Commit that the first of what waits is about to go out, together with the results before it.

        :raises GiveUp: if it is no longer ours; only the end of the connection takes back what was begun
        """
        self._tries.ahead(self.waiting, at=self.now)
        self._intentions.commit(self.waiting, self._results)

    def take(self) -> Outgoing:
        """The mail that was intended: from here on, it may have gone out."""
        mail = self.waiting.popleft()
        self._intentions.begun(mail)
        self.sent += 1
        return mail

    def refused(self, phase: Phase, reply: Reply, *, started_at: datetime) -> None:
        """The first of what waits was turned away before its text was asked for."""
        self.sent += 1
        self.answered(self.waiting.popleft(), phase, reply, replies.judge(phase, reply), started_at=started_at)

    def answered(self, mail: Outgoing, phase: Phase, reply: Reply, verdict: Verdict, *, started_at: datetime) -> None:
        """
        Note what was said to a mail, and what it means.

        :raises GiveUp: if that was one bad answer too many
        """
        now, delivery = self.now, mail.delivery
        tried = self._try(mail, phase, verdict, reply, period=(started_at, now))
        if verdict == Verdict.ACCEPTED:
            result = Result(delivery, State.ACCEPTED, now, tried=tried)
        elif verdict == Verdict.REFUSED:
            result = Result(delivery, State.FAILED, now, reason=replies.flaw(reply), tried=tried)
            if reply.enhanced_code in suppression.UNKNOWN_MAILBOX:
                suppression.suppress(mail.address, Suppression.Reason.HARD_BOUNCE, source="refused", at=now)
        else:
            again_at = retrying.next_attempt_at(
                delivery_id=delivery.id, tries=delivery.attempts + 1, at=now, reply=reply
            )
            result = Result(delivery, State.QUEUED, now, next_attempt_at=again_at, tried=tried)
        self._results.append(result)
        self._tries.ended(mail, Fate.ACCEPTED if verdict == Verdict.ACCEPTED else Fate.UNSENT)
        self._watch(verdict)

    def held_back(
        self, mail: Outgoing, phase: Phase, reply: Reply, *, started_at: datetime, at_least: float = 0
    ) -> None:
        """An intended mail was certainly not taken, and its route is to be left alone: it waits for the route."""
        self.hold_route(f"{phase}: {reply}", at_least=at_least)
        now = self.now
        tried = self._try(mail, phase, Verdict.ROUTE_HELD, reply, period=(started_at, now))
        again_at = now + timedelta(seconds=self.held_for)
        self._results.append(Result(mail.delivery, State.QUEUED, now, next_attempt_at=again_at, tried=tried))
        self._tries.ended(mail, Fate.UNSENT)

    def lost(self, mail: Outgoing, why: str, *, started_at: datetime, phase: Phase = Phase.TEXT) -> None:
        """
        The whole text went out and nobody knows what became of it.

        :raises GiveUp: if that was one bad end too many
        """
        now = self.now
        tried = self._try(mail, phase, Verdict.UNCERTAIN, Reply(0, why), period=(started_at, now))
        self._results.append(uncertain(self.notice, mail.delivery, tried, at=now))
        self._tries.ended(mail, Fate.UNCERTAIN)
        self._watch(Verdict.UNCERTAIN)

    def turned_away(self, phase: Phase, reply: Reply) -> None:
        """The server wants nothing from us at all: it says why, and a person has to look."""
        if replies.judge(phase, reply) == Verdict.ROUTE_HELD:
            self.hold_route(f"{phase}: {reply}")
        else:
            self.pause(f"The mail server turned us away ({phase}: {reply}).")

    def hold_route(self, reason: str, *, at_least: float = 0) -> None:
        self.held_for = float(route.hold(name=self.carrier.name, reason=reason, at_least=at_least))
        log.warning("%s is left alone for %s s. %s", self.carrier.name, self.held_for, reason)

    def pause(self, reason: str) -> None:
        log.error("Notice %s is paused. %s", self.notice.pk, reason)
        with suppress(steering.NotRunning):
            steering.pause(notice=self.notice, reason=reason, by=None, at=self.now)

    def _try(
        self, mail: Outgoing, phase: Phase, verdict: Verdict, reply: Reply, *, period: tuple[datetime, datetime]
    ) -> Try:
        return Try(
            started_at=period[0],
            ended_at=period[1],
            phase=phase,
            outcome=verdict,
            worker=self.worker,
            code=reply.code or None,
            enhanced_code=reply.enhanced_code,
            reply=reply.text,
            message_id=mail.message_id,
            body_sha256=hashlib.sha256(mail.data).hexdigest() if phase == Phase.TEXT else "",
        )

    def _take_back_intentions(self) -> None:
        """What was intended together with others and never begun is certainly unsent."""
        now = self.now
        self._results += [
            Result(mail.delivery, State.QUEUED, now, next_attempt_at=now)
            for mail in self._intentions.not_begun(self.waiting)
        ]

    def _watch(self, verdict: Verdict) -> None:
        if why := self.breaker.trips(verdict):
            self.pause(why)
            raise GiveUp


def uncertain(notice: Notice, delivery: Claimed, tried: Try, *, at: datetime) -> Result:
    """A try nobody knows the end of: once more if the notice owes it, otherwise over, and on the list."""
    after = retrying.after_uncertain(notice=notice, uncertain_tries=delivery.uncertain_tries + 1, at=at)
    return Result(delivery, after.state, at, next_attempt_at=after.next_attempt_at, is_uncertain=True, tried=tried)
