"""What monitoring is told, and that nobody else is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from policies import clock, ledger
from policies.models import Delivery, guards
from policies.notices.report import health
from policysite.running import processes
from tests import people
from tests.notices import telling
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    """Views that another test had fail count for minutes in the same process, and are not what is asked here."""
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        yield


def figures(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


@pytest.mark.both_databases
def test_figures_follow_a_notice_to_its_end(client: Client, smtp_sink: Sink) -> None:
    telling.people(3)
    notice = telling.open_notice()
    before = figures(client)
    assert before['policysite_deliveries{state="queued"}'] == 3
    assert before["policysite_oldest_due_seconds"] > 0
    assert before["policysite_ledger_unsealed_leaves"] >= 1
    telling.send_all(notice, smtp_sink)
    ledger.seal_all(at=clock.now())
    after = figures(client)
    assert after['policysite_deliveries{state="accepted"}'] == after["policysite_mails_sent_total"] == 3
    assert after['policysite_deliveries{state="queued"}'] == after["policysite_ledger_unsealed_leaves"] == 0
    assert after['policysite_notices{state="sending"}'] == 1


def test_figures_cost_the_same_for_any_number_of_people(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    telling.people(30)
    telling.open_notice()
    with django_assert_max_num_queries(60):
        client.get("/metrics")


@pytest.mark.parametrize("path", ["/metrics", "/health/all/"])
def test_oscar_finds_nothing(client: Client, settings: Settings, path: str) -> None:
    client.force_login(people.oscar())
    assert client.get(path, REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get(path, headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    assert client.get(path, REMOTE_ADDR="").status_code == 404
    settings.METRICS_TOKEN = "for-this-test"
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"authorization": "Bearer another"}).status_code == 404
    assert client.post(path, headers={"authorization": "Bearer for-this-test"}).status_code == 405
    health.beat(clock.now())
    known = client.get(path, REMOTE_ADDR="192.0.2.1", headers={"authorization": "Bearer for-this-test"})
    assert known.status_code == 200


def test_behind_a_proxy_nobody_seems_to_be_on_this_machine(client: Client, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/metrics").status_code == 404


@pytest.mark.both_databases
def test_all_is_well(client: Client, settings: Settings) -> None:
    health.beat(clock.now())
    answer = client.get("/health/all/")
    said = answer.json()
    assert said.pop("version") == settings.VERSION
    figures = said.pop("figures")
    assert (answer.status_code, set(said.values())) == (200, {"ok"})
    assert set(figures) == {"views", "oldest_waiting_seconds"}
    assert client.get("/health/all/").json()["figures"]["views"]["policies:health_of_all"]["requests"] >= 1


def test_a_queue_that_does_not_move_is_told(client: Client, smtp_sink: Sink) -> None:
    telling.people(2)
    notice = telling.open_notice()
    health.beat(clock.now())
    Delivery.objects.filter(notice=notice).update(next_attempt_at=clock.now() - timedelta(hours=1))
    answer = client.get("/health/all/")
    assert (answer.status_code, answer.json()["notices"]) == (503, [f"Notice {notice.pk} is stuck."])
    telling.send_all(notice, smtp_sink)
    assert client.get("/health/all/").json()["notices"] == "ok"


def test_leaves_that_nobody_signs_for_a_minute_are_told(client: Client) -> None:
    ledger.append(kind="test", reference="1", body={}, at=clock.now() - timedelta(seconds=45))
    assert client.get("/health/all/").json()["sealing"] == "ok"
    ledger.seal(at=clock.now())
    ledger.append(kind="test", reference="2", body={}, at=clock.now() - timedelta(seconds=75))
    assert "waited for its signature" in client.get("/health/all/").json()["sealing"][0]


def test_a_lost_guard_is_named(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER guard_policies_act_change ON policies_act")
    assert client.get("/health/all/").json()["guards"] != "ok"
    guards.install(connection)


def test_a_broker_that_is_gone_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Celery asks this variable each time.
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{processes.free_port()}/0")
    answer = client.get("/health/all/")
    assert (answer.status_code, answer.json()["broker"]) == (503, ["The broker cannot be reached."])


@pytest.mark.both_databases
def test_figures_say_what_runs_and_answer_without_a_database(client: Client, settings: Settings) -> None:
    answer = client.get("/metrics").content.decode()
    assert f'version="{settings.VERSION}"' in answer
    assert "policysite_database_up 1.0" in answer
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE policies_notice RENAME TO elsewhere")
    answer = client.get("/metrics").content.decode()
    assert "policysite_database_up 0.0" in answer
    assert "policysite_http_requests_total" in answer
    assert "policysite_deliveries" not in answer
