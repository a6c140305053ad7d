"""
Loaded by pytest before Django reads its settings (see addopts): brings up what no URL in the environment names.

`DATABASE_URL` and `CELERY_BROKER_URL` may name servers that run already. The SMTP sink is always our own, since tests
read and script it. With pytest-xdist the first process starts PostgreSQL and Redis for all, and each worker gets
databases, a broker and a sink of its own.
"""

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from policysite.running import processes
from scripts.postgresql import PostgreSQL
from scripts.redis_server import Redis
from tests.smtp_sink import Sink

pytest_plugins = ["tests.services.fixtures", "tests.browser"]

FOLDER = "POLICYSITE_TEST_FOLDER"

SETTINGS = {
    "POLICYSITE_DEMO": "1",
    "SECRET_KEY": "for-tests-only-" + "x" * 50,
    "SITE_URL": "http://127.0.0.1:8000",
    "NOTICE_RATE_PER_MINUTE": "60000",
}

sink_key = pytest.StashKey[Sink]()

started = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    # A wrapper comes before pytest-django, which reads the settings in this very hook.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Whichever comes first: an interrupt may strike before pytest is ready to clean up.
    early_config.add_cleanup(stop_all)
    atexit.register(stop_all)
    try:
        bring_up(early_config)
    except processes.Failed as error:
        raise pytest.UsageError(str(error)) from error
    return (yield)


def stop_all() -> None:
    """Stop what was started; a second Ctrl-C changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    started.close()


def bring_up(config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if not worker:
        start_servers()
    folder = Path(os.environ[FOLDER]) / (worker or "main")
    folder.mkdir()
    os.environ["POLICYSITE_VAR"] = str(folder)
    os.environ["CELERY_BROKER_URL"] = own_broker(os.environ["CELERY_BROKER_URL"], worker=worker)
    config.stash[sink_key] = start_sink(folder / "mail")


def start_servers() -> None:
    folder = Path(tempfile.mkdtemp(prefix="policysite-", dir=short_folder()))
    # PostgreSQL may run as another user, who has to get through.
    folder.chmod(0o711)
    started.callback(shutil.rmtree, folder)
    os.environ[FOLDER] = str(folder)
    if "DATABASE_URL" not in os.environ:
        postgresql = PostgreSQL(folder)
        started.callback(postgresql.stop)
        postgresql.start()
        os.environ["DATABASE_URL"] = postgresql.url
    if "CELERY_BROKER_URL" not in os.environ:
        redis = Redis(folder)
        started.callback(redis.stop)
        redis.start()
        os.environ["CELERY_BROKER_URL"] = redis.url


def start_sink(folder: Path) -> Sink:
    sink = Sink(folder)
    started.callback(sink.stop)
    sink.start()
    os.environ["EMAIL_URL"] = sink.url
    return sink


def short_folder() -> Path:
    """Where the names of sockets stay below the 100 bytes that fit, which the system's own choice may not promise."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) < 40 else "/tmp")  # noqa: S108 - mkdtemp makes a folder of our own in it


def own_broker(url: str, *, worker: str) -> str:
    """Redis has numbered databases: worker gw3 takes the one three above the one that was named."""
    parts = urlsplit(url)
    if parts.scheme != "redis" or not worker:
        return url
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    return parts._replace(path=f"/{number}").geturl()
