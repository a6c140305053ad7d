"""Tries that led nowhere go after half a year; how a delivery ended stays."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from policies import clock
from policies.models import Delivery, DeliveryAttempt
from policies.notices.returns.replies import Verdict
from policies.notices.upkeep import retention

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def tried(recipient: int, *outcomes: str, days_ago: float) -> None:
    ended = clock.now() - timedelta(days=days_ago)
    for number, outcome in enumerate(outcomes, start=1):
        DeliveryAttempt.objects.create(
            delivery_id=Delivery.key(1, recipient, 0),
            number=number,
            worker="test",
            started_at=ended,
            ended_at=ended,
            phase="text",
            outcome=outcome,
        )


def left() -> list[str]:
    return list(DeliveryAttempt.objects.order_by("pk").values_list("outcome", flat=True))


def test_old_tries_go_and_how_it_ended_stays() -> None:
    tried(1, Verdict.DEFERRED, Verdict.UNCERTAIN, Verdict.ACCEPTED, days_ago=200)
    tried(2, Verdict.DEFERRED, Verdict.DEFERRED, days_ago=200)
    assert forget(clock.now(), dry_run=True) == 2
    assert len(left()) == 5
    assert forget(clock.now()) == 2
    assert left() == [Verdict.UNCERTAIN, Verdict.ACCEPTED, Verdict.DEFERRED]


def test_younger_ones_stay_and_the_guard_is_never_met(monkeypatch: pytest.MonkeyPatch) -> None:
    tried(1, Verdict.DEFERRED, Verdict.ACCEPTED, days_ago=180.5)
    call_command("apply_retention")
    assert len(left()) == 2


def test_the_daily_command_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    tried(1, Verdict.DEFERRED, Verdict.ACCEPTED, days_ago=200)
    call_command("apply_retention", dry_run=True)
    call_command("apply_retention")
    assert [line for line in capsys.readouterr().out.splitlines() if "1 tries" in line] != []
    assert left() == [Verdict.ACCEPTED]


def forget(at: datetime, *, dry_run: bool = False) -> int:
    return retention.forget_tries(at=at, dry_run=dry_run)
