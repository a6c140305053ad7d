"""The pictures of a notice: as wide as what they stand for, and no wider than they are drawn."""

from datetime import UTC, datetime, timedelta

import pytest

from policies.notices.queue.progress import Counts, Moment
from policies.notices.report import chart

BEGUN = datetime(2026, 5, 4, 9, tzinfo=UTC)


def moments(minutes: int) -> list[Moment]:
    return [Moment(BEGUN + timedelta(minutes=n), {"accepted": n + 1, "failed": 1}) for n in range(minutes)]


@pytest.mark.parametrize(
    ("minutes", "step", "drawn"), [(1, 1, 12), (12, 1, 12), (120, 1, 120), (121, 2, 61), (5000, 42, 120)]
)
def test_a_curve_ends_where_its_axis_says(minutes: int, step: int, drawn: int) -> None:
    curve = chart.curve(moments(minutes))
    assert (curve.step, curve.begins_at, curve.ends_at) == (step, BEGUN, BEGUN + timedelta(minutes=drawn * step))
    assert max(box.x + box.width for box in curve.boxes) <= chart.WIDTH
    assert min(box.y for box in curve.boxes) == 0


def test_a_bar_is_filled_by_everybody() -> None:
    boxes = chart.bar(Counts(200, {"accepted": 150, "failed": 10}))
    assert [(box.state, box.width) for box in boxes] == [("accepted", 540), ("failed", 36), ("waiting", 144)]
    assert chart.bar(Counts(0, {})) == []
