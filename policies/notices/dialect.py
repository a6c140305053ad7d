"""The few words in which PostgreSQL and SQLite differ, for statements that Django's ORM cannot say."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.db import connection

# Types of the columns that statements receive as JSON rows.
TYPES = {"id": "bigint", "number": "smallint", "code": "smallint", "count": "integer"}
INSTANTS = {"next_attempt_at", "written_at", "started_at", "ended_at", "finished_at"}


def database_time() -> str:
    """The database's clock as SQL: the only clock that leases and allowances trust, whatever a worker's own says."""
    return "clock_timestamp()" if connection.vendor == "postgresql" else "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"


def database_time_in(seconds: float) -> str:
    """The database's clock some seconds from now, as SQL."""
    if connection.vendor == "postgresql":
        return f"clock_timestamp() + interval '{float(seconds)} seconds'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '{float(seconds)} seconds')"


def now() -> datetime:
    """Read the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {database_time()}", [])
        return _read(cursor.fetchone()[0])


def read_instant(value: object) -> datetime | None:
    """An instant, or none, as a raw cursor returns it."""
    return None if value is None else _read(value)


def _read(value: object) -> datetime:
    # SQLite has text, in UTC.
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)).replace(tzinfo=UTC)


def instant(at: datetime | None) -> str | None:
    """An instant as both databases read and order it in text."""
    if at is None:
        return None
    written = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return f"{written}+00" if connection.vendor == "postgresql" else written


def rows(*columns: str) -> str:
    """A FROM item named `given` with these columns, whose rows come as one JSON parameter (`as_json`)."""
    if connection.vendor == "postgresql":
        return f"json_to_recordset(%s::json) AS given({', '.join(f'{name} {_type(name)}' for name in columns)})"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {parts} FROM json_each(%s)) AS given"


def as_json(values: Iterable[Mapping[str, object]]) -> str:
    """The parameter for `rows`."""
    return json.dumps(list(values), default=_plain)


def _type(column: str) -> str:
    return "timestamptz" if column in INSTANTS else TYPES.get(column, "text")


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return instant(value)
    raise TypeError(f"{value!r} cannot be handed to the database as JSON.")
