"""How acceptances of a version came in over time, against the day it takes effect: numbers, and a picture of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from policies.models import Standing, Version
from policies.notices.report.chart import HEIGHT, MOST_COLUMNS, WIDTH


@dataclass(frozen=True)
class Day:
    """The end of a day in the legal zone: how many had accepted by then, by the acceptance that stands."""

    on: date
    accepted: int


@dataclass(frozen=True)
class Uptake:
    """
    The picture: `points` of an area under the numbers, and where on it the version takes effect.

    :ivar points: corners as SVG takes them, within WIDTH x HEIGHT of `policies.notices.report.chart`
    :ivar effect_x: None where that day lies outside of the picture
    """

    days: tuple[Day, ...]
    points: str
    effect_x: float | None
    ends_on: date


def of(version: Version, *, total: int, at: datetime) -> Uptake:
    """Draw the days from the publication of a version to `at`, or to its effect if that is later."""
    zone = version.zone
    first, today = (version.published_at or at).astimezone(zone).date(), at.astimezone(zone).date()
    effective_on = version.effective_at.astimezone(zone).date() if version.effective_at else None
    last = max(today, effective_on or today, first + timedelta(days=1))
    days = _cumulated(_by_day(version, at=at), first=first, last=min(today, last))
    span = (last - first).days + 1
    return Uptake(
        days=days,
        points=_area(days, span=span, first=first, total=total),
        effect_x=_x((effective_on - first).days, span) if effective_on and first <= effective_on <= last else None,
        ends_on=last,
    )


def _by_day(version: Version, *, at: datetime) -> Counter[date]:
    """How many accepted on each day. Whom the policy does not bind any more is taken off, as few as they are."""
    accepted = Standing.objects.filter(policy=version.policy, agreed_number__gte=version.number)
    gone = Q(person__joined_at__gt=at) | Q(person__closed_at__lte=at)
    if version.policy.audiences:
        gone |= ~Q(person__audiences__any_of=version.policy.audiences)
    counts = Counter(_counted(accepted, version))
    counts.subtract(_counted(accepted.filter(gone), version))
    return counts


def _counted(standings: QuerySet[Standing], version: Version) -> dict[date, int]:
    on = TruncDate("agreed_at", tzinfo=version.zone)
    return dict(standings.order_by().annotate(on=on).values_list("on").annotate(n=Count("pk")))


def _cumulated(by_day: Mapping[date, int], *, first: date, last: date) -> tuple[Day, ...]:
    """At most MOST_COLUMNS days, evenly apart, the last one among them. What came before `first` counts from there."""
    step = -(-((last - first).days + 1) // MOST_COLUMNS)
    shown = sorted({last - timedelta(days=back) for back in range(0, (last - first).days + 1, step)} | {first})
    days, waiting, so_far = [], sorted(by_day), 0
    for day in shown:
        while waiting and (waiting[0] <= day or day == last):
            so_far += by_day[waiting.pop(0)]
        days.append(Day(day, so_far))
    return tuple(days)


def _area(days: Sequence[Day], *, span: int, first: date, total: int) -> str:
    """From the bottom left over the end of each day back to the bottom."""
    height = HEIGHT / total if total else 0.0
    corners = [(0.0, float(HEIGHT))]
    corners += [(_x((day.on - first).days + 1, span), round(HEIGHT - day.accepted * height, 2)) for day in days]
    corners.append((corners[-1][0], float(HEIGHT)))
    return " ".join(f"{x},{y}" for x, y in corners)


def _x(day: int, span: int) -> float:
    return round(WIDTH * day / span, 2)
