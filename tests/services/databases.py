"""
Databases that a test may fill, commit to and share with other processes.

Published rows cannot be deleted, so nothing can be flushed between such tests: each gets a copy of the migrated, empty
test database, and the copy is thrown away.
"""

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

numbers = itertools.count(1)


@contextmanager
def copied_database() -> Iterator[str]:
    """
    Point this process to a fresh copy of the test database; yields its URL, for other processes.

    The test database has to be there and unchanged: nothing may be committed to it.
    """
    pristine = connection.settings_dict["NAME"]
    copy = f"{pristine}_{os.getpid()}_{next(numbers)}"
    leave()
    create(copy, template=pristine)
    connection.settings_dict["NAME"] = copy
    try:
        yield url_of(copy)
    finally:
        leave()
        connection.settings_dict["NAME"] = pristine
        drop(copy)


def url_of(name: str) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def create(name: str, *, template: str) -> None:
    if connection.vendor == "sqlite":
        copy_file(template, to=name)
    else:
        run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(name: str) -> None:
    if connection.vendor == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)
    else:
        run_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def copy_file(source: str, *, to: str) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(to)) as copy:
        original.backup(copy)


def run_sql(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def leave() -> None:
    """PostgreSQL copies a database only while nobody is connected to it."""
    connection.close()
