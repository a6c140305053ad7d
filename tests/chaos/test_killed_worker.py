"""Celery workers that are killed, told to end, or told the wrong time; a broker that forgets, is down, or is silent."""

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import connection

from policies import clock, publishing, tasks
from policies.models import Delivery, DeliveryAttempt, Notice
from policies.notices.report import notice_audit
from tests import factories
from tests import people as cast
from tests.chaos import wrong_clock
from tests.chaos.evidence import kept_by
from tests.notices.telling import open_notice, people, states
from tests.services.deployment import Deployment
from tests.smtp_sink import Fault, Sink

pytestmark = pytest.mark.both_databases

# A short memory for the dead: what a killed worker held comes back after seconds.
IMPATIENT = {
    "DELIVERY_LEASE_SECONDS": "4",
    "EMAIL_TIMEOUT": "2",
    "NOTICE_UNCERTAIN_WAIT": "2",
    "NOTICE_RATE_PER_MINUTE": "1200",
}


def wait_until(is_so: Callable[[], bool], *, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.1)
        connection.close()


def publish() -> Notice | None:
    """Publish a material change, as the desk does: the verb, then the bell."""
    draft = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    publishing.publish(version=draft, by=cast.edith(), at=clock.now())
    tasks.ring()
    return Notice.objects.first()


def test_a_killed_worker_skips_nobody(deployment: Deployment, smtp_sink: Sink) -> None:
    deployment.settings |= IMPATIENT
    people(40)
    publish()
    worker = deployment.start_worker(beat=True)
    wait_until(lambda: len(smtp_sink.messages) > 10)
    worker.kill()
    worker.wait()
    # The broker forgets every bell, also those that the dead worker had not confirmed.
    redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]).flushdb()
    deployment.start_worker(name="second", beat=True)
    wait_until(lambda: Notice.objects.filter(state="done").exists())
    assert set(Delivery.objects.values_list("state", flat=True)) == {"accepted"}
    assert Delivery.objects.count() == 40
    assert notice_audit.check(Notice.objects.get(), kept=kept_by(smtp_sink)) == []


def test_publishing_does_not_wait_for_a_broker_that_is_down(
    deployment: Deployment, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(3)
    monkeypatch.setattr(tasks.sweep.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(tasks.sweep.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(tasks, "LONGEST_RINGING", 60)
    begun = time.monotonic()
    tasks.ring()
    assert time.monotonic() - begun < 60  # it gave up by itself
    publish()
    deployment.start_worker(beat=True)
    wait_until(lambda: Delivery.objects.filter(state="accepted").count() == 3)


def test_a_broker_that_says_nothing_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setattr(tasks.sweep.app.conf, "broker_url", url)
        monkeypatch.setattr(tasks.sweep.app.conf, "broker_write_url", url)
        monkeypatch.setattr(tasks, "LONGEST_RINGING", 3)
        begun, threads = time.monotonic(), threading.active_count()
        for _ring in range(20):
            tasks.ring()
        assert time.monotonic() - begun < 20 * 3  # the first one waited, and no other
        assert threading.active_count() <= threads + 1


def test_without_a_broker_nobody_rings_and_nothing_is_missing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = ""
    monkeypatch.setattr(tasks.sweep, "apply_async", lambda **_: pytest.fail("rang"))
    threads = threading.active_count()
    tasks.ring()
    assert threading.active_count() == threads
    monkeypatch.setattr(tasks.sweep.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    assert tasks.broker_answers()


def test_a_worker_that_is_told_to_end_does_so_between_two_mails(deployment: Deployment, smtp_sink: Sink) -> None:
    deployment.settings |= {**IMPATIENT, "DELIVERY_LEASE_SECONDS": "120"}
    people(40)
    smtp_sink.misbehave(Fault(at="reply", delay=0.3))
    publish()
    worker = deployment.start_worker(beat=True)
    wait_until(lambda: len(smtp_sink.messages) > 3)
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    found = states(Notice.objects.get())
    assert set(found) == {"accepted", "queued"}
    assert found["accepted"] == sum(b"<notice." in message.data for message in smtp_sink.messages)
    assert set(DeliveryAttempt.objects.values_list("outcome", flat=True)) == {"accepted"}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="its clock is that of the process that asks it")
@pytest.mark.parametrize("offset", ["+3d", "-3d"])
def test_a_worker_whose_clock_is_wrong_is_neither_early_nor_late(
    offset: str, deployment: Deployment, smtp_sink: Sink
) -> None:
    if not wrong_clock.preload():
        pytest.skip("libfaketime was not built for this machine")
    people(3)
    notice = open_notice()
    tomorrow, in_an_hour = clock.now() + timedelta(days=1), clock.now() + timedelta(hours=1)
    last = Delivery.objects.order_by("pk").last()
    Delivery.objects.filter(pk=last.pk if last else 0).update(next_attempt_at=tomorrow)
    Notice.objects.update(deliver_by=tomorrow)
    wrong_clock.set_to(deployment.folder / "clock", offset)
    deployment.settings |= wrong_clock.environment(deployment.folder / "clock")
    begun_at = clock.now()
    deployment.manage("run_deliveries", "--once")
    assert states(notice) == {"accepted": 2, "queued": 1}
    for started_at, ended_at in DeliveryAttempt.objects.values_list("started_at", "ended_at"):
        assert begun_at < started_at <= ended_at < in_an_hour
    assert {f"{m.mail['Date'].datetime:%Y-%m-%d}" for m in smtp_sink.messages} == {f"{begun_at:%Y-%m-%d}"}
