"""Two mails at a time to one domain, over all workers; the others go on."""

import asyncio
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from policies import clock
from policies.models import Delivery, DomainPlace
from policies.notices.queue import sql_dialect
from policies.notices.send import by_smtp, domains, sending, smtp_wire
from policysite.running import processes
from tests.notices.telling import open_notice, people, send_all, states
from tests.smtp_sink import Sink

pytestmark = pytest.mark.both_databases

BUSY, QUIET = "busy.example", "quiet.example"
# In seconds; only a failure takes as long.
PATIENCE = 60


class Counting:
    """
    A mail server's handler that counts, by domain, the mails that it takes at the same time.

    The busy domain answers nothing until two of its mails are there and one to another domain was taken.
    """

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.others_went_on = False
        self.answers = asyncio.Event()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        domain = address.rpartition("@")[2]
        self.now[domain] += 1
        self.most[domain] = max(self.most[domain], self.now[domain])
        envelope.rcpt_tos.append(address)
        self._look()
        return "250 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        domain = envelope.rcpt_tos[0].rpartition("@")[2]
        if domain == BUSY:
            await asyncio.wait_for(self.answers.wait(), timeout=PATIENCE)
        self.now[domain] -= 1
        self.others_went_on |= domain != BUSY
        self._look()
        return "250 Ok"

    def _look(self) -> None:
        if self.others_went_on and self.most[BUSY] > 1:
            self.answers.set()


@pytest.fixture
def counting() -> Iterator[tuple[Counting, int]]:
    handler = Counting()
    controller = Controller(handler, hostname="127.0.0.1", port=processes.free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def work(port: int) -> None:
    carrier = by_smtp.Smtp(smtp_wire.Server("127.0.0.1", port, timeout=2 * PATIENCE))
    hands = sending.Sender(carrier=carrier, worker=threading.current_thread().name)
    sending.work(sender=hands, until=time.monotonic() + 2 * PATIENCE, now=sql_dialect.now)
    hands.close()
    connection.close()


def test_no_more_than_two_at_a_time_and_the_others_go_on(
    fresh_database: str, counting: tuple[Counting, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MAILS_PER_CLAIM", 10)
    people(60, address=f"a@{BUSY}")
    for n in range(40):
        people(1, address=f"a@{n % 8}.{QUIET}")
    notice = open_notice()
    handler, port = counting
    workers = [threading.Thread(target=work, args=[port]) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert states(notice) == {"accepted": 100}
    assert handler.most[BUSY] == 2
    assert handler.others_went_on


@pytest.mark.django_db
def test_a_busy_domain_waits_and_is_served(smtp_sink: Sink) -> None:
    people(1, address=f"a@{QUIET}")
    people(2, address=f"a@{BUSY}")
    notice = open_notice()
    others = [uuid.uuid4(), uuid.uuid4()]
    for other in others:
        assert domains.take(domains={BUSY}, token=other) == {BUSY}
    send_all(notice, smtp_sink)
    assert states(notice) == {"queued": 2, "accepted": 1}
    assert not Delivery.objects.filter(attempts__gt=0, state="queued").exists()
    domains.give_back(token=others[0])
    send_all(notice, smtp_sink, at=clock.now() + timedelta(seconds=5))
    assert states(notice) == {"accepted": 3}


@pytest.mark.django_db
def test_a_place_of_a_worker_that_is_gone_is_free_again() -> None:
    for _ in range(2):
        domains.take(domains={BUSY}, token=uuid.uuid4())
    assert domains.take(domains={BUSY, QUIET}, token=uuid.uuid4()) == {QUIET}
    DomainPlace.objects.filter(domain=BUSY).update(lease_until=clock.now() - timedelta(seconds=1))
    assert domains.take(domains={BUSY}, token=uuid.uuid4()) == {BUSY}


@pytest.mark.django_db
def test_without_a_limit_nothing_is_written(settings: Any) -> None:
    settings.NOTICE_MAILS_PER_DOMAIN = 0
    assert domains.take(domains={BUSY}, token=uuid.uuid4()) == {BUSY}
    assert not DomainPlace.objects.exists()
