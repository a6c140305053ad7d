"""Once a day what is past its time is deleted and the ledger verified, by whoever comes first."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.models import Person
from policies.notices.send import restore_guard
from policies.operations import maintenance
from tests import factories
from tests.drills.announcing import announce

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def gone() -> Person:
    """Somebody who left longer ago than anybody is kept."""
    return factories.make_person(closed_at=clock.now() - timedelta(days=365 * 10), joined_at=factories.days_ago(5000))


def test_who_left_long_ago_is_erased_once_a_day(gone: Person) -> None:
    at = clock.now()
    maintenance.do_daily(at=at)
    gone.refresh_from_db()
    assert gone.erased_at is not None
    later = factories.make_person(closed_at=gone.closed_at, joined_at=gone.joined_at)
    maintenance.do_daily(at=at)
    later.refresh_from_db()
    assert later.erased_at is None
    maintenance.do_daily(at=at + timedelta(days=1))
    later.refresh_from_db()
    assert later.erased_at is not None


def test_what_does_not_verify_is_an_alarm_until_it_does(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    announce()
    maintenance.do_daily(at=clock.now())
    assert client.get("/health/all/").json()["ledger"] == "ok"
    # Published past the verbs: it has no leaf.
    factories.make_version()
    with caplog.at_level(logging.ERROR):
        maintenance.do_daily(at=clock.now() + timedelta(days=1))
    assert "publication-unlisted" in caplog.text
    assert "run manage.py verify_ledger" in str(client.get("/health/all/").json()["ledger"])


def test_in_a_restored_database_nothing_is_deleted(gone: Person, settings: Any, tmp_path: Path) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path / "here")
    announce()
    restore_guard.keep()
    settings.HIGH_WATER_FOLDER = str(tmp_path / "elsewhere")
    maintenance.do_daily(at=clock.now())
    gone.refresh_from_db()
    assert gone.erased_at is None
