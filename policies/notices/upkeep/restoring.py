"""
Going on with a database that was restored from a backup: what it believes to be waiting is looked at one by one.

The record of tries outside the database (`send.try_journal`) tells who was certainly sent nothing since: they stay in
the queue. Whom a mail server took a mail for meanwhile counts as told. Of the rest nobody knows: an operator decides.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from policies.models import Delivery, DeliveryAttempt, Notice
from policies.notices.plan import planning
from policies.notices.queue import claims
from policies.notices.returns.replies import Phase, Verdict
from policies.notices.send import restore_guard
from policies.notices.send.try_journal import Fate
from policies.notices.upkeep.try_history import History
from policies.notices.write import recipients

State = Delivery.State
# What became of a delivery, and when a mail server took its mail.
Fated = tuple[Fate, Delivery, datetime | None]
AT_ONCE = 2000
WORKER = "confirm_restore"
TAKEN = "By the record outside the database, the mail server took it; its words were lost with the database."
LOST = "The database was restored from a backup: whether a mail went out since is not known."


@dataclass
class Waiting:
    """What a restored database believes to be waiting of one notice, by what became of it."""

    notice: Notice
    by_fate: Counter[Fate] = field(default_factory=Counter)
    uncertain: list[int] = field(default_factory=list)

    def count(self, chunk: Iterable[Fated]) -> None:
        for fate, delivery, _accepted_at in chunk:
            self.by_fate[fate] += 1
            if fate == Fate.UNCERTAIN:
                self.uncertain.append(delivery.pk)


@dataclass(frozen=True)
class Look:
    """
    :ivar gap: why nothing is known of what was sent since the backup; empty where all of it is
    """

    gap: str
    notices: tuple[Waiting, ...]

    def count(self, fate: Fate) -> int:
        return sum(waiting.by_fate[fate] for waiting in self.notices)

    @property
    def uncertain(self) -> list[int]:
        """The keys of the deliveries of which nobody knows."""
        return [key for waiting in self.notices for key in waiting.uncertain]


def look(*, at: datetime) -> Look:
    """
    Say what became of everything that waits. What the backup had published and not planned may have been sent as well:
    it is planned first. Nothing of what waits is changed.
    """
    planning.catch_up(at=at)
    history = history_of_tries()
    found = [look_at(notice, history, at=at) for notice in _notices()]
    return Look(history.gap, tuple(waiting for waiting in found if waiting.by_fate))


def confirm(*, send_again: bool, at: datetime) -> Look:
    """
    Let notices go on. Who was certainly sent nothing keeps waiting, whom a mail server took a mail for counts as told,
    and whose mail is uncertain becomes so, or waits for a second copy where that is wanted (`send_again`).
    """
    planning.catch_up(at=at)
    history, found = history_of_tries(), []
    with transaction.atomic():
        for notice in _notices():
            waiting = Waiting(notice)
            for chunk in _chunks(notice, history, at=at):
                waiting.count(chunk)
                _settle(notice, chunk, send_again=send_again, at=at)
            found.append(waiting)
        settled = Look(history.gap, tuple(waiting for waiting in found if waiting.by_fate))
        uncertain = settled.count(Fate.UNCERTAIN)
        restore_guard.note_confirmation(
            unsent=settled.count(Fate.UNSENT),
            accepted=settled.count(Fate.ACCEPTED),
            uncertain=uncertain,
            sent_again=uncertain if send_again else 0,
            at=at,
        )
    restore_guard.go_on()
    return settled


def _notices() -> QuerySet[Notice]:
    return Notice.objects.select_related("version__policy").order_by("pk")


def history_of_tries() -> History:
    """What is known outside the database of what was tried since it was backed up."""
    return History(restore_guard.instance() or "", attempt=restore_guard.in_database().attempt)


def look_at(notice: Notice, history: History, *, at: datetime) -> Waiting:
    """Say what became of everything that waits of one notice, by what is known outside the database."""
    waiting = Waiting(notice)
    for chunk in _chunks(notice, history, at=at):
        waiting.count(chunk)
    return waiting


def _chunks(notice: Notice, history: History, *, at: datetime) -> Iterator[list[Fated]]:
    """Everything that waits of a notice, some thousand at a time, in the order of their keys."""
    after = 0
    waiting = Delivery.objects.filter(notice=notice, state__in=claims.OPEN).order_by("pk")
    while chunk := list(waiting.filter(pk__gt=after)[:AT_ONCE]):
        after = chunk[-1].pk
        contacts = recipients.contacts_of(notice, [delivery.recipient_id for delivery in chunk], at=at)
        yield [_fated(delivery, contacts.get(delivery.recipient_id), notice, history) for delivery in chunk]


def _fated(delivery: Delivery, contact: recipients.Contact | None, notice: Notice, history: History) -> Fated:
    fate, accepted_at = history.fate(notice, contact.mark if contact else f"{delivery.recipient_id}-")
    return fate, delivery, accepted_at


def _settle(notice: Notice, chunk: list[Fated], *, send_again: bool, at: datetime) -> None:
    by_fate: dict[Fate, list[int]] = {fate: [] for fate in Fate}
    tries = []
    for fate, delivery, accepted_at in chunk:
        by_fate[fate].append(delivery.pk)
        if fate == Fate.ACCEPTED:
            # Not before it was planned, which may have been done anew just now.
            ended_at = max(accepted_at or at, notice.frozen_at or notice.created_at)
            tries.append(_try(delivery, Phase.TEXT, Verdict.ACCEPTED, TAKEN, ended_at))
        elif fate == Fate.UNCERTAIN:
            tries.append(_try(delivery, Phase.LOST, Verdict.UNCERTAIN, LOST, at))
    rows = Delivery.objects.filter(notice=notice)
    # A try that a worker had just begun when the backup was made is counted already, and of the unsent was none.
    begun = [delivery.pk for _fate, delivery, _accepted_at in chunk if delivery.state == State.SENDING]
    rows.filter(pk__in=begun).update(attempts=F("attempts") - 1)
    nobodys = {"claim_token": None, "lease_until": None}
    rows.filter(pk__in=by_fate[Fate.UNSENT]).update(state=State.QUEUED, **nobodys)
    rows.filter(pk__in=by_fate[Fate.ACCEPTED]).update(
        state=State.ACCEPTED, finished_at=at, attempts=F("attempts") + 1, **nobodys
    )
    lost = {"attempts": F("attempts") + 1, "uncertain_tries": F("uncertain_tries") + 1, **nobodys}
    if send_again:
        rows.filter(pk__in=by_fate[Fate.UNCERTAIN]).update(state=State.QUEUED, next_attempt_at=at, **lost)
    else:
        rows.filter(pk__in=by_fate[Fate.UNCERTAIN]).update(state=State.UNCERTAIN, finished_at=at, **lost)
    DeliveryAttempt.objects.bulk_create(tries)
    ended = {State.ACCEPTED: len(by_fate[Fate.ACCEPTED])}
    if not send_again:
        ended[State.UNCERTAIN] = len(by_fate[Fate.UNCERTAIN])
    claims.tally(notice=notice, states={state: count for state, count in ended.items() if count}, at=at)
    if tries:
        # Somebody was told, or may have been: the date is not brought forward as if nobody were.
        claims.begin(notice=notice, at=at, states=Notice.State.values)


def _try(delivery: Delivery, phase: Phase, outcome: Verdict, words: str, at: datetime) -> DeliveryAttempt:
    return DeliveryAttempt(
        delivery_id=delivery.pk,
        number=delivery.attempts + (delivery.state != State.SENDING),
        worker=WORKER,
        started_at=at,
        ended_at=at,
        phase=phase,
        outcome=outcome,
        reply=words,
        message_id=recipients.message_id(delivery.pk),
    )
