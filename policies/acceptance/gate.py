"""
Who has to answer before going on: a watermark in the server-side session against the requirement of the moment.

While nothing changes, a request costs one comparison and no query. The requirement is read again at most once a
second, so that every process enforces a new version within a second; the query that reads it looks up the person too.
A new session asks for its person alone. Each session knows the instant when something becomes due for its person. A
withdrawal anywhere moves the epoch, and every session looks once again.
"""

import hashlib
import time
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from policies.acceptance.demands import Answers, Demand, Due
from policies.models.fields import tags_of

WATERMARK = "policies.gate"
# What this session was asked about during the days of grace, and put off: "policy.number".
PUT_OFF = "policies.put_off"
REREAD_SECONDS = 1.0

OF_A_USER, OF_A_PERSON = "(SELECT person_id FROM policies_user WHERE id = %s)", "%s"

# By hand, because building them anew from querysets costs more than running them.
DEMANDS = """
    SELECT v.policy_id, v.number, v.effective_at, p.grace_period_days, p.audiences, p.renewal_months,
        epoch.number, person.audiences, person.closed_at, s.agreed_number, s.agreed_at, s.waived_number
    FROM policies_version v
    JOIN policies_policy p ON p.id = v.policy_id
    LEFT JOIN policies_gateepoch epoch ON epoch.id = 1
    LEFT JOIN policies_person person ON person.id = {whom}
    LEFT JOIN policies_standing s ON s.policy_id = v.policy_id AND s.person_id = person.id
    WHERE v.acceptance = 'explicit' AND v.published_at IS NOT NULL AND v.withdrawn_at IS NULL
        AND p.retired_at IS NULL AND NOT p.is_optional
    ORDER BY v.policy_id, v.number
"""
# What is demanded is known: only what this person did is looked up.
ANSWERS = """
    SELECT s.policy_id, person.audiences, person.closed_at, s.agreed_number, s.agreed_at, s.waived_number
    FROM policies_person person
    LEFT JOIN policies_standing s ON s.person_id = person.id
    WHERE person.id = {whom}
"""


@dataclass(frozen=True)
class Look:
    """
    What stands before somebody: the ids of the policies that the product waits for, and those it only asks about.

    Who is asked during the days of grace goes on as they like: once they were asked, the session keeps `put_off`.
    """

    blocking: tuple[int, ...] = ()
    asking: tuple[int, ...] = ()
    put_off: tuple[str, ...] = ()


NOTHING = Look()


class Gate:
    """One process's view of the requirement. `look` is asked once a request."""

    def __init__(self) -> None:
        self._stamp, self._demands = "", tuple[Demand, ...]()
        self._read_at = float("-inf")

    def look(
        self, *, session: MutableMapping[str, Any], at: datetime, user_id: int = 0, person_id: int | None = None
    ) -> Look:
        """Say what is awaited at `at` of this person, or of this user's. The session remembers where nothing is."""
        whom = (OF_A_USER, user_id) if person_id is None else (OF_A_PERSON, person_id)
        is_fresh = time.monotonic() - self._read_at < REREAD_SECONDS
        if is_fresh and self._passes(session.get(WATERMARK), at.timestamp()):
            return NOTHING
        answers = _answers_in(_rows(ANSWERS, *whom)) if is_fresh else self._read(*whom)
        dues = [due for demand in self._demands if (due := answers.due(demand))]
        found = _sorted_out(dues, put_off=session.get(PUT_OFF, []), at=at)
        if found.blocking or found.asking:
            session.pop(WATERMARK, None)
            return found
        changes = [instant.timestamp() for due in dues for instant in (due.asks_at, due.gates_at) if instant > at]
        watermark = [self._stamp, min(changes, default=None)]
        if session.get(WATERMARK) != watermark:
            session[WATERMARK] = watermark
        return found

    def _passes(self, watermark: Any, now: float) -> bool:
        if watermark is None or watermark[0] != self._stamp:
            return False
        return watermark[1] is None or now < watermark[1]

    def _read(self, whom: str, pk: int) -> Answers:
        """Read the requirement anew, and with the same query what this person answered."""
        started = time.monotonic()
        rows = _rows(DEMANDS, whom, pk)
        self._demands = tuple(_demand(*row[:6]) for row in rows)
        # A digest, because every session keeps it: the list grows with the years.
        listed = repr([rows[0][6] if rows else None, *self._demands])
        self._stamp = hashlib.sha256(listed.encode()).hexdigest()[:16]
        self._read_at = started
        return _answers_in([(row[0], *row[7:]) for row in rows])


def _sorted_out(dues: Sequence[Due], *, put_off: Sequence[str], at: datetime) -> Look:
    waiting = [due for due in dues if due.gates_at <= at]
    graced = [due for due in dues if due.asks_at <= at < due.gates_at]
    blocking = _policies(waiting)
    asked = [due for due in graced if due.demand.key not in put_off and due.demand.policy_id not in blocking]
    return Look(
        blocking=blocking,
        asking=_policies(asked),
        put_off=tuple(due.demand.key for due in graced),
    )


def _policies(dues: Sequence[Due]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(due.demand.policy_id for due in dues))


def _rows(query: str, whom: str, pk: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.format(whom=whom), [pk])
        return list(cursor.fetchall())


def _demand(  # noqa: PLR0917 - columns of DEMANDS
    policy_id: int, number: int, effective_at: datetime, grace_period_days: int, audiences: str, renewal_months: int
) -> Demand:
    grace = timedelta(days=grace_period_days)
    return Demand(policy_id, number, _instant(effective_at), grace, tags_of(audiences), renewal_months)


def _answers_in(rows: Sequence[tuple[Any, ...]]) -> Answers:
    """Read the columns of ANSWERS: policy, audiences, closed when, number and instant agreed to, waived up to."""
    if not rows:
        return Answers()
    _policy, audiences, closed_at, *_ = rows[0]
    agreed = {row[0]: (row[3], row[4] and _instant(row[4])) for row in rows if row[3]}
    waived = {row[0]: row[5] for row in rows if row[5]}
    return Answers(
        tags=None if audiences is None else frozenset(tags_of(audiences)),
        closed_at=closed_at,
        agreed=agreed,
        waived=waived,
    )


def _instant(value: datetime) -> datetime:
    """SQLite's cursor gives an instant in UTC that does not say so."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value
