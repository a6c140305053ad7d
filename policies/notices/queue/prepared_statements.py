"""
PostgreSQL's prepared statements at their cheapest: parsed and planned once a connection, then one call into libpq.

For the one statement that runs once a mail. Django's cursors and psycopg's would cost three times as much of the
sender's time as all else that a mail needs, and twice the wait.
"""

import re
from collections.abc import Mapping
from functools import cache
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

PLACE = re.compile(r"%\((\w+)\)s")

_known: WeakKeyDictionary[psycopg.Connection, dict[str, bytes]] = WeakKeyDictionary()


def run(statement: str, parameters: Mapping[str, str]) -> list[tuple[bytes | None, ...]]:
    """
    Run a statement whose places read `%(name)s`; values go and come as PostgreSQL writes them in text.

    :raises django.db.Error: as any statement would
    """
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    with here.wrap_database_errors:
        raw = here.connection
        if raw.pgconn.transaction_status == TransactionStatus.IDLE and not raw.autocommit:
            # psycopg begins a transaction with its first own statement.
            raw.execute("SELECT 1")
        result = raw.pgconn.exec_prepared(
            _prepared(raw, statement), [parameters[name].encode() for name in _numbered(statement)[1]]
        )
        _check(raw.pgconn, result)
        return [tuple(result.get_value(row, n) for n in range(result.nfields)) for row in range(result.ntuples)]


def _prepared(raw: psycopg.Connection, statement: str) -> bytes:
    known = _known.setdefault(raw, {})
    if statement not in known:
        name = f"policysite_{len(known)}".encode()
        _check(raw.pgconn, raw.pgconn.prepare(name, _numbered(statement)[0].encode()))
        known[statement] = name
    return known[statement]


@cache
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with $1, $2 ... for its names, and the names in that order."""
    names = tuple(dict.fromkeys(PLACE.findall(statement)))
    return PLACE.sub(lambda place: f"${names.index(place[1]) + 1}", statement), names


def _check(pgconn: PGconn, result: PGresult) -> None:
    if result.status == ExecStatus.TUPLES_OK or result.status == ExecStatus.COMMAND_OK:  # noqa: PLR1714 - a set hashes
        return
    state = result.error_field(DiagnosticField.SQLSTATE)
    if state is None:
        raise psycopg.OperationalError(pgconn.get_error_message())
    raise psycopg.errors.lookup(state.decode())(result.get_error_message())
