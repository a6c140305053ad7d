import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from policies import clock, ledger
from policies.models import AuditEvent, Checkpoint, User, WebhookDelivery, WebhookEndpoint, WebhookTry
from policies.notices.upkeep import desk_mail
from policies.webhooks import calling, dispatch, endpoints
from tests import people
from tests.acceptance.asking import NOW
from tests.webhooks import listening, receiver
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.both_databases

State = WebhookDelivery.State
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_message_is_delivered_and_how_is_on_the_record(db: Any) -> None:
    with receiving(receiver.status(200, body=b"thanks")) as there:
        listening.endpoint(there.url)
        message = listening.message()
        assert (listening.call_all(), listening.call_all()) == (1, 0)
    (call,) = there.calls
    assert (call.body.decode(), call.headers["webhook-id"]) == (message.body, message.message_id)
    assert (listening.delivery().state, listening.delivery().tries) == (State.DELIVERED, 1)
    # What a receiver says when all is well may be anything, so it is not kept.
    assert list(WebhookTry.objects.values_list("status", "error", "answer")) == [(200, "", "")]


def test_every_try_has_the_same_id_and_the_same_bytes(db: Any) -> None:
    at = NOW
    with receiving(receiver.status(500, body=b"sorry"), receiver.status(503), receiver.status(204)) as there:
        listening.endpoint(there.url)
        listening.message(at=at)
        for _ in range(3):
            assert listening.call_once(at)
            at = max(listening.delivery().next_try_at, at + HOUR)
    assert len({(call.headers["webhook-id"], call.body) for call in there.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in there.calls}) == 3
    assert [each.answer for each in WebhookTry.objects.all()] == ["sorry", "", ""]
    assert listening.delivery().state == State.DELIVERED


def test_the_waits_are_those_of_the_specification_with_some_jitter(db: Any, settings: Any) -> None:
    settings.WEBHOOK_GIVE_UP_DAYS = 99
    listening.endpoint()
    listening.message(at=NOW)
    at, waits = NOW, []
    while listening.call_once(at):
        found = listening.delivery()
        if found.state != State.QUEUED:
            break
        waits.append((found.next_try_at - at).total_seconds())
        at = max(found.next_try_at, WebhookEndpoint.objects.get().held_until or at)
    expected = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(wait <= found <= 1.2 * wait for wait, found in zip(expected, waits, strict=True))
    assert (listening.delivery().state, listening.delivery().tries) == (State.FAILED, 10)


@pytest.mark.parametrize(("asked", "wait"), [("120", 120), ("86400000", 86400), ("soon", 5), ("", 5), ("-1", 5)])
def test_retry_after_is_kept_to_up_to_a_day(db: Any, asked: str, wait: int) -> None:
    with receiving(receiver.status(429, Retry_After=asked)) as there:
        listening.endpoint(there.url)
        listening.message(at=NOW)
        listening.call_once(NOW)
    assert wait <= listening.seconds(listening.delivery().next_try_at - NOW) <= max(wait, 6)
    assert listening.seconds((WebhookEndpoint.objects.get().held_until or NOW) - NOW) in {wait, 4}


def test_retry_after_may_be_a_date() -> None:
    at = datetime.fromisoformat("2026-06-01T12:00:00+00:00")
    assert dispatch.next_try(5, "Mon, 01 Jun 2026 12:10:00 GMT", at=at) == at + timedelta(minutes=10)
    assert dispatch.next_try(5, "Mon, 01 Jun 2020 12:10:00 GMT", at=at) < at + timedelta(seconds=7)


def test_gone_turns_the_webhook_off_at_once(db: Any) -> None:
    with receiving(receiver.status(410)) as there:
        listening.endpoint(there.url)
        listening.message("1", at=NOW)
        listening.message("2", at=NOW)
        assert listening.call_once(NOW)
        assert not listening.call_once(NOW + DAY)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.disabled_at, "410 Gone" in endpoint.disabled_reason) == (NOW, True)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {State.FAILED, State.CANCELLED}


def test_after_days_of_silence_it_is_turned_off_and_the_desk_is_told(db: Any) -> None:
    User.objects.create_superuser("root@example.org", people.PASSWORD, name="Root")
    listening.endpoint()
    at, until = NOW, NOW + 4 * DAY
    while not WebhookEndpoint.objects.get().disabled_at and at < until:
        listening.message(f"{at}", at=at)
        listening.call_once(at)
        at += HOUR
    assert at == NOW + 3 * DAY + HOUR
    event = AuditEvent.objects.get(verb="webhook.given_up")
    assert (event.data["name"], "No call has come through since" in event.data["reason"]) == ("Studio", True)
    assert desk_mail.tell(at=at) == 1
    (told,) = mail.outbox
    assert (told.subject, told.to) == (
        "The webhook Studio was turned off: nothing came through",
        ["root@example.org"],
    )
    assert f"/admin/policies/webhookendpoint/{WebhookEndpoint.objects.get().pk}/change/" in str(told.body)


def test_one_that_is_down_is_not_hammered_by_its_backlog(db: Any) -> None:
    with receiving(receiver.status(500)) as there:
        listening.endpoint(there.url)
        for number in range(50):
            listening.message(str(number), at=NOW)
        calls = sum(listening.call_once(NOW + timedelta(seconds=second)) for second in range(0, 3600, 20))
    # Often at first, then ever more rarely: 50 messages would otherwise be 50 calls at once.
    assert 5 <= calls <= 15
    assert len(there.calls) == calls


def test_one_that_hangs_does_not_hold_up_another(db: Any) -> None:
    listening.endpoint()
    with receiving() as there:
        listening.endpoint(there.url)
        listening.message(at=NOW)
        held = dispatch.claim(at=NOW)
        assert listening.call_once(NOW)
    assert held is not None
    assert len(there.calls) == 1


def test_what_a_worker_held_when_it_died_is_called_again(db: Any) -> None:
    with receiving() as there:
        listening.endpoint(there.url)
        listening.message(at=NOW)
        dead = dispatch.claim(at=NOW)
        assert dead is not None
        assert not listening.call_once(NOW + timedelta(seconds=60))
        later = NOW + dispatch.LEASE
        assert dispatch.recover(at=later) == 1
        assert listening.call_once(later)
        # Should it wake up, it changes nothing any more.
        dispatch.record(dead, calling.Answer(error="late"), started_at=NOW, at=later)
    assert listening.delivery().state == State.DELIVERED
    assert WebhookEndpoint.objects.get().failing_since is None


def test_workers_that_come_together_call_once(fresh_database: Any) -> None:
    with receiving() as there:
        for number in range(3):
            listening.endpoint(f"{there.url}&n={number}")
        for number in range(20):
            listening.message(str(number))

        def run() -> None:
            for _ in range(200):
                if not listening.call_all() and not WebhookDelivery.objects.exclude(state=State.DELIVERED).exists():
                    break
            connection.close()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    calls = [(call.line, call.headers["webhook-id"]) for call in there.calls]
    assert len(calls) == len(set(calls)) == 60
    assert set(WebhookDelivery.objects.values_list("state", "tries")) == {(State.DELIVERED, 1)}


def test_what_is_off_is_not_called_and_comes_back_by_hand(db: Any) -> None:
    with receiving() as there:
        endpoint = listening.endpoint(there.url)
        listening.message(at=NOW)
        endpoints.turn_off(endpoint=endpoint, reason="Rebuilt.", by=people.edith(), at=NOW)
        assert not listening.call_once(NOW)
        delivery = WebhookDelivery.objects.select_related("endpoint", "message").get()
        with pytest.raises(endpoints.IsOff):
            endpoints.send_again(delivery=delivery, by=people.edith(), at=NOW)
        endpoints.turn_on(endpoint=endpoint, by=people.edith(), at=NOW)
        delivery.endpoint.refresh_from_db()
        endpoints.send_again(delivery=delivery, by=people.edith(), at=NOW)
        with pytest.raises(endpoints.OnItsWay):
            endpoints.send_again(delivery=delivery, by=people.edith(), at=NOW)
        assert listening.call_once(NOW)
    assert len(there.calls) == 1


def test_a_test_goes_to_one_endpoint_whatever_it_hears(db: Any) -> None:
    with receiving() as there:
        endpoint = listening.endpoint(there.url, kinds=[])
        listening.endpoint("http://127.0.0.1:9/other")
        endpoints.test(endpoint=endpoint, at=clock.now())
        assert listening.call_all() == 1
    assert b'"type":"webhook.test"' in there.calls[0].body


def test_the_command_calls_without_celery(fresh_database: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with receiving() as there:
        listening.endpoint(there.url)
        listening.message()
        ledger.append(kind="test", reference="1", body={}, at=clock.now())
        call_command("run_deliveries", once=True)
    assert len(there.calls) == 1
    assert Checkpoint.objects.get().size == 1
    assert "1 webhooks called" in capsys.readouterr().out
