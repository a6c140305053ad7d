"""
The queue is the table of deliveries: claim, intend, record, release, reap. Each is one statement or one transaction.

A claim's token and its lease, in database time, fence a worker that was stopped and wakes up late: what it claimed may
belong to another by then, and its intentions no longer pass. A lease that ran out in `claimed` is certainly unsent; in
`sending` nobody knows (RFC 1047 explains why no protocol can), and the row is uncertain.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from policies.models import Delivery, Notice
from policies.notices.queue import prepared_statements, sql_dialect, statements

State = Delivery.State
OPEN = statements.OPEN


class Claimed(NamedTuple):
    """A delivery in this worker's hands. `address` and `written_at` are set once a mail may have gone out."""

    id: int
    recipient_id: int
    attempts: int
    uncertain_tries: int
    address: str
    written_at: datetime | None


class Try(NamedTuple):
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


class Result(NamedTuple):
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
    """
    Take up to `limit` deliveries of a notice that are due at `at`, for as long as the lease lasts.

    Whoever takes the first ones begins the notice. None are taken of one that names a date which no longer holds.
    """
    given: dict[str, str | int] = {
        "notice": notice.pk,
        "at": sql_dialect.instant(at) or "",
        "limit": limit,
        **_held(token),
    }
    claimed = [_claimed(row) for row in sorted(sql_dialect.run(statements.claim(), given))]
    if claimed and notice.begun_at is None and not begin(notice=notice, at=at):
        release(token=token, ids=[mail.id for mail in claimed])
        return []
    return claimed


def begin(*, notice: Notice, at: datetime, states: Collection[str] = (Notice.State.SENDING,)) -> bool:
    """
    Write down that mails of a notice are about to be tried, or were; whether they may be.

    A change of the version's date and this wait for each other at the version's row: the guards see to it.
    """
    holds = Q(effective_at=None) | Q(effective_at=F("version__effective_at"))
    with suppress(IntegrityError), transaction.atomic():  # refused: the date was changed in this very moment
        Notice.objects.filter(holds, pk=notice.pk, begun_at=None, state__in=states).update(begun_at=at)
    return Notice.objects.filter(pk=notice.pk, begun_at__isnull=False).exists()


def intend(
    *, mails: Sequence[tuple[Claimed, str]], token: uuid.UUID, at: datetime, results: Sequence[Result] = ()
) -> set[int]:
    """
    Commit that these mails are about to go out, each to its address; return the ids that are still ours.

    From here on a crash leaves them uncertain. A row whose lease ran out, whose notice was paused or cancelled, or
    which somebody else took, is not among them. `results` of mails before are recorded in the same commit.
    """
    return _write(mails=mails, results=results, token=token, at=at)[1]


def record(*, results: Sequence[Result], token: uuid.UUID) -> set[int]:
    """
    Write down how tries ended, and append them to the record; return the ids that were still this worker's.

    What is no longer ours is left alone: whoever holds it now has written, or will write, what is known.
    """
    return _write(mails=(), results=results, token=token, at=results[0].at)[0] if results else set()


def renew(*, token: uuid.UUID) -> None:
    """Keep what is claimed and not yet begun for another lease."""
    sql_dialect.run(statements.renew(), _held(token))


def release(*, token: uuid.UUID, ids: Collection[int], until: datetime | None = None) -> None:
    """Give back what was claimed and never begun: nothing of it was sent. It waits `until` then, or as before."""
    if ids:
        later = {"next_attempt_at": until} if until else {}
        Delivery.objects.filter(pk__in=ids, claim_token=token, state=State.CLAIMED).update(
            state=State.QUEUED, claim_token=None, lease_until=None, **later
        )


def tally(*, notice: Notice, states: Mapping[str, int], at: datetime) -> None:
    """Count deliveries that came to an end. In the transaction that ended them, so that the sums are always exact."""
    # In one order for everybody, or two workers could each wait for the other's row.
    for state, count in sorted(states.items()):
        _tally(notice.pk, state, count, at)


def take_over_lost(*, token: uuid.UUID) -> dict[int, list[Claimed]]:
    """
    Put back what was claimed by workers that are gone, and take over what they were sending, by notice.

    What comes back here may have gone out, or not: the caller records it as uncertain.
    """
    sql_dialect.run(statements.give_back_lost(), {})
    lost: dict[int, list[Claimed]] = {}
    for row in sql_dialect.run(statements.take_over_lost(), _held(token)):
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


def _write(
    *, mails: Sequence[tuple[Claimed, str]], results: Sequence[Result], token: uuid.UUID, at: datetime
) -> tuple[set[int], set[int]]:
    """Settle and append `results`, then intend `mails`, in one commit; return the ids of each that were ours."""
    given = {
        "results": sql_dialect.as_json(map(_as_row, results)),
        "mails": sql_dialect.as_json(_intention(mail, address, at) for mail, address in mails),
        "result_ids": sql_dialect.as_array(result.delivery.id for result in results),
        "mail_ids": sql_dialect.as_array(mail.id for mail, _address in mails),
        "minute": str(int((results[0].at if results else at).timestamp()) // 60),
        **_held(token),
    }
    if sql_dialect.POSTGRESQL:
        rows = prepared_statements.run(statements.settle_and_intend(), given)
        settled, intended = ({int(pk or 0) for was, pk in rows if was == each} for each in (b"t", b"f"))
        return settled, intended
    # Within a larger transaction there is no need for a savepoint.
    with transaction.atomic(savepoint=False):
        ended = sql_dialect.run(statements.settle(), given) if results else []
        ours = {row[0] for row in ended}
        if ours:
            chosen = "SELECT value FROM json_each(%(ours)s)"
            sql_dialect.run(statements.append(chosen), {**given, "ours": sql_dialect.as_json(ours)})
        for (notice, state), count in Counter(row[1:] for row in ended if row[2] not in OPEN).items():
            _tally(notice, state, count, results[0].at)
        return ours, {row[0] for row in sql_dialect.run(statements.intend(), given)} if mails else set()


def _tally(notice_id: int, state: str, count: int, at: datetime) -> None:
    given: dict[str, str | int] = {
        "notice": notice_id,
        "minute": int(at.timestamp()) // 60,
        "state": state,
        "count": count,
    }
    sql_dialect.run(statements.tally("VALUES (%(notice)s, %(minute)s, %(state)s, %(count)s)"), given)


def _intention(mail: Claimed, address: str, at: datetime) -> dict[str, object]:
    return {"id": mail.id, "address": address, "written_at": sql_dialect.instant(mail.written_at or at)}


def _as_row(result: Result) -> dict[str, object]:
    at = sql_dialect.instant(result.at)
    ended: dict[str, object] = {
        "id": result.delivery.id,
        "state": result.state,
        "reason": result.reason,
        "charge": int(result.tried is not None),
        "lost": int(result.is_uncertain),
        "next_attempt_at": sql_dialect.instant(result.next_attempt_at),
        "finished_at": at if result.is_final else None,
        "number": result.delivery.attempts + 1,
    }
    if result.tried:
        ended.update(result.tried._asdict())
        ended["started_at"] = sql_dialect.instant(result.tried.started_at)
        ended["ended_at"] = at if result.tried.ended_at is result.at else sql_dialect.instant(result.tried.ended_at)
    return ended


def _held(token: uuid.UUID) -> dict[str, str]:
    """What a claim is known by, and for how many seconds it holds."""
    # 32 hex digits: what SQLite keeps, and what PostgreSQL reads as well.
    return {"token": token.hex, "lease": str(settings.DELIVERY_LEASE_SECONDS)}


def _claimed(row: Sequence[Any]) -> Claimed:
    *known, written_at = row
    return Claimed._make([*known, sql_dialect.read_instant(written_at)])
