"""How far a notice has come, from its tallies: the same time for ten thousand people and for a million."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from policies.models import Delivery, Notice

State = Delivery.State


@dataclass(frozen=True)
class Counts:
    """Deliveries by final state; `waiting` are those that have not ended. `total` includes late joiners."""

    total: int
    by_state: Mapping[str, int]

    @property
    def waiting(self) -> int:
        return self.total - sum(self.by_state.values())

    @property
    def accepted(self) -> int:
        return self.by_state.get(State.ACCEPTED, 0)

    @property
    def not_by_mail(self) -> int:
        """Those whom mail did not reach: they are shown the prominent notice."""
        return sum(count for state, count in self.by_state.items() if state != State.ACCEPTED)

    @property
    def share(self) -> float:
        """The share of the audience that the mail server took over, in percent."""
        return 100 * self.accepted / self.total if self.total else 0.0


@dataclass(frozen=True)
class Moment:
    """One minute of a notice: how many ended, by state."""

    at: datetime
    by_state: Mapping[str, int]


@dataclass(frozen=True)
class Pace:
    """Mails a minute over the last minutes, and when the last one is expected at that pace."""

    per_minute: float
    ends_at: datetime | None


def counts(notice: Notice) -> Counts:
    """Sum a notice's tallies."""
    sums = notice.tallies.order_by().values_list("state").annotate(n=Sum("count"))
    return Counts(notice.audience_count + notice.late_count, {state: n for state, n in sums if n})


def curve(notice: Notice) -> list[Moment]:
    """Every minute in which something ended, in order."""
    minutes: dict[int, dict[str, int]] = {}
    for minute, state, count in notice.tallies.order_by("minute").values_list("minute", "state", "count"):
        minutes.setdefault(minute, {})[state] = count
    return [Moment(datetime.fromtimestamp(minute * 60, UTC), states) for minute, states in minutes.items()]


def pace(notice: Notice, *, at: datetime) -> Pace:
    """The pace of the last five minutes; before anything was sent, the rate that is set."""
    since = int((at - timedelta(minutes=5)).timestamp()) // 60
    recent = notice.tallies.filter(minute__gt=since, state=State.ACCEPTED).aggregate(n=Sum("count"))["n"] or 0
    begun = notice.tallies.filter(state=State.ACCEPTED).order_by("minute").values_list("minute", flat=True).first()
    minutes = min(5.0, max(at.timestamp() / 60 - begun, 1 / 6)) if begun is not None else 1.0
    measured = recent / minutes
    # It may have been made slower a moment ago.
    expected = min(measured or notice.rate_per_minute, notice.rate_per_minute)
    waiting = counts(notice).waiting
    is_running = waiting and notice.state == Notice.State.SENDING
    return Pace(measured, at + timedelta(minutes=waiting / expected) if is_running else None)
