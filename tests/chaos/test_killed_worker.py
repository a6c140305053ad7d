"""A Celery worker is killed in the middle of a notice and started again; publishing works while the broker is down."""

import socket
import time
from collections.abc import Callable

import pytest
from django.db import connection

from policies import clock, publishing, tasks
from policies.models import Delivery, Notice
from policies.notices import audit
from tests import factories
from tests import people as cast
from tests.chaos.evidence import kept_by
from tests.notices.telling import people
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink

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
    deployment.start_worker(name="second", beat=True)
    wait_until(lambda: Notice.objects.filter(state="done").exists())
    assert set(Delivery.objects.values_list("state", flat=True)) == {"accepted"}
    assert Delivery.objects.count() == 40
    assert audit.check(Notice.objects.get(), kept=kept_by(smtp_sink)) == []


def test_publishing_does_not_wait_for_a_broker_that_is_down(
    deployment: Deployment, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(3)
    monkeypatch.setattr(tasks.sweep.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(tasks.sweep.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    begun = time.monotonic()
    tasks.ring()
    assert time.monotonic() - begun < 2
    publish()
    deployment.start_worker(beat=True)
    wait_until(lambda: Delivery.objects.filter(state="accepted").count() == 3)


def test_a_broker_that_says_nothing_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setattr(tasks.sweep.app.conf, "broker_url", url)
        monkeypatch.setattr(tasks.sweep.app.conf, "broker_write_url", url)
        begun = time.monotonic()
        tasks.ring()
        tasks.ring()
        assert time.monotonic() - begun < 2
