"""
The production topology under the nemesis; then the one checker over the record and what the mail server kept.

`make test` runs one short seed; `make chaos` sets CHAOS_SEEDS, CHAOS_PEOPLE, CHAOS_KILLS and CHAOS_CRASHES to the
full measure: 3,000 people, 30 kills and 3 crashes of the database a run, 5 seeds.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from policies import clock, publishing
from policies.models import Checkpoint, Delivery, DeliveryAttempt, Notice, Person
from policies.notices.report import notice_audit
from policies.notices.write import recipients
from policysite.running.supervisor import python
from scripts import stack
from tests import factories
from tests import people as cast
from tests.chaos.evidence import kept_by
from tests.chaos.nemesis import Nemesis, is_nobody_open, is_over
from tests.notices.telling import open_notice
from tests.people import JOINED_AT
from tests.services.plugin import short_folder
from tests.smtp_sink import Sink

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "1").split(",")]
PEOPLE = int(os.environ.get("CHAOS_PEOPLE", "100"))
KILLS = int(os.environ.get("CHAOS_KILLS", "2"))
CRASHES = int(os.environ.get("CHAOS_CRASHES", "1"))
WITHIN = 120 + PEOPLE * 0.1 + KILLS * 10
# The control needs no crowd.
NAIVE_PEOPLE, NAIVE_KILLS = min(PEOPLE, 200), min(KILLS, 5)

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could crash")

Tormenting = Callable[..., Nemesis]


@pytest.fixture
def tormenting(smtp_sink: Sink, django_db_blocker: DjangoDbBlocker) -> Iterator[Tormenting]:
    """Make a nemesis with services of its own, on whose database this process works, too."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=short_folder()))
    folder.chmod(0o711)
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)

        def make(**given: object) -> Nemesis:
            nemesis = Nemesis(folder, smtp_sink, **given)  # type: ignore[arg-type]
            ends.callback(nemesis.end)
            nemesis.start_services()
            ends.enter_context(django_db_blocker.unblock())
            ends.enter_context(working_on(nemesis))
            return nemesis

        yield make


@contextmanager
def working_on(nemesis: Nemesis) -> Iterator[None]:
    kept = dict(connection.settings_dict)
    connection.close()
    here = {"NAME": stack.DATABASE, "USER": stack.ROLE, "PASSWORD": "", "HOST": "127.0.0.1"}
    connection.settings_dict.update({**here, "PORT": str(nemesis.stack.database.port)})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def make_people(count: int) -> None:
    Person.objects.bulk_create(
        Person(external_id=f"p{n}", address=f"p{n}@example.org", joined_at=JOINED_AT) for n in range(count)
    )


def publish() -> None:
    draft = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    publishing.publish(version=draft, by=cast.edith(), at=clock.now())


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_skipped_and_every_copy_is_explained(seed: int, tormenting: Tormenting, smtp_sink: Sink) -> None:
    nemesis = tormenting(seed=seed)
    make_people(PEOPLE)
    begun_at, begun = clock.now(), time.monotonic()
    publish()
    nemesis.start_product()
    nemesis.torment(kills=KILLS, crashes=CRASHES, within=WITHIN)
    nemesis.leave_in_peace(until=is_over, within=WITHIN)
    seconds = time.monotonic() - begun
    notice = Notice.objects.get(kind=Notice.Kind.CHANGE)
    certificate = notice_audit.certify(notice)
    print(  # noqa: T201 - the figures of make chaos
        f"seed {seed}: {PEOPLE} people, {seconds:.0f} s, {dict(nemesis.done)}; {dict(certificate.by_state)};"
        f" {mails_of(notice, smtp_sink)} mails kept, {lost_tries()} uncertain tries"
    )
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []
    assert sum(certificate.by_state.values()) == PEOPLE
    assert dates_on_record(begun_at) == []


def mails_of(notice: Notice, sink: Sink) -> int:
    """How many copies of this notice's mails the server kept; the desk's own mails are none."""
    copies = kept_by(sink).copies
    keys = Delivery.objects.filter(notice=notice).values_list("pk", flat=True)
    return sum(len(copies.get(recipients.message_id(key), ())) for key in keys)


def lost_tries() -> int:
    return DeliveryAttempt.objects.filter(outcome="uncertain").count()


def dates_on_record(begun_at: datetime) -> list[datetime]:
    """Dates that only a clock that jumped can have given: before the beginning, or yet to come."""
    known: list[tuple[datetime | None, datetime | None]] = [
        *DeliveryAttempt.objects.values_list("started_at", "ended_at"),
        *Delivery.objects.values_list("written_at", "finished_at"),
        *Checkpoint.objects.values_list("at", "at"),
    ]
    earliest, latest = begun_at - timedelta(seconds=5), clock.now() + timedelta(seconds=5)
    return [at for pair in known for at in pair if at and not earliest <= at <= latest]


def test_a_naive_sender_fails_the_checker(tormenting: Tormenting, smtp_sink: Sink) -> None:
    """The test of the test: select, send, mark, as one would write it, loses count under the same nemesis."""
    nemesis = tormenting(seed=1)
    make_people(NAIVE_PEOPLE)
    notice = open_notice()
    nemesis.senders = [python(f"naive-{n}", "tests.chaos.naive", notice.pk) for n in range(3)]
    for part in nemesis.senders:
        nemesis.stack.parts.start(part)
    nemesis.torment(kills=NAIVE_KILLS, crashes=0, within=WITHIN)
    nemesis.leave_in_peace(until=lambda: is_nobody_open(notice), within=WITHIN)
    found = {finding.invariant for finding in notice_audit.check(Notice.objects.get(), kept=kept_by(smtp_sink))}
    assert "I3" in found
