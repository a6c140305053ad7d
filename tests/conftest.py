"""What all tests share. The services and the browser are fixtures of tests/services and tests/browser."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

# One connection for each thread and no more. Django would open another one as soon as Playwright's event loop runs in
# this thread, and transactions, and databases copied under the first one, would not be those of the second.
connections._connections = threading.local()  # type: ignore[attr-defined]


# What starts processes of its own, and so takes long and mostly waits.
LONG = {"browser", "deployment", "tormenting", "running"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first: whoever comes to one last leaves the other cores with nothing to do."""
    items.sort(key=lambda item: LONG.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in the demo: in memory it has neither its journal nor its locks, and cannot be shared."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(os.environ["POLICYSITE_VAR"]) / "test.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> None:
    """A million rounds per password protect nobody here, and cost a third of a second for each of the cast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_found_when_asked_for() -> None:
    """WhiteNoise would look through all of them for each new client of a test, which costs more than most requests."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _the_look_is_read_anew() -> None:
    """A process remembers it for a second; another test has other rows."""
    from policies.look import in_use  # noqa: PLC0415 - Django is set up by then

    in_use.forget()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database. pytest-django's own fixture makes it only for tests marked `django_db`, not for copies."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)
