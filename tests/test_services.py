"""The machinery under the other tests."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from playwright.sync_api import Page

from policies.acceptance import gate
from policysite.running import processes
from tests import factories
from tests.services import standing
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink

NAME = "Readers of a test"


@pytest.mark.both_databases
@pytest.mark.parametrize("turn", [1, 2])
def test_each_fresh_database_is_a_new_one(fresh_database: str, turn: int) -> None:
    assert not Group.objects.filter(name=NAME).exists()
    with transaction.atomic(durable=True):
        Group.objects.create(name=NAME)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_test_database_never_sees_what_a_copy_was_given(request: pytest.FixtureRequest) -> None:
    assert not Group.objects.filter(name=NAME).exists()


@pytest.mark.both_databases
def test_a_fresh_database_is_shared_by_threads(fresh_database: str) -> None:
    thread = threading.Thread(target=create_and_leave)
    thread.start()
    thread.join()
    assert Group.objects.filter(name=NAME).exists()


def create_and_leave() -> None:
    Group.objects.create(name=NAME)
    connection.close()


@pytest.mark.both_databases
def test_commands_share_the_fresh_database(deployment: Deployment) -> None:
    Group.objects.create(name=NAME)
    code = "from django.contrib.auth.models import Group; print(list(Group.objects.values_list('name', flat=True)))"
    assert NAME in deployment.manage("shell", "--no-imports", "--command", code)


@pytest.mark.both_databases
def test_a_worker_answers_and_stops(deployment: Deployment, celery_worker_process: processes.Process) -> None:
    assert celery_worker_process.poll() is None
    processes.stop(celery_worker_process)
    assert celery_worker_process.returncode == 0, deployment.log("worker").read_text()


def test_the_browser_reaches_the_web_server(page: Page, web_server: str) -> None:
    answer = page.goto(web_server)
    assert answer
    assert answer.status < 500


@pytest.mark.parametrize("turn", [1, 2])
def test_the_web_server_remembers_nothing_of_the_test_before(page: Page, web_server: str, turn: int) -> None:
    """Not even a comparison that nobody stored and that it keeps for hours."""
    assert standing.REMEMBERED >= gate.REREAD_SECONDS
    policy = factories.make_policy(slug="privacy")
    for text in ("one year", f"{turn} years", f"{turn + 10} years"):
        factories.make_version(policy, body=factories.BODY.replace("one year", text))
    page.goto(f"{web_server}/p/privacy/compare/1...3/")
    page.locator("ins", has_text=f"{turn + 10} years").wait_for()


def test_a_page_that_breaks_its_policy_is_noticed(page: Page, complaints: list[str]) -> None:
    page.goto("data:text/html,<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">")
    page.evaluate("document.body.append(Object.assign(document.createElement('style'), {textContent: 'b{}'}))")
    page.evaluate("console.error('broken')")
    page.wait_for_timeout(200)
    assert len(complaints) == 2
    complaints.clear()


def test_the_sink_of_this_process_is_empty(smtp_sink: Sink) -> None:
    assert smtp_sink.messages == []
