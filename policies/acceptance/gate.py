"""
Who has to answer before going on: a watermark in the server-side session against the requirement of the moment.

While nothing changes, a request costs one comparison and no query. The requirement is read again at most once a
second and whenever an effective date passes, so that every process enforces a new version within a second; the query
that reads it looks up the person too. A withdrawal anywhere moves the epoch, and every session looks once again.
"""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from policies.acceptance.outstanding import lapses_at

WATERMARK = "policies.gate"
REREAD_SECONDS = 1.0

# By hand, because building it anew from querysets costs more than running it.
DEMANDS = """
    SELECT v.policy_id, v.number, v.effective_at, p.grace_period_days, p.audience_tag, p.renewal_months,
        s.agreed_number, s.agreed_at, person.audience_tag, person.closed_at, epoch.number
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


@dataclass(frozen=True)
class Demand:
    """One version that asks, and what one person agreed to of its policy."""

    policy_id: int
    number: int
    gates_at: datetime
    is_theirs: bool
    agreed_number: int
    lapses_at: datetime | None

    def is_met(self, at: datetime) -> bool:
        if not self.is_theirs or self.gates_at > at:
            return True
        return self.agreed_number >= self.number and (self.lapses_at is None or self.lapses_at > at)


@dataclass(frozen=True)
class Requirement:
    """What is demanded of everybody at a moment; `stamp` changes with it, at the latest at `changes_at`."""

    stamp: str
    changes_at: float


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
        demands = self._read(user_id, at)
        unmet = tuple(dict.fromkeys(demand.policy_id for demand in demands if not demand.is_met(at)))
        watermark = [
            self._requirement.stamp,
            min((d.lapses_at.timestamp() for d in demands if d.lapses_at), default=None),
        ]
        if unmet:
            session.pop(WATERMARK, None)
        elif session.get(WATERMARK) != watermark:
            session[WATERMARK] = watermark
        return unmet

    def _passes(self, watermark: Any, now: float) -> bool:
        if watermark is None or watermark[0] != self._requirement.stamp:
            return False
        return watermark[1] is None or now < watermark[1]

    def _read(self, user_id: int, at: datetime) -> list[Demand]:
        started = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(DEMANDS, [user_id])
            rows = cursor.fetchall()
        demands = [_demand(*row[:10]) for row in rows]
        due = [f"{demand.policy_id}.{demand.number}" for demand in demands if demand.gates_at <= at]
        self._requirement = Requirement(
            stamp=f"{rows[0][10] or 0 if rows else 0}:{','.join(due)}",
            changes_at=min((d.gates_at.timestamp() for d in demands if d.gates_at > at), default=float("inf")),
        )
        self._read_at = started
        return demands


def _demand(  # noqa: PLR0917 - the columns of DEMANDS
    policy_id: int,
    number: int,
    effective_at: datetime,
    grace_period_days: int,
    audience: str,
    renewal_months: int,
    agreed_number: int | None,
    agreed_at: datetime | None,
    tag: str | None,
    closed_at: datetime | None,
) -> Demand:
    grace = timedelta(days=grace_period_days)
    lapse = lapses_at(renewal_months, _instant(agreed_at))
    return Demand(
        policy_id=policy_id,
        number=number,
        gates_at=(_instant(effective_at) or datetime.max.replace(tzinfo=UTC)) + grace,
        is_theirs=tag is not None and closed_at is None and audience in {"", tag},
        agreed_number=agreed_number or 0,
        lapses_at=lapse + grace if lapse else None,
    )


def _instant(value: datetime | None) -> datetime | None:
    """SQLite's cursor gives an instant in UTC that does not say so."""
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
