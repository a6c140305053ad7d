"""The demo's database is filled once for all tests that only read it: filling takes seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import DjangoDbBlocker

from policies.demo import loading
from tests.services import databases

LOADED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, loading.Loaded]]:
    """The name of a database with the demo in it, and what was loaded."""
    with django_db_blocker.unblock(), databases.kept_database() as name:
        with databases.pointed_to(name):
            loaded = loading.load(at=LOADED_AT)
        yield name, loaded


@pytest.fixture(scope="module")
def demo(filled: tuple[str, loading.Loaded], django_db_blocker: DjangoDbBlocker) -> Iterator[loading.Loaded]:
    """The loaded demo, as it was loaded again at the end of the module. Not together with `db`."""
    name, loaded = filled
    with django_db_blocker.unblock(), databases.pointed_to(name), databases.rolled_back():
        yield loaded
