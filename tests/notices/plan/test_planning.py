"""What is planned when, for whom, and what becomes of it when dates move."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from policies import clock, publishing
from policies.models import Delivery, LedgerLeaf, Notice, Version
from policies.notices.plan import audience, planning
from policies.notices.queue import progress
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.notices.telling import addresses, open_notice, people, send_all, states, told_version
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def kinds(version: Version) -> list[tuple[str, str]]:
    return sorted(version.notices.values_list("stream", "kind"))


def test_a_version_that_tells_people_gets_one_notice() -> None:
    version = told_version()
    assert len(planning.plan_due(at=clock.now())) == 1
    assert planning.plan_due(at=clock.now()) == []
    assert kinds(version) == [("legal", "change")]


def test_a_quiet_version_gets_none() -> None:
    factories.make_version()
    assert planning.plan_due(at=clock.now()) == []


def test_the_audience_is_counted_and_hashed() -> None:
    people(3)
    notice = open_notice()
    assert notice.audience_count == 3
    assert audience.digest(notice) == (3, notice.audience_sha256)
    assert LedgerLeaf.objects.filter(kind="notice", reference=f"{notice.pk}-audience").exists()


def test_what_goes_back_into_the_queue_while_a_notice_is_looked_at_keeps_it_open() -> None:
    people(3)
    notice = open_notice()
    held = Delivery.objects.filter(notice=notice)
    held.update(state="claimed")

    def let_go(execute: Any, *statement: Any) -> Any:
        """A worker's lease ends as soon as somebody has looked once."""
        found = execute(*statement)
        if "policies_delivery" in statement[0] and not statement[0].startswith("UPDATE"):
            with connection.cursor() as cursor:
                cursor.cursor.execute("UPDATE policies_delivery SET state = 'queued'")
        return found

    with connection.execute_wrapper(let_go):
        assert not planning.finish(notice=notice, at=clock.now())
    notice.refresh_from_db()
    assert notice.state == "sending"


def test_fanning_out_again_changes_nothing() -> None:
    people(3)
    notice = open_notice()
    assert audience.fan_out_batch(notice, at=clock.now()) == 0
    assert planning.fan_out(notice=notice, at=clock.now()).audience_count == 3
    assert Delivery.objects.filter(notice=notice).count() == 3


def test_an_empty_audience_says_so() -> None:
    notice = open_notice()
    assert notice.state_reason == "Nobody to tell: the audience is empty."


def test_whoever_left_is_not_in_the_audience_and_whoever_leaves_is_not_mailed(smtp_sink: Sink) -> None:
    people(1, closed_at=factories.days_ago(1))
    leaving, _ = people(2)
    notice = open_notice()
    leaving.closed_at = clock.now()
    leaving.save()
    send_all(notice, smtp_sink)
    assert states(notice) == {"suppressed": 1, "accepted": 1}
    assert progress.counts(notice).total == 2


def test_who_joins_before_the_effect_is_told_too(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    people(2, joined_at=clock.now())
    planning.top_up(notice=notice, at=clock.now() + timedelta(minutes=1))
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=2))
    assert states(notice) == {"accepted": 3}
    assert audience.digest(notice) == (1, notice.audience_sha256)


def test_what_is_done_is_closed(smtp_sink: Sink) -> None:
    people(2)
    notice = open_notice()
    send_all(notice, smtp_sink)
    sweep(at=clock.now(), worker="test")
    notice.refresh_from_db()
    assert notice.state == Notice.State.DONE


def test_what_comes_too_late_expires() -> None:
    people(2)
    notice = open_notice()
    sweep(at=factories.in_days(31), worker="test")
    assert states(notice) == {"expired": 2}


def test_whoever_was_told_of_a_date_is_told_the_later_one(smtp_sink: Sink) -> None:
    told, waiting = people(2)
    version = told_version()
    notice = open_notice(version)
    Delivery.objects.filter(notice=notice, recipient_id=waiting.pk).update(next_attempt_at=factories.in_days(1))
    send_all(notice, smtp_sink)
    later = factories.in_days(40)
    publishing.postpone(version=version, effective_at=later, reason="More time.", by=cast.edith(), at=clock.now())
    sweep(at=clock.now(), worker="test")
    moved = version.notices.get(kind="postponed")
    send_all(moved, smtp_sink)
    assert states(notice) == {"accepted": 1, "cancelled": 1}
    assert addresses(smtp_sink.messages) == sorted([told.address, told.address, waiting.address])
    assert "More time." in smtp_sink.messages[-1].mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_only_whoever_was_told_is_told_of_a_withdrawal(smtp_sink: Sink) -> None:
    told, waiting = people(2)
    version = told_version()
    notice = open_notice(version)
    Delivery.objects.filter(notice=notice, recipient_id=waiting.pk).update(next_attempt_at=factories.in_days(1))
    send_all(notice, smtp_sink)
    publishing.withdraw(version=version, reason="A mistake.", by=cast.edith(), at=clock.now())
    sweep(at=clock.now(), worker="test")
    send_all(version.notices.get(kind="withdrawn"), smtp_sink)
    assert addresses(smtp_sink.messages) == [told.address, told.address]
    assert states(notice) == {"accepted": 1, "cancelled": 1}


def test_followers_get_an_alert_with_one_click_to_stop(smtp_sink: Sink) -> None:
    version = told_version()
    vera = cast.vera(version.policy)
    cast.vera(None)
    planning.plan_due(at=clock.now())
    notice = planning.fan_out(notice=version.notices.get(stream="alert"), at=clock.now())
    send_all(notice, smtp_sink)
    (message,) = smtp_sink.messages
    assert vera.token in message.mail["List-Unsubscribe"]
    assert message.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = next(line for line in message.data.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    assert header.endswith(b"/>")


def test_whoever_comes_on_record_late_is_told_whatever_their_day_of_joining(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    people(1, joined_at=factories.days_ago(400))
    people(1, joined_at=factories.days_ago(400), address="")
    assert planning.top_up(notice=notice, at=clock.now()) == 2
    assert planning.top_up(notice=notice, at=clock.now()) == 0
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2, "suppressed": 1}
    counts = progress.counts(notice)
    assert (counts.total, counts.waiting) == (3, 0)
