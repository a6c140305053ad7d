"""
Databases that a test may fill, commit to and share with other processes.

Published rows cannot be deleted, so nothing can be flushed between such tests: each gets a copy of the migrated, empty
test database, and the copy is thrown away.
"""

import itertools
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

numbers = itertools.count(1)


@contextmanager
def copied_database(name: str = "") -> Iterator[str]:
    """Point this process to a fresh copy of the test database; yields its URL, for other processes."""
    with kept_database(name) as copy, pointed_to(copy):
        yield url_of(copy)


@contextmanager
def kept_database(name: str = "") -> Iterator[str]:
    """
    Make a fresh copy of the test database, whose name is yielded and may be given.

    The test database has to be there and unchanged: nothing may be committed to it.
    """
    name = name or new_name()
    leave()
    create(name, template=connection.settings_dict["NAME"])
    try:
        yield name
    finally:
        drop(name)


def new_name() -> str:
    """A name that no other database of these tests has."""
    return f"{connection.settings_dict['NAME']}_{os.getpid()}_{next(numbers)}"


@contextmanager
def pointed_to(name: str) -> Iterator[None]:
    """Let this process work on another database than the one it is on."""
    before = connection.settings_dict["NAME"]
    leave()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        leave()
        connection.settings_dict["NAME"] = before


@contextmanager
def signed_in_as(role: str) -> Iterator[None]:
    """Let this process work on its database as another role of PostgreSQL's."""
    before = connection.settings_dict["USER"]
    leave()
    connection.settings_dict["USER"] = role
    try:
        yield
    finally:
        leave()
        connection.settings_dict["USER"] = before


@contextmanager
def rolled_back() -> Iterator[None]:
    """Nothing that is written stays; verbs that end a transaction themselves may run, as in Django's own test cases."""
    with transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)


def count_from(number: int) -> None:
    """Let new rows of every table be numbered from here on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.execute(
                "INSERT INTO sqlite_sequence SELECT name, %s FROM sqlite_master WHERE sql LIKE '%%AUTOINCREMENT%%'",
                [number],
            )
        else:
            cursor.execute(
                "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s) FROM pg_sequences", [number]
            )


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
        _drop_on_postgresql(name)


def _drop_on_postgresql(name: str, *, patience: float = 30) -> None:
    """PostgreSQL takes a worker that vacuums the database for a process of somebody else's: it is soon gone."""
    end = time.monotonic() + patience
    while True:
        try:
            return run_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege) or time.monotonic() > end:
                raise
        time.sleep(0.1)


def copy_file(source: str, *, to: str) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(to)) as copy:
        original.backup(copy)


def run_sql(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def leave() -> None:
    """PostgreSQL copies a database only while nobody is connected to it."""
    connection.close()
