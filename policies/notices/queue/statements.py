"""
The queue's SQL, for PostgreSQL and for SQLite.

On PostgreSQL the end of one try and the intention of the next are one statement, and so one round trip and one commit a
mail: whoever sends waits for the database once. SQLite writes one thing at a time and has no round trips; there the
same parts run one after the other in a transaction.
"""

from functools import cache

from policies.models import Delivery, DeliveryAttempt, Notice, Tally
from policies.notices.queue import sql_dialect

State = Delivery.State
DELIVERIES, NOTICES, TALLIES = Delivery._meta.db_table, Notice._meta.db_table, Tally._meta.db_table
ATTEMPTS = DeliveryAttempt._meta.db_table
OPEN = (State.QUEUED, State.CLAIMED, State.SENDING)

# Rows are found by their keys. Written like this, the state does not make PostgreSQL choose the index of leases, which
# is almost empty of rows and full of dead entries while a notice goes out.
STATE = f"({DELIVERIES}.state || '')"

CLAIMED = "id, recipient_id, attempts, uncertain_tries, address, written_at"
INTENTION = ("id", "address", "written_at")
ENDED = ("id", "state", "reason", "charge", "lost", "next_attempt_at", "finished_at")
TRY = ("worker", "started_at", "ended_at", "phase", "outcome", "code", "enhanced_code", "reply", "message_id")
RESULT = (*ENDED, "number", *TRY, "body_sha256")


def lease_end() -> str:
    return sql_dialect.database_time_in("lease")


def _by_key(ids: str) -> str:
    """PostgreSQL takes a hundred rows for granted in JSON that it has not seen, and would read the whole table."""
    return f"{DELIVERIES}.id = ANY(%({ids})s::bigint[])" if sql_dialect.POSTGRESQL else "true"


@cache
def claim() -> str:
    # SQLite runs one writing statement at a time; on PostgreSQL others pass by the rows that one has locked.
    skip = " FOR UPDATE SKIP LOCKED" if sql_dialect.POSTGRESQL else ""
    return (
        f"WITH due AS (SELECT id FROM {DELIVERIES} WHERE state = 'queued' AND notice_id = %(notice)s"
        f" AND next_attempt_at <= %(at)s ORDER BY next_attempt_at LIMIT %(limit)s{skip})"
        f" UPDATE {DELIVERIES} SET state = 'claimed', claim_token = %(token)s, lease_until = {lease_end()}"
        f" WHERE id IN (SELECT id FROM due) RETURNING {CLAIMED}"
    )


@cache
def renew() -> str:
    return (
        f"UPDATE {DELIVERIES} SET lease_until = {lease_end()}"
        f" WHERE claim_token = %(token)s AND state = 'claimed' AND lease_until > {sql_dialect.database_time()}"
    )


@cache
def give_back_lost() -> str:
    return (
        f"UPDATE {DELIVERIES} SET state = 'queued', claim_token = NULL, lease_until = NULL"
        f" WHERE state = 'claimed' AND lease_until < {sql_dialect.database_time()}"
    )


@cache
def take_over_lost() -> str:
    return (
        f"UPDATE {DELIVERIES} SET claim_token = %(token)s, lease_until = {lease_end()}"
        f" WHERE state = 'sending' AND lease_until < {sql_dialect.database_time()}"
        f" RETURNING notice_id, {CLAIMED.replace('attempts', 'attempts - 1', 1)}"
    )


@cache
def intend() -> str:
    """Mark as `sending` what is still ours, of a notice that was begun and still sends."""
    return (
        f"UPDATE {DELIVERIES} SET state = 'sending', attempts = attempts + 1, address = given.address,"
        f" written_at = COALESCE({DELIVERIES}.written_at, given.written_at), lease_until = {lease_end()}"
        f" FROM {sql_dialect.rows('mails', *INTENTION)}"
        f" WHERE {DELIVERIES}.id = given.id AND {_by_key('mail_ids')} AND claim_token = %(token)s"
        f" AND {STATE} = 'claimed' AND lease_until > {sql_dialect.database_time()}"
        f" AND EXISTS (SELECT 1 FROM {NOTICES} n WHERE n.id = {DELIVERIES}.notice_id AND n.state = 'sending'"
        " AND n.begun_at IS NOT NULL)"
        f" RETURNING {DELIVERIES}.id"
    )


@cache
def settle() -> str:
    """Write how tries ended, where the row is still ours."""
    return (
        f"UPDATE {DELIVERIES} SET state = given.state, reason = given.reason,"
        f" attempts = attempts + CASE WHEN {DELIVERIES}.state = 'claimed' THEN given.charge ELSE 0 END,"
        " uncertain_tries = uncertain_tries + given.lost,"
        f" next_attempt_at = COALESCE(given.next_attempt_at, {DELIVERIES}.next_attempt_at),"
        " finished_at = given.finished_at, claim_token = NULL, lease_until = NULL"
        f" FROM {sql_dialect.rows('results', *ENDED)}"
        f" WHERE {DELIVERIES}.id = given.id AND {_by_key('result_ids')} AND claim_token = %(token)s"
        f" AND {STATE} IN ('claimed', 'sending')"
        f" RETURNING {DELIVERIES}.id, {DELIVERIES}.notice_id, {DELIVERIES}.state"
    )


@cache
def append(settled: str) -> str:
    """Append the tries among the results whose ids `settled` selects."""
    return (
        f"INSERT INTO {ATTEMPTS} (delivery_id, {', '.join(('number', *TRY, 'body_sha256'))})"
        f" SELECT {', '.join(f'given.{name}' for name in ('id', 'number', *TRY, 'body_sha256'))}"
        f" FROM {sql_dialect.rows('results', *RESULT)} WHERE given.charge = 1 AND given.id IN ({settled})"
    )


@cache
def tally(counted: str) -> str:
    """Add what `counted` selects (notice, minute, state, count) to the sums of the minute."""
    return (
        f"INSERT INTO {TALLIES} (notice_id, minute, state, count) {counted}"
        f" ON CONFLICT (notice_id, minute, state) DO UPDATE SET count = {TALLIES}.count + excluded.count"
    )


@cache
def settle_and_intend() -> str:
    """All of it in one statement, for PostgreSQL: (was settled, id) of each row that was ours."""
    is_open = ", ".join(f"'{state}'" for state in OPEN)
    # In one order for everybody, or two workers could each wait for the other's row.
    counted = (
        f"SELECT notice_id, %(minute)s::bigint, state, count(*) FROM settled WHERE state NOT IN ({is_open})"
        " GROUP BY notice_id, state ORDER BY notice_id, state"
    )
    return (
        f"WITH settled AS ({settle()}), appended AS ({append('SELECT id FROM settled')}),"
        f" tallied AS ({tally(counted)}), intended AS ({intend()})"
        " SELECT true, id FROM settled UNION ALL SELECT false, id FROM intended"
    )
