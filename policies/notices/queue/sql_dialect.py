"""The few words in which PostgreSQL and SQLite differ, for statements that Django's ORM cannot say."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection

# Asked once: a process has one database, and asking costs a microsecond that some of this pays several times a mail.
POSTGRESQL = connection.vendor == "postgresql"

# Types of the columns that statements receive as JSON rows.
TYPES = {"id": "bigint", "number": "smallint", "charge": "smallint", "lost": "smallint", "code": "smallint"}
INSTANTS = {"next_attempt_at", "written_at", "started_at", "ended_at", "finished_at"}


def database_time() -> str:
    """The database's clock as SQL: the only clock that leases and allowances trust, whatever a worker's own says."""
    return "clock_timestamp()" if POSTGRESQL else "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"


def database_time_in(parameter: str) -> str:
    """The database's clock so many seconds from now as this parameter says, as SQL."""
    if POSTGRESQL:
        return f"clock_timestamp() + %({parameter})s::float8 * interval '1 second'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %({parameter})s || ' seconds')"


def now() -> datetime:
    """Read the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {database_time()}", [])
        return _read(cursor.fetchone()[0])


def takes_writes() -> bool:
    """Whether the database is neither a standby nor set to read-only."""
    question = "SHOW transaction_read_only" if connection.vendor == "postgresql" else "PRAGMA query_only"
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0]) in {"off", "0"}


def read_instant(value: object) -> datetime | None:
    """An instant, or none, as a raw cursor returns it."""
    return None if value is None else _read(value)


def _read(value: object) -> datetime:
    # SQLite has text in UTC, or what its driver made of that.
    read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def instant(at: datetime | None) -> str | None:
    """An instant as both databases read and order it in text."""
    if at is None:
        return None
    written = at.astimezone(UTC).isoformat(" ", "microseconds")
    return written if POSTGRESQL else written.removesuffix("+00:00")


def rows(parameter: str, *columns: str) -> str:
    """A FROM item named `given` with these columns, whose rows come as one JSON parameter (`as_json`)."""
    if POSTGRESQL:
        typed = ", ".join(f"{name} {_type(name)}" for name in columns)
        return f"json_to_recordset(%({parameter})s::json) AS given({typed})"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {parts} FROM json_each(%({parameter})s)) AS given"


def as_json(values: Iterable[Mapping[str, object]]) -> str:
    """The parameter for `rows`; instants as `instant` writes them."""
    return json.dumps(list(values))


def as_array(ids: Iterable[int]) -> str:
    """Ids as PostgreSQL writes an array of them."""
    return f"{{{','.join(map(str, ids))}}}"


def run(statement: str, parameters: Mapping[str, str | int]) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def _type(column: str) -> str:
    return "timestamptz" if column in INSTANTS else TYPES.get(column, "text")
