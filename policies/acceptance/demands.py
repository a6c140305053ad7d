"""
When a version asks a person, and from when on the product waits: one rule for gate, pages, banner and programs.

Nothing here looks into the database: who asks it brings what is demanded and what the person answered.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policies.models import Version

NEVER = (0, None)


@dataclass(frozen=True)
class Demand:
    """One version that asks whoever is in one of its audiences; all people, where it has none."""

    policy_id: int
    number: int
    effective_at: datetime
    grace: timedelta
    audiences: tuple[str, ...]
    renewal_months: int

    @classmethod
    def of(cls, version: Version) -> "Demand":
        """What a published version asks under the terms that its policy has now."""
        policy = version.policy
        if version.number is None or version.effective_at is None:
            raise ValueError(f"{version} is a draft, and asks nobody.")
        grace = timedelta(days=policy.grace_period_days)
        return cls(
            policy.pk, version.number, version.effective_at, grace, tuple(policy.audiences), policy.renewal_months
        )

    @property
    def key(self) -> str:
        return f"{self.policy_id}.{self.number}"


@dataclass(frozen=True)
class Due:
    """When somebody is asked, and from when on the product waits for the answer."""

    demand: Demand
    asks_at: datetime

    @property
    def gates_at(self) -> datetime:
        return self.asks_at + self.demand.grace


@dataclass(frozen=True)
class Answers:
    """
    What somebody signed in agreed to last: number and instant, by policy; and up to where they were let off.

    `tags` are their audiences; None for a user who is no person, such as an editor: nobody asks them.
    """

    tags: frozenset[str] | None = None
    closed_at: datetime | None = None
    agreed: Mapping[int, tuple[int, datetime | None]] = field(default_factory=dict)
    waived: Mapping[int, int] = field(default_factory=dict)

    def due(self, demand: Demand) -> Due | None:
        """When this person has to answer `demand`, if ever: at its effect, or again when their agreement lapses."""
        if self.tags is None or self.closed_at is not None:
            return None
        is_asked = not demand.audiences or not self.tags.isdisjoint(demand.audiences)
        if not is_asked or self.waived.get(demand.policy_id, 0) >= demand.number:
            return None
        number, agreed_at = self.agreed.get(demand.policy_id, NEVER)
        if number < demand.number:
            return Due(demand, demand.effective_at)
        lapse = lapses_at(demand.renewal_months, agreed_at)
        return Due(demand, max(lapse, demand.effective_at)) if lapse else None


def lapses_at(renewal_months: int, agreed_at: datetime | None) -> datetime | None:
    """When an agreement given at `agreed_at` has to be given again, if ever (0 months: never)."""
    if not renewal_months or agreed_at is None:
        return None
    return _months_after(agreed_at, renewal_months)


def _months_after(instant: datetime, months: int) -> datetime:
    """The same day so many months on; the last day of a month that is too short."""
    years, month = divmod(instant.month - 1 + months, 12)
    year = instant.year + years
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
