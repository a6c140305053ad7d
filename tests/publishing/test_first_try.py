"""Of the first try of a mail and an earlier date exactly one comes first, on two connections, in either order."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import DatabaseError, connection, connections, transaction

from policies import clock, publishing
from policies.models import Delivery, Notice, Version
from policies.notices.plan import planning
from policies.notices.queue import claims
from policies.notices.upkeep.sweep import sweep
from tests import factories, people
from tests.models.test_shadowed_guards import as_the_site
from tests.notices.telling import open_notice
from tests.publishing.test_bringing_forward import announced, bring_forward

pytestmark = [pytest.mark.both_databases]
ROUNDS = 8


def waiting() -> tuple[Version, Notice]:
    """An announced version whose mail waits in the queue."""
    factories.make_person()
    version = announced(factories.make_version(published_at=factories.days_ago(60)).policy, body=factories.NEXT_BODY)
    return version, open_notice(version)


def try_it(notice: Notice) -> bool:
    """What a worker does up to the point of no return; whether a mail may have gone out."""
    token = uuid.uuid4()
    claimed = claims.claim(notice=notice, token=token, limit=10, at=clock.now())
    return bool(claims.intend(mails=[(mail, "a@example.org") for mail in claimed], token=token, at=clock.now()))


def apart(*verbs: Callable[[], object]) -> list[object]:
    """Each in a thread and on a connection of its own, all at the same moment."""
    ready = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        ready.wait()
        try:
            return verb()
        except publishing.Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))


def test_of_a_first_try_and_an_earlier_date_one_comes_first(fresh_database: str) -> None:
    outcomes = set()
    for _ in range(ROUNDS):
        version, notice = waiting()
        tried, moved = apart(lambda: try_it(notice), lambda: bring_forward(version, factories.in_days(20)))  # noqa: B023
        assert (tried is True) == (moved == "already-told")
        outcomes.add(tried)
    assert outcomes <= {True, False}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_try_waits_for_a_date_that_is_being_changed(fresh_database: str) -> None:
    """The change is not committed when the worker comes: it must not begin by what it sees then."""
    version, notice = waiting()
    moving, done = Event(), Event()

    def move() -> None:
        try:
            with transaction.atomic():
                Version.objects.select_for_update(no_key=True).get(pk=version.pk)
                # As the verb does it, with the transaction held open.
                publishing.bring_forward.__wrapped__(  # type: ignore[attr-defined]
                    version=version,
                    effective_at=factories.in_days(20),
                    reason="The year was wrong.",
                    by=people.edith(),
                    at=clock.now(),
                )
                moving.set()
                assert not done.wait(0.5), "The worker did not wait."
        finally:
            connections.close_all()

    def work() -> bool:
        try:
            moving.wait(10)
            return try_it(notice)
        finally:
            done.set()
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        mover, worker = threads.submit(move), threads.submit(work)
        mover.result()
        assert worker.result() is False
    assert Notice.objects.get(pk=notice.pk).begun_at is None


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_row_by_hand_waits_for_a_try_that_is_not_committed(fresh_database: str) -> None:
    """Whoever goes past the verb waits at the version's row as well: the guard sees to it."""
    version, notice = waiting()
    begun, done = Event(), Event()

    def begin() -> None:
        try:
            with transaction.atomic():
                Notice.objects.filter(pk=notice.pk).update(begun_at=clock.now())
                begun.set()
                assert not done.wait(0.5), "The row did not wait."
        finally:
            connections.close_all()

    def insert() -> bool:
        begun.wait(10)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO policies_postponement (version_id, effective_at, was_effective_at, untold, reason,"
                    " override_reason, by_id, at) SELECT id, now() + interval '9 days', effective_at, true, 'x', '',"
                    " started_by_id, now() FROM policies_version WHERE id = %s",
                    [version.pk],
                )
        except Exception as refused:  # noqa: BLE001 - whatever the database calls it
            return "policysite keeps" not in str(refused)
        else:
            return True
        finally:
            done.set()
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        beginner, inserter = threads.submit(begin), threads.submit(insert)
        beginner.result()
        assert inserter.result() is False


def test_a_notice_that_was_planned_meanwhile_is_made_anew(fresh_database: str) -> None:
    """Planned by what was read before the date was changed, and committed after: no worker begins it."""
    factories.make_person()
    version = announced(factories.make_version(published_at=factories.days_ago(60)).policy, body=factories.NEXT_BODY)
    stale = Version.objects.get(pk=version.pk)
    moved = bring_forward(version, factories.in_days(20))
    late = planning._plan(stale, "legal", "change", at=clock.now())
    assert late is not None
    planning.fan_out(notice=late, at=clock.now())
    assert try_it(Notice.objects.get(pk=late.pk)) is False
    sweep(at=clock.now(), worker="test")
    late.refresh_from_db()
    assert late.state == "cancelled"
    again = version.notices.get(occasion=moved.pk)
    assert (again.kind, again.effective_at, try_it(again)) == ("change", moved.effective_at, True)
    assert set(Delivery.objects.filter(notice=late).values_list("state", flat=True)) == {"cancelled"}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")
def test_the_sites_own_role_can_do_both_and_no_more(fresh_database: str) -> None:
    _version, notice = waiting()
    other, untried = waiting()
    with as_the_site():
        assert try_it(notice) is True
        bring_forward(other, factories.in_days(20))
        for statement in (
            "UPDATE policies_notice SET begun_at = now() WHERE begun_at IS NULL",
            "UPDATE policies_notice SET begun_at = NULL WHERE begun_at IS NOT NULL",
            "UPDATE policies_notice SET effective_at = now()",
            "UPDATE policies_version SET effective_at = now() + interval '1 hour' WHERE number = 2",
            "UPDATE policies_postponement SET untold = false",
            "DELETE FROM policies_postponement",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert try_it(untried) is False
