"""Canary, correction, reminder, export, and a database that was restored."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from policies import clock, publishing
from policies.models import Delivery, DeliveryAttempt, JobSlot, Notice, guards
from policies.notices.plan import audience, planning, steering
from policies.notices.report import export
from policies.notices.send import restore_guard, retrying
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.notices.telling import addresses, open_notice, people, send_all, states, told_version
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path)


def test_a_canary_stops_by_itself_until_somebody_has_looked(smtp_sink: Sink, settings: Any) -> None:
    settings.NOTICE_CANARY = 2
    people(5)
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert (notice.state, states(notice)) == ("paused", {"accepted": 2, "queued": 3})
    steering.resume(notice=notice, by=cast.edith(), at=clock.now())
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 5}


def test_a_correction_goes_to_whoever_was_told(smtp_sink: Sink) -> None:
    told, waiting = people(2)
    notice = open_notice()
    Delivery.objects.filter(recipient_id=waiting.pk).update(next_attempt_at=factories.in_days(1))
    send_all(notice, smtp_sink)
    steering.cancel(notice=notice, reason="Wrong date.", by=cast.edith(), at=clock.now())
    correction = steering.correct(notice=notice, words="The date was wrong.", by=cast.edith(), at=clock.now())
    sweep(at=clock.now(), worker="test")
    correction.refresh_from_db()
    send_all(correction, smtp_sink)
    assert addresses(smtp_sink.messages) == [told.address, told.address]
    assert "The date was wrong." in str(smtp_sink.messages[-1].mail)


def test_a_reminder_goes_once_to_whoever_has_not_answered(smtp_sink: Sink) -> None:
    silent, answered = people(2)
    version = told_version(
        acceptance="explicit", published_at=factories.days_ago(20), effective_at=factories.in_days(5)
    )
    steering.supersede(notice=open_notice(version, at=factories.days_ago(19)), reason="Told.", at=clock.now())
    answered.standings.create(policy=version.policy, agreed_number=version.number or 0)
    assert len(planning.plan_reminders(at=clock.now())) == 1
    assert planning.plan_reminders(at=clock.now()) == []
    reminder = planning.fan_out(notice=version.notices.get(kind="reminder"), at=clock.now())
    send_all(reminder, smtp_sink)
    assert addresses(smtp_sink.messages) == [silent.address]


@pytest.mark.parametrize(("policy", "field", "is_reminded"), [("this", "declined", False), ("other", "agreed", True)])
def test_a_reminder_asks_what_was_answered_about_this_policy(policy: str, field: str, is_reminded: bool) -> None:
    (person,) = people(1)
    version = told_version(
        acceptance="explicit", published_at=factories.days_ago(20), effective_at=factories.in_days(5)
    )
    other = told_version()
    person.standings.create(policy=version.policy, agreed_number=1)
    answered = version if policy == "this" else other
    person.standings.update_or_create(policy=answered.policy, defaults={f"{field}_number": 2})
    steering.supersede(notice=open_notice(version, at=factories.days_ago(19)), reason="Told.", at=clock.now())
    (reminder,) = planning.plan_reminders(at=clock.now())
    assert audience.of(reminder, at=clock.now()).exists() == is_reminded


def test_a_reminder_that_may_have_gone_out_is_not_sent_again(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    Notice.objects.filter(pk=notice.pk).update(state="cancelled")
    reminder = Notice(kind="reminder", stream="legal")
    assert retrying.after_uncertain(notice=reminder, uncertain_tries=1, at=clock.now()).state == "uncertain"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"state": "cancelled"}, steering.NotRunning),
        ({"deliver_by": datetime(2026, 1, 1, tzinfo=UTC)}, steering.TooLate),
    ],
)
def test_what_is_over_sends_nothing_again(fields: dict[str, Any], refusal: type[Exception]) -> None:
    people(1)
    notice = open_notice()
    Delivery.objects.filter(notice=notice).update(state="uncertain")
    Notice.objects.filter(pk=notice.pk).update(**fields)
    notice.refresh_from_db()
    with pytest.raises(refusal):
        steering.send_again(notice=notice, by=cast.edith(), at=clock.now())
    assert states(notice) == {"uncertain": 1}


def test_nothing_is_corrected_that_told_nobody_or_still_goes_out(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    with pytest.raises(steering.NotOver, match="Cancel it first"):
        steering.correct(notice=notice, words="Wrong.", by=cast.edith(), at=clock.now())
    steering.cancel(notice=notice, reason="Wrong date.", by=cast.edith(), at=clock.now())
    notice.refresh_from_db()
    with pytest.raises(steering.NotOver, match="told nobody"):
        steering.correct(notice=notice, words="Wrong.", by=cast.edith(), at=clock.now())
    assert not Notice.objects.filter(kind="correction").exists()


@pytest.mark.parametrize(("how", "why"), [("withdrawn", "withdrawn"), ("postponed", "got another date")])
def test_what_no_longer_holds_is_not_told_again(how: str, why: str) -> None:
    """Between the verb and the sweep that ends its announcements nobody lets them go on; nor afterwards."""
    people(1)
    version = told_version(effective_at=factories.in_days(30), published_at=factories.days_ago(2))
    notice = open_notice(version, at=factories.days_ago(1))
    Delivery.objects.filter(notice=notice).update(state="uncertain")
    steering.pause(notice=notice, reason="Look.", by=cast.edith(), at=clock.now())
    given: dict[str, Any] = {"version": version, "reason": "A mistake.", "by": cast.edith(), "at": clock.now()}
    if how == "withdrawn":
        publishing.withdraw(**given)
    else:
        publishing.postpone(**given, effective_at=factories.in_days(40))
    with pytest.raises(steering.NoLongerHolds, match=why):
        steering.resume(notice=notice, by=cast.edith(), at=clock.now())
    Notice.objects.filter(pk=notice.pk).update(state="done")
    notice.refresh_from_db()
    with pytest.raises(steering.NoLongerHolds, match=why):
        steering.send_again(notice=notice, by=cast.edith(), at=clock.now())
    assert states(notice) == {"uncertain": 1}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert str(export.harmless(cell)).startswith("'")


def test_an_export_has_everybody(smtp_sink: Sink) -> None:
    people(2)
    people(1, address="")
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert len(list(export.as_csv(notice))) == 4
    rows = [json.loads(line) for line in export.as_ndjson(notice)]
    assert sorted(row["state"] for row in rows) == ["accepted", "accepted", "suppressed"]


def test_a_restored_database_sends_nothing_until_somebody_confirms(smtp_sink: Sink) -> None:
    people(3)
    notice = open_notice()
    send_all(notice, smtp_sink)
    restore_guard.keep()
    yesterday(notice)
    send_all(notice, smtp_sink)
    assert len(smtp_sink.messages) == 3
    call_command("confirm_restore")
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=1))
    # The record of tries beside the database knows that the mail server took them.
    assert states(notice) == {"accepted": 3}
    assert len(smtp_sink.messages) == 3


def test_deleting_old_tries_is_no_restore(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    restore_guard.keep()
    forget_tries()
    assert restore_guard.hold() is None


def yesterday(notice: Notice) -> None:
    """As if the backup had been made before anything was sent."""
    forget_tries()
    JobSlot.objects.filter(name=restore_guard.HIGHEST_TRY).delete()
    Delivery.objects.filter(notice=notice).update(state="queued", attempts=0, finished_at=None)


def forget_tries() -> None:
    with connection.cursor() as cursor:
        for name in guards.names(connection.vendor):
            table = "policies_deliveryattempt"
            if table in name and connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
            elif table in name:
                cursor.execute(f"DROP TRIGGER {name}")
    DeliveryAttempt.objects.all().delete()
    guards.install(connection)
