"""Rows of the matrix of faults (docs/faults.md) in which several do the same at once, or one stops half way."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from policies import clock, publishing
from policies.models import AuditEvent, Delivery, LedgerLeaf, Version
from policies.notices.plan import planning
from policies.notices.queue import periodic_jobs, sql_dialect
from policies.notices.report import notice_audit
from policies.notices.send import restore_guard, sending
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.chaos.evidence import kept_by
from tests.notices.telling import open_notice, people, sender, states
from tests.smtp_sink import Sink

pytestmark = pytest.mark.both_databases


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """Do something in so many threads, each with a connection of its own; what they returned, or raised."""
    results: list[Any] = []
    ready = threading.Barrier(count)

    def run() -> None:
        ready.wait()
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the caller looks at it
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_four_workers_that_hear_the_same_bell_send_everything_once(fresh_database: str, smtp_sink: Sink) -> None:
    people(60)
    notice = open_notice()

    def hear() -> int:
        hands = sender(smtp_sink)
        sweep(at=sql_dialect.now(), worker="test")
        handled = sending.work(sender=hands, until=float("inf"), now=sql_dialect.now)
        hands.close()
        return handled

    assert sum(at_once(4, hear)) == 60
    planning.finish(notice=notice, at=clock.now())
    assert states(notice) == {"accepted": 60}
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []


def test_workers_that_raise_the_mark_at_once_do_not_meet(fresh_database: str, settings: Any, tmp_path: Path) -> None:
    """Threads of one process, and processes of several machines that share the folder."""
    settings.HIGH_WATER_FOLDER = str(tmp_path)
    restore_guard.go_on()

    def write() -> None:
        for _ in range(100):
            restore_guard.go_on()

    assert at_once(4, write) == [None] * 4
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_of_many_beats_one_has_the_slot(fresh_database: str) -> None:
    at = sql_dialect.now()
    assert sorted(at_once(8, lambda: periodic_jobs.is_mine("daily", every=timedelta(days=1), at=at))) == [False] * 7 + [
        True
    ]
    days_later = at + timedelta(days=3)
    assert periodic_jobs.is_mine("daily", every=timedelta(days=1), at=days_later)
    assert not periodic_jobs.is_mine("daily", every=timedelta(days=1), at=days_later)


def test_publishing_is_all_or_nothing_wherever_the_database_fails(fresh_database: str) -> None:
    """A disk that is full, a server that goes away: at every single statement."""
    draft = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    by, failed = cast.edith(), 0
    before = what_stands()
    while is_refused(draft, by=by, statement=failed + 1):
        failed += 1
        assert what_stands() == before
    assert failed > 5
    assert Version.objects.published().count() == 2


def is_refused(draft: Version, *, by: Any, statement: int) -> bool:
    count = 0

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == statement:
            raise DatabaseError("could not extend file: No space left on device")
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(fail):
            publishing.publish(version=Version.objects.get(pk=draft.pk), by=by, at=clock.now())
    except DatabaseError:
        return True
    return False


def what_stands() -> tuple[int, ...]:
    counted = (Version.objects.published(), AuditEvent.objects, LedgerLeaf.objects, Delivery.objects)
    return tuple(rows.count() for rows in counted)
