"""
What an operator watches: how much waits, for how long, and whether it moves.

Everything is computed from the database when asked, so that it is the same from whichever process is asked, and from
tallies and partial indexes, so that it costs the same for ten thousand deliveries and for a million.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max, Sum

from policies.deliverability.faults import Gravity
from policies.front import watching
from policies.models import (
    Act,
    Checkpoint,
    DeliverabilityCheck,
    Delivery,
    DeliveryAttempt,
    LedgerLeaf,
    MailRoute,
    Notice,
    Tally,
    WebhookEndpoint,
    WebhookTry,
    guards,
)
from policies.notices.send import sending

State = Delivery.State
# Counting goes no further than this where a backlog has no bound: beyond it the exact number tells nobody more.
COUNTED_AT_MOST = 100_000


@dataclass(frozen=True)
class Queue:
    """
    Deliveries by state, and those that are due.

    :ivar due_since: when the delivery that has been due for longest was to be tried; None where none is due
    """

    by_state: Mapping[str, int]
    due_since: datetime | None
    attempts: int

    def oldest_wait(self, *, at: datetime) -> timedelta:
        return max(at - self.due_since, timedelta(0)) if self.due_since else timedelta(0)


@dataclass(frozen=True)
class Ledger:
    """:ivar waits_since: when the oldest leaf was appended that no signed head covers yet"""

    unsealed: int
    waits_since: datetime | None
    sealed: int
    acts: int

    def lag(self, *, at: datetime) -> timedelta:
        return max(at - self.waits_since, timedelta(0)) if self.waits_since else timedelta(0)


def queued(*, at: datetime) -> Queue:
    """Look at the queue of deliveries."""
    attempts = DeliveryAttempt.objects.aggregate(n=Max("id"))["n"] or 0
    return Queue(_deliveries(), _due_since(at), attempts)


def notices() -> Mapping[str, int]:
    """Count notices by state; every state is named."""
    found = Notice.objects.order_by().values_list("state").annotate(n=Count("id"))
    return {**dict.fromkeys(Notice.State.values, 0), **dict(found)}


def ledger(*, at: datetime) -> Ledger:
    """Look at the ledger: what waits for the sealer, and how much stands."""
    waiting = LedgerLeaf.objects.waiting(at).order_by("id")
    return Ledger(
        unsealed=waiting[:COUNTED_AT_MOST].count(),
        waits_since=waiting.values_list("at", flat=True).first(),
        sealed=Checkpoint.objects.aggregate(n=Max("size"))["n"] or 0,
        # Acts are never deleted; counting millions of them at each scrape would be dear.
        acts=Act.objects.aggregate(n=Max("id"))["n"] or 0,
    )


def held_routes(*, at: datetime) -> int:
    """Count the ways out for mail that are left alone for a while because the other side asked for it."""
    return MailRoute.objects.filter(held_until__gt=at).count()


@dataclass(frozen=True)
class Webhooks:
    """
    Webhooks by how they fare, and tries of calls.

    :ivar failing: those that are called and where nothing came through lately, with since when
    """

    well: int
    off: int
    failing: Mapping[int, datetime]
    tries: int

    def longest(self, *, at: datetime) -> timedelta:
        return max((at - since for since in self.failing.values()), default=timedelta(0))


def webhooks() -> Webhooks:
    """Look at the webhooks."""
    endpoints = list(WebhookEndpoint.objects.values_list("pk", "disabled_at", "failing_since"))
    failing = {pk: since for pk, disabled_at, since in endpoints if since and disabled_at is None}
    off = sum(disabled_at is not None for _pk, disabled_at, _since in endpoints)
    tries = WebhookTry.objects.aggregate(n=Max("id"))["n"] or 0
    return Webhooks(len(endpoints) - off - len(failing), off, failing, tries)


def mail_faults() -> Mapping[str, int]:
    """Count what was found last that keeps mail from being accepted, by gravity; every gravity is named."""
    last = DeliverabilityCheck.objects.filter(pk=DeliverabilityCheck.ONLY).first()
    found = Counter(finding["gravity"] for finding in last.findings) if last else Counter[str]()
    return {gravity.value: found[gravity.value] for gravity in Gravity}


def missing_guards() -> list[str]:
    """Name the triggers that should stand and do not."""
    return guards.missing(connection) + watching.missing(connection)


def _deliveries() -> Mapping[str, int]:
    """Final states from the tallies; what is leased from its index; what is left of the audiences is queued."""
    final = dict(Tally.objects.order_by().values_list("state").annotate(n=Sum("count")))
    leased = dict(
        Delivery.objects.filter(state__in=[State.CLAIMED, State.SENDING])
        .order_by()
        .values_list("state")
        .annotate(n=Count("id"))
    )
    told = Notice.objects.aggregate(n=Sum("audience_count"), late=Sum("late_count"))
    everybody = (told["n"] or 0) + (told["late"] or 0)
    rest = everybody - sum(final.values()) - sum(leased.values())
    return {**dict.fromkeys(State.values, 0), **final, **leased, State.QUEUED.value: max(rest, 0)}


def _due_since(at: datetime) -> datetime | None:
    """When the oldest delivery that may go out now was due, by one look into the index for each notice."""
    firsts = (sending.due_since(notice, at) for notice in sending.sendable(at))
    return min((first for first in firsts if first), default=None)
