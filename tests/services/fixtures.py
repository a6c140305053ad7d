"""The services as fixtures."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from policysite.running import processes
from tests.services import databases
from tests.services.deployment import Deployment
from tests.services.plugin import sink_key
from tests.services.standing import StandingSite
from tests.smtp_sink import Sink


@pytest.fixture
def smtp_sink(pytestconfig: pytest.Config) -> Sink:
    """The mail server of this test process (`EMAIL_URL`), behaving and empty."""
    sink = pytestconfig.stash[sink_key]
    sink.forget()
    return sink


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the test's own, for real commits and other processes; its URL. Not together with `db`."""
    with django_db_blocker.unblock(), databases.copied_database() as url:
        yield url


@pytest.fixture
def deployment(fresh_database: str, smtp_sink: Sink, tmp_path: Path) -> Iterator[Deployment]:
    """The product over `fresh_database`; nothing of it runs until the test starts it."""
    deployment = Deployment(fresh_database, tmp_path)
    yield deployment
    deployment.stop()


@pytest.fixture(scope="session")
def standing_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingSite]:
    """What `web_server` serves from, once for all tests of this process."""
    name = databases.new_name()
    site = StandingSite(name, Deployment(databases.url_of(name), tmp_path_factory.mktemp("site")))
    yield site
    site.deployment.stop()


@pytest.fixture
def web_server(standing_site: StandingSite, smtp_sink: Sink, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """
    A web server process over a database of the test's own; its URL, without a slash at the end.

    Tests that set what it runs with, or start more of the product, start one on their `deployment`.
    """
    with django_db_blocker.unblock(), standing_site.over_a_fresh_database() as url:
        yield url


@pytest.fixture
def celery_worker_process(deployment: Deployment) -> processes.Process:
    """A Celery worker with its beat over `fresh_database`."""
    return deployment.start_worker(beat=True)


def pytest_report_header() -> str:
    return f"policysite: {os.environ['DATABASE_URL']}, {os.environ['CELERY_BROKER_URL']}, {os.environ['EMAIL_URL']}"
