"""
Loaded by pytest before Django reads its settings (see addopts): brings up what no URL in the environment names.

`DATABASE_URL` and `CELERY_BROKER_URL` may name servers that run already. The SMTP sink is always our own, since tests
read and script it. With pytest-xdist the first process starts PostgreSQL and Redis for all, and each worker gets
databases, a broker and a sink of its own.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts import processes
from tests.services.postgresql import PostgreSQL
from tests.services.redis_server import Redis
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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    # A wrapper comes before pytest-django, which reads the settings in this very hook.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        bring_up(early_config)
    except processes.Failed as error:
        raise pytest.UsageError(str(error)) from error
    return (yield)


def bring_up(config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if not worker:
        start_servers(config)
    folder = Path(os.environ[FOLDER]) / (worker or "main")
    folder.mkdir()
    os.environ["POLICYSITE_VAR"] = str(folder)
    os.environ["CELERY_BROKER_URL"] = own_broker(os.environ["CELERY_BROKER_URL"], worker=worker)
    start_sink(config, folder=folder / "mail")


def start_servers(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="policysite-", dir=short_folder()))
    # PostgreSQL may run as another user, who has to get through.
    folder.chmod(0o711)
    config.add_cleanup(lambda: shutil.rmtree(folder))
    os.environ[FOLDER] = str(folder)
    if "DATABASE_URL" not in os.environ:
        postgresql = PostgreSQL(folder)
        config.add_cleanup(postgresql.stop)
        postgresql.start()
        os.environ["DATABASE_URL"] = postgresql.url
    if "CELERY_BROKER_URL" not in os.environ:
        redis = Redis(folder)
        config.add_cleanup(redis.stop)
        redis.start()
        os.environ["CELERY_BROKER_URL"] = redis.url


def start_sink(config: pytest.Config, *, folder: Path) -> None:
    sink = Sink(folder)
    config.add_cleanup(sink.stop)
    sink.start()
    config.stash[sink_key] = sink
    os.environ["EMAIL_URL"] = sink.url


def short_folder() -> Path:
    """Where names of sockets stay far below the 100 bytes that fit, which macOS's own choice does not promise."""
    return Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - mkdtemp goes below


def own_broker(url: str, *, worker: str) -> str:
    """Redis has numbered databases: worker gw3 takes the one three above the one that was named."""
    parts = urlsplit(url)
    if parts.scheme != "redis" or not worker:
        return url
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    return parts._replace(path=f"/{number}").geturl()
