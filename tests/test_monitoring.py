"""Health that knows a stuck queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.models import Notice
from policies.notices.plan import steering
from policies.notices.report import health
from policies.notices.upkeep.sweep import sweep
from tests.notices.telling import open_notice, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _swept(settings: Any, tmp_path: Any) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path)
    settings.METRICS_TOKEN = "for those who watch"
    sweep(at=clock.now(), worker="test")


def test_all_is_well() -> None:
    assert Client().get("/health/notices/").json() == {"notices": "ok", "waiting": 0}


def test_a_notice_that_does_not_move_is_stuck() -> None:
    people(2)
    open_notice()
    at = clock.now() + timedelta(minutes=11)
    health.beat(at)
    assert [problem for problem in health.look(at=at).problems if "stuck" in problem]


def test_without_sweeps_health_is_red() -> None:
    assert health.look(at=clock.now() + timedelta(minutes=11)).problems


def test_reasons_are_for_those_who_hold_the_token() -> None:
    notice = open_notice()
    Notice.objects.filter(pk=notice.pk).update(state="sending")
    steering.pause(notice=notice, reason="Something private.", by=None, at=clock.now())
    answer = Client().get("/health/notices/")
    assert answer.status_code == 503
    assert b"private" not in answer.content
    token = {"HTTP_AUTHORIZATION": "Bearer for those who watch"}
    assert b"private" in Client().get("/health/notices/", **token).content  # type: ignore[arg-type]
