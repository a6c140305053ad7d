"""
Who has to answer before going on: a watermark in the server-side session against the requirement of the moment.

While nothing changes, a request costs one comparison and no query. The requirement is read again at most once a
second and whenever an effective date passes, so that every process enforces a new version within a second; the query
that reads it looks up the person too. A new session asks for its person alone. A withdrawal anywhere moves the epoch,
and every session looks once again.
"""

import time
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from policies.acceptance.outstanding import lapses_at

WATERMARK = "policies.gate"
NEVER = (0, None)
REREAD_SECONDS = 1.0

# By hand, because building them anew from querysets costs more than running them.
DEMANDS = """
    SELECT v.policy_id, v.number, v.effective_at, p.grace_period_days, p.audience_tag, p.renewal_months,
        epoch.number, person.audience_tag, person.closed_at, s.agreed_number, s.agreed_at, s.waived_number
    FROM policies_version v
    JOIN policies_policy p ON p.id = v.policy_id
    LEFT JOIN policies_gateepoch epoch ON epoch.id = 1
    LEFT JOIN policies_user u ON u.id = %s
    LEFT JOIN policies_person person ON person.id = u.person_id
    LEFT JOIN policies_standing s ON s.policy_id = v.policy_id AND s.person_id = u.person_id
    WHERE v.acceptance = 'explicit' AND v.published_at IS NOT NULL AND v.withdrawn_at IS NULL
        AND p.retired_at IS NULL AND NOT p.is_optional
    ORDER BY v.policy_id, v.number
"""
# What is demanded is known: only what this person did is looked up.
ANSWERS = """
    SELECT s.policy_id, person.audience_tag, person.closed_at, s.agreed_number, s.agreed_at, s.waived_number
    FROM policies_user u
    LEFT JOIN policies_person person ON person.id = u.person_id
    LEFT JOIN policies_standing s ON s.person_id = u.person_id
    WHERE u.id = %s
"""


@dataclass(frozen=True)
class Demand:
    """One version that asks everybody of an audience (`""`: all people)."""

    policy_id: int
    number: int
    gates_at: datetime
    grace: timedelta
    audience: str
    renewal_months: int


@dataclass(frozen=True)
class Answers:
    """
    What somebody signed in agreed to last: number and instant, by policy; and up to where they were let off.

    `tag` is their audience; None for a user who is no person, such as an editor: nobody asks them.
    """

    tag: str | None = None
    closed_at: datetime | None = None
    agreed: Mapping[int, tuple[int, datetime | None]] = field(default_factory=dict)
    waived: Mapping[int, int] = field(default_factory=dict)

    def meet(self, demand: Demand, at: datetime) -> bool:
        if demand.gates_at > at or not self._are_asked(demand):
            return True
        if self.waived.get(demand.policy_id, 0) >= demand.number:
            return True
        number, _agreed_at = self.agreed.get(demand.policy_id, NEVER)
        lapse = self.lapse_at(demand)
        return number >= demand.number and (lapse is None or lapse > at)

    def lapse_at(self, demand: Demand) -> datetime | None:
        """When the agreement that meets `demand` has to be given again, if ever."""
        if not demand.renewal_months or not self._are_asked(demand):
            return None
        _number, agreed_at = self.agreed.get(demand.policy_id, NEVER)
        lapse = lapses_at(demand.renewal_months, agreed_at)
        return lapse + demand.grace if lapse else None

    def _are_asked(self, demand: Demand) -> bool:
        return self.tag is not None and self.closed_at is None and demand.audience in {"", self.tag}


@dataclass(frozen=True)
class Requirement:
    """What is demanded of everybody at a moment; `stamp` changes with it, at the latest at `changes_at`."""

    stamp: str
    changes_at: float
    demands: tuple[Demand, ...] = ()


class Gate:
    """One process's view of the requirement. `blocking` is asked once a request."""

    def __init__(self) -> None:
        self._requirement = Requirement(stamp="", changes_at=0.0)
        self._read_at = float("-inf")

    def blocking(self, *, session: MutableMapping[str, Any], user_id: int, at: datetime) -> tuple[int, ...]:
        """Return the ids of the policies whose answer is awaited; empty lets the request through."""
        now = at.timestamp()
        is_fresh = time.monotonic() - self._read_at < REREAD_SECONDS and now < self._requirement.changes_at
        if is_fresh and self._passes(session.get(WATERMARK), now):
            return ()
        answers = _answers_in(_rows(ANSWERS, user_id)) if is_fresh else self._read(user_id, at)
        demands = self._requirement.demands
        unmet = tuple(dict.fromkeys(demand.policy_id for demand in demands if not answers.meet(demand, at)))
        lapses = [lapse.timestamp() for demand in demands if (lapse := answers.lapse_at(demand))]
        watermark = [self._requirement.stamp, min(lapses, default=None)]
        if unmet:
            session.pop(WATERMARK, None)
        elif session.get(WATERMARK) != watermark:
            session[WATERMARK] = watermark
        return unmet

    def _passes(self, watermark: Any, now: float) -> bool:
        if watermark is None or watermark[0] != self._requirement.stamp:
            return False
        return watermark[1] is None or now < watermark[1]

    def _read(self, user_id: int, at: datetime) -> Answers:
        """Read the requirement anew, and with the same query what this person answered."""
        started = time.monotonic()
        rows = _rows(DEMANDS, user_id)
        demands = tuple(_demand(*row[:6]) for row in rows)
        due = [f"{demand.policy_id}.{demand.number}" for demand in demands if demand.gates_at <= at]
        self._requirement = Requirement(
            stamp=f"{rows[0][6] or 0 if rows else 0}:{','.join(due)}",
            changes_at=min((d.gates_at.timestamp() for d in demands if d.gates_at > at), default=float("inf")),
            demands=demands,
        )
        self._read_at = started
        return _answers_in([(row[0], *row[7:]) for row in rows])


def _rows(query: str, user_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [user_id])
        return list(cursor.fetchall())


def _demand(  # noqa: PLR0917 - columns of DEMANDS
    policy_id: int, number: int, effective_at: datetime, grace_period_days: int, audience: str, renewal_months: int
) -> Demand:
    grace = timedelta(days=grace_period_days)
    gates_at = (_instant(effective_at) or datetime.max.replace(tzinfo=UTC)) + grace
    return Demand(policy_id, number, gates_at, grace, audience, renewal_months)


def _answers_in(rows: Sequence[tuple[Any, ...]]) -> Answers:
    """Read the columns of ANSWERS: policy, audience, when closed, number and instant of the agreement, waived up to."""
    if not rows:
        return Answers()
    _policy, tag, closed_at, *_standing = rows[0]
    agreed = {policy: (number, _instant(agreed_at)) for policy, _, _, number, agreed_at, _ in rows if number}
    waived = {row[0]: row[5] for row in rows if row[5]}
    return Answers(tag=tag, closed_at=closed_at, agreed=agreed, waived=waived)


def _instant(value: datetime | None) -> datetime | None:
    """SQLite's cursor gives an instant in UTC that does not say so."""
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
