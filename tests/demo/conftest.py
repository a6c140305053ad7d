"""The demo's database is filled once for all tests that only read it: filling takes seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from policies.demo import loading

LOADED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[loading.Loaded]:
    """The loaded demo, rolled back at the end of the module. Not together with `db`."""
    with django_db_blocker.unblock(), transaction.atomic():
        # As Django's own test cases do: verbs that end a transaction themselves may run inside this one.
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield loading.load(at=LOADED_AT)
        transaction.set_rollback(True)
