"""Databases from before dates could be brought forward: `migrate` says what their notices named, and which began."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from policies import clock, evidence, ledger, publishing
from policies.models import DateChange, Delivery, Notice, guards
from policies.notices.upkeep.sweep import sweep
from tests import earlier, factories, people
from tests.notices.telling import open_notice, send_all
from tests.publishing.test_bringing_forward import announced
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.both_databases]


def test_what_notices_named_and_whether_they_began(fresh_database: str, smtp_sink: Sink) -> None:
    factories.make_person()
    told, waiting = announced(), announced()
    send_all(open_notice(told), smtp_sink)
    open_notice(waiting)
    later, by = factories.in_days(60), people.edith()
    publishing.postpone(version=told, effective_at=later, reason="Wait.", by=by, at=clock.now())
    sweep(at=clock.now(), worker="test")
    publishing.withdraw(version=told, reason="No.", by=by, at=clock.now())
    sweep(at=clock.now(), worker="test")
    known = list(Notice.objects.order_by("pk").values_list("kind", "effective_at"))
    begun = [notice.begun_at is not None for notice in Notice.objects.order_by("pk")]
    assert (len(known), any(begun), all(begun)) == (4, True, False)
    earlier._lift_guards()
    MigrationExecutor(connection).migrate([("policies", "0029_public_changes")])
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    assert list(Notice.objects.order_by("pk").values_list("kind", "effective_at")) == known
    assert [notice.begun_at is not None for notice in Notice.objects.order_by("pk")] == begun
    assert list(DateChange.objects.values_list("untold", "override_reason")) == [(False, "")]
    ledger.bind(at=clock.now())
    ledger.seal_all(at=clock.now())
    assert evidence.verify().findings == []
    with pytest.raises(publishing.NotPublished):
        publishing.bring_forward(version=told, effective_at=factories.in_days(9), reason="x", by=by, at=clock.now())
    first = Notice.objects.get(version=told, kind="change")
    assert first.begun_at == Delivery.objects.get(notice=first).written_at
