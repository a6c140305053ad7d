"""
The queue is the table of deliveries: claim, intend, record, release, reap. Each is one statement or one transaction.

A claim's token and its lease, in database time, fence a worker that was stopped and wakes up late: what it claimed may
belong to another by then, and its intentions no longer pass. A lease that ran out in `claimed` is certainly unsent; in
`sending` nobody knows (RFC 1047 explains why no protocol can), and the row is uncertain.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from policies.models import Delivery, Notice
from policies.notices import dialect

State = Delivery.State
TABLE = Delivery._meta.db_table
OPEN = (State.QUEUED, State.CLAIMED, State.SENDING)


@dataclass(frozen=True)
class Claimed:
    """A delivery in this worker's hands. `address` and `written_at` are set once a mail may have gone out."""

    id: int
    recipient_id: int
    attempts: int
    uncertain_tries: int
    address: str
    written_at: datetime | None


@dataclass(frozen=True)
class Try:
    """What happened in one try, for the append-only record."""

    started_at: datetime
    ended_at: datetime
    phase: str
    outcome: str
    worker: str
    code: int | None = None
    enhanced_code: str = ""
    reply: str = ""
    message_id: str = ""
    body_sha256: str = ""


@dataclass(frozen=True)
class Result:
    """
    How a claimed delivery goes on: its next state, and the try that led there, if there was one.

    `at` is the instant of the result; with `next_attempt_at` the row waits in the queue until then.
    """

    delivery: Claimed
    state: str
    at: datetime
    reason: str = ""
    next_attempt_at: datetime | None = None
    is_uncertain: bool = False
    tried: Try | None = None

    @property
    def is_final(self) -> bool:
        return self.state not in OPEN


def claim(*, notice: Notice, token: uuid.UUID, limit: int, at: datetime) -> list[Claimed]:
    """Take up to `limit` deliveries of a notice that are due at `at`, for as long as the lease lasts."""
    due = (
        f"SELECT id FROM {TABLE} WHERE state = 'queued' AND notice_id = %s AND next_attempt_at <= %s"
        " ORDER BY next_attempt_at, id LIMIT %s"
    )
    # SQLite runs one writing statement at a time; on PostgreSQL others pass by the rows that one has locked.
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    statement = (
        f"WITH due AS ({due}{skip}) UPDATE {TABLE} SET state = 'claimed', claim_token = %s,"
        f" lease_until = {dialect.database_time_in(settings.DELIVERY_LEASE_SECONDS)}"
        f" WHERE id IN (SELECT id FROM due)"
        " RETURNING id, recipient_id, attempts, uncertain_tries, address, written_at"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [notice.pk, dialect.instant(at), limit, _token(token)])
        return [_claimed(row) for row in sorted(cursor.fetchall())]


def intend(*, mails: Sequence[tuple[Claimed, str]], token: uuid.UUID, at: datetime) -> set[int]:
    """
    Commit that these mails are about to go out, each to its address; return the ids that are still ours.

    From here on a crash leaves them uncertain. A row whose lease ran out, whose notice was paused or cancelled, or
    which somebody else took, is not among them.
    """
    statement = (
        f"UPDATE {TABLE} SET state = 'sending', attempts = attempts + 1, address = given.address,"
        f" written_at = COALESCE({TABLE}.written_at, given.written_at),"
        f" lease_until = {dialect.database_time_in(settings.DELIVERY_LEASE_SECONDS)}"
        f" FROM {dialect.rows('id', 'address', 'written_at')}"
        f" WHERE {TABLE}.id = given.id AND claim_token = %s AND state = 'claimed'"
        f" AND lease_until > {dialect.database_time()}"
        f" AND EXISTS (SELECT 1 FROM {Notice._meta.db_table} n WHERE n.id = {TABLE}.notice_id AND n.state = 'sending')"
        f" RETURNING {TABLE}.id"
    )
    given = [{"id": mail.id, "address": address, "written_at": mail.written_at or at} for mail, address in mails]
    with connection.cursor() as cursor:
        cursor.execute(statement, [dialect.as_json(given), _token(token)])
        return {row[0] for row in cursor.fetchall()}


def renew(*, token: uuid.UUID) -> None:
    """Keep what is claimed and not yet begun for another lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET lease_until = {dialect.database_time_in(settings.DELIVERY_LEASE_SECONDS)}"
            f" WHERE claim_token = %s AND state = 'claimed' AND lease_until > {dialect.database_time()}",
            [_token(token)],
        )


def release(*, token: uuid.UUID, ids: Collection[int]) -> None:
    """Give back what was claimed and never begun: nothing of it was sent."""
    if ids:
        Delivery.objects.filter(pk__in=ids, claim_token=token, state=State.CLAIMED).update(
            state=State.QUEUED, claim_token=None, lease_until=None
        )


def record(*, notice: Notice, results: Sequence[Result], token: uuid.UUID) -> set[int]:
    """
    Write down how tries ended, and append them to the record; return the ids that were still this worker's.

    What is no longer ours is left alone: whoever holds it now has written, or will write, what is known.
    """
    if not results:
        return set()
    # Within the transaction of the next intention there is no need for a savepoint.
    with transaction.atomic(savepoint=False):
        ours = _settle(results, token)
        settled = [result for result in results if result.delivery.id in ours]
        _append_tries(settled)
        tally(notice=notice, states=Counter(r.state for r in settled if r.is_final), at=results[0].at)
    return ours


def tally(*, notice: Notice, states: Mapping[str, int], at: datetime) -> None:
    """Count deliveries that came to an end. In the transaction that ended them, so that the sums are always exact."""
    minute = int(at.timestamp()) // 60
    with connection.cursor() as cursor:
        # In one order for everybody, or two workers could each wait for the other's row.
        for state, count in sorted(states.items()):
            cursor.execute(
                "INSERT INTO policies_tally (notice_id, minute, state, count) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (notice_id, minute, state) DO UPDATE SET count = policies_tally.count + excluded.count",
                [notice.pk, minute, state, count],
            )


def take_over_lost(*, token: uuid.UUID) -> dict[int, list[Claimed]]:
    """
    Put back what was claimed by workers that are gone, and take over what they were sending, by notice.

    What comes back here may have gone out, or not: the caller records it as uncertain.
    """
    statement = (
        f"UPDATE {TABLE} SET claim_token = %s,"
        f" lease_until = {dialect.database_time_in(settings.DELIVERY_LEASE_SECONDS)}"
        f" WHERE state = 'sending' AND lease_until < {dialect.database_time()}"
        " RETURNING notice_id, id, recipient_id, attempts - 1, uncertain_tries, address, written_at"
    )
    lost: dict[int, list[Claimed]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET state = 'queued', claim_token = NULL, lease_until = NULL"
            f" WHERE state = 'claimed' AND lease_until < {dialect.database_time()}",
            [],
        )
        cursor.execute(statement, [_token(token)])
        for row in cursor.fetchall():
            lost.setdefault(row[0], []).append(_claimed(row[1:]))
    return lost


def end_queued(*, notice: Notice, state: str, reason: str, at: datetime) -> int:
    """End everything of a notice that still waits, as `expired` or `cancelled`; return how many that were."""
    with transaction.atomic():
        ended = Delivery.objects.filter(notice=notice, state=State.QUEUED).update(
            state=state, reason=reason, finished_at=at
        )
        tally(notice=notice, states={state: ended} if ended else {}, at=at)
    return ended


def _settle(results: Sequence[Result], token: uuid.UUID) -> set[int]:
    statement = (
        f"UPDATE {TABLE} SET state = given.state, reason = given.reason,"
        f" attempts = attempts + CASE WHEN {TABLE}.state = 'claimed' THEN given.number ELSE 0 END,"
        " uncertain_tries = uncertain_tries + given.count,"
        f" next_attempt_at = COALESCE(given.next_attempt_at, {TABLE}.next_attempt_at),"
        " finished_at = given.finished_at, claim_token = NULL, lease_until = NULL"
        f" FROM {dialect.rows('id', 'state', 'reason', 'number', 'count', 'next_attempt_at', 'finished_at')}"
        f" WHERE {TABLE}.id = given.id AND claim_token = %s AND {TABLE}.state IN ('claimed', 'sending')"
        f" RETURNING {TABLE}.id"
    )
    given = [
        {
            "id": result.delivery.id,
            "state": result.state,
            "reason": result.reason,
            "number": int(result.tried is not None),
            "count": int(result.is_uncertain),
            "next_attempt_at": result.next_attempt_at,
            "finished_at": result.at if result.is_final else None,
        }
        for result in results
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [dialect.as_json(given), _token(token)])
        return {row[0] for row in cursor.fetchall()}


_TRY = ("started_at", "ended_at", "phase", "outcome", "worker", "code", "enhanced_code", "reply", "message_id")


def _append_tries(results: Iterable[Result]) -> None:
    columns = ("id", "number", *_TRY, "body_sha256")
    given = [
        {
            "id": r.delivery.id,
            "number": r.delivery.attempts + 1,
            **{name: getattr(r.tried, name) for name in columns[2:]},
        }
        for r in results
        if r.tried
    ]
    if given:
        names = ", ".join(("delivery_id", *columns[1:]))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO policies_deliveryattempt ({names})"
                f" SELECT {', '.join(f'given.{name}' for name in columns)} FROM {dialect.rows(*columns)}",
                [dialect.as_json(given)],
            )


def _token(token: uuid.UUID) -> str:
    # SQLite keeps a UUID as 32 hex digits.
    return str(token) if connection.vendor == "postgresql" else token.hex


def _claimed(row: Sequence[Any]) -> Claimed:
    pk, recipient_id, attempts, uncertain_tries, address, written_at = row
    return Claimed(pk, recipient_id, attempts, uncertain_tries, address, dialect.read_instant(written_at))
