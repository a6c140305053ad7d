"""The pictures of a notice, as numbers that a template draws: a bar by state, and the curve over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from policies.models import Delivery
from policies.notices.queue.progress import Counts, Moment

State = Delivery.State
# In the order in which they are drawn.
STATES = (
    State.ACCEPTED,
    State.UNCERTAIN,
    State.FAILED,
    State.SUPPRESSED,
    State.EXPIRED,
    State.CANCELLED,
)
WIDTH, HEIGHT = 720, 180
# However long a notice runs, the picture has at most so many columns.
MOST_COLUMNS = 120
# A notice that has just begun does not fill it with a single column.
FEWEST_COLUMNS = 12
# Nor are its columns as wide as those of a long one would be together.
WIDEST = 24


@dataclass(frozen=True)
class Box:
    """A rectangle of the picture."""

    state: str
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class Curve:
    """Columns of deliveries that ended, each of `step` minutes. The instants are the ends of the whole picture."""

    boxes: tuple[Box, ...]
    begins_at: datetime | None
    ends_at: datetime | None
    highest: int
    step: int = 1


def bar(counts: Counts) -> list[Box]:
    """All deliveries side by side, by state; what waits comes last."""
    ended = [(state, _name(state), counts.by_state.get(state, 0)) for state in STATES]
    return side_by_side([*ended, ("waiting", _name("waiting"), counts.waiting)])


def side_by_side(parts: Iterable[tuple[str, str, int]]) -> list[Box]:
    """Parts of a whole as (name, label, number), in one bar as wide as the picture."""
    parts = list(parts)
    total, x, boxes = sum(number for _name, _label, number in parts), 0.0, []
    for name, label, number in parts:
        width = WIDTH * number / total if total else 0.0
        if number > 0:
            boxes.append(Box(name, round(x, 2), 0, round(width, 2), 24, f"{label}: {number:,}"))
        x += width
    return boxes


def curve(moments: Sequence[Moment]) -> Curve:
    """How many deliveries ended in each stretch of time, stacked by state."""
    if not moments:
        return Curve((), None, None, 0)
    first, last = moments[0].at, moments[-1].at
    minutes = int((last - first).total_seconds() // 60) + 1
    step = -(-minutes // MOST_COLUMNS)
    columns: dict[int, dict[str, int]] = {}
    for moment in moments:
        column = columns.setdefault(int((moment.at - first).total_seconds() // 60) // step, {})
        for state, count in moment.by_state.items():
            column[state] = column.get(state, 0) + max(count, 0)
    highest = max(sum(column.values()) for column in columns.values())
    drawn = max(-(-minutes // step), FEWEST_COLUMNS)
    width = WIDTH / drawn
    boxes = [box for place, column in columns.items() for box in _column(place * width, width, column, highest)]
    return Curve(tuple(boxes), first, first + timedelta(minutes=drawn * step), highest, step)


def _column(x: float, width: float, column: dict[str, int], highest: int) -> list[Box]:
    boxes, y = [], float(HEIGHT)
    for state in STATES:
        count = column.get(state, 0)
        height = HEIGHT * count / highest if highest else 0.0
        if height:
            y -= height
            boxes.append(
                Box(
                    state,
                    round(x, 2),
                    round(y, 2),
                    round(min(width * 0.9, WIDEST), 2),
                    round(height, 2),
                    f"{_name(state)}: {count:,}",
                )
            )
    return boxes


def _name(state: str) -> str:
    return str(State(state).label) if state in State.values else _("waiting")
