"""
A way out for mail, shared by all workers: its allowance (a token bucket) and whether it is held.

Both live in one row and follow the database's clock, so that any number of workers on any machines keep one rate, and a
worker whose own clock is wrong changes nothing.
"""

import math
from datetime import datetime, timedelta

from django.db import connection

from policies.models import MailRoute
from policies.notices.queue import sql_dialect

# A held route is tried again after 5 s, 10 s, 20 s and so on, at the longest every 15 minutes.
FIRST_HOLD = 5
LONGEST_HOLD = 900


def take(*, name: str, wanted: int, per_minute: int) -> int:
    """
    Take up to `wanted` mails from a route's allowance; 0 while there is none or the route is held.

    The bucket holds one second's worth of mails, and at least one.
    """
    while True:
        row, now = _look(name)
        if row.held_until and row.held_until > now:
            return 0
        elapsed = max((now - row.refilled_at).total_seconds(), 0)
        full = max(per_minute / 60, 1)
        allowance = min(full, row.allowance + elapsed * per_minute / 60)
        taken = min(wanted, int(allowance))
        # Compare and swap: of two workers that saw the same allowance only one takes from it.
        swapped = MailRoute.objects.filter(name=name, refilled_at=row.refilled_at, allowance=row.allowance).update(
            allowance=allowance - taken, refilled_at=max(now, row.refilled_at)
        )
        if swapped:
            return taken


def give_back(*, name: str, unused: int) -> None:
    """Return what was taken and not needed."""
    if unused:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE policies_mailroute SET allowance = allowance + %s WHERE name = %s", [unused, name])


def hold(*, name: str, reason: str, at_least: float = 0) -> int:
    """
    Let nobody use a route for a while, twice as long each time; return for how many seconds.

    `at_least` is for how many seconds the provider asked.
    """
    row, now = _look(name)
    if row.held_until and row.held_until > now:
        return math.ceil((row.held_until - now).total_seconds())
    seconds = min(max(FIRST_HOLD << min(row.holds, 10), math.ceil(at_least)), LONGEST_HOLD)
    MailRoute.objects.filter(name=name, holds=row.holds).update(
        held_until=now + timedelta(seconds=seconds), holds=row.holds + 1, held_reason=reason[:300]
    )
    return seconds


def free(*, name: str) -> None:
    """The route works: the next hold starts short again."""
    MailRoute.objects.filter(name=name, holds__gt=0).update(held_until=None, holds=0, held_reason="")


def _look(name: str) -> tuple[MailRoute, datetime]:
    now = sql_dialect.now()
    row, _ = MailRoute.objects.get_or_create(name=name, defaults={"refilled_at": now, "allowance": 1})
    return row, now
