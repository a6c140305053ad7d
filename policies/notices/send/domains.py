"""
How many mails go to one destination domain at the same time, over all workers: a table of places, with leases.

A worker sends one mail at a time, so a place at each of its batch's domains is enough: two or three statements a batch.
What goes to a domain without a free place waits a moment in the queue, and the rest of the batch goes on.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from policies.models import DomainPlace
from policies.notices.queue import sql_dialect, statements

TABLE = DomainPlace._meta.db_table
# For so long a mail waits whose domain is busy.
BUSY_WAIT = timedelta(seconds=2)
# A worker that found nothing but busy domains looks for others after so many seconds.
LOOK_AGAIN = 0.2


def take(*, domains: Collection[str], token: uuid.UUID) -> set[str]:
    """Take a place at each of these domains; return those that had one free."""
    if not settings.NOTICE_MAILS_PER_DOMAIN:
        return set(domains)
    taken: set[str] = set()
    for number in range(settings.NOTICE_MAILS_PER_DOMAIN):
        missing = sorted(set(domains) - taken)
        if missing:
            wanted = sql_dialect.as_json({"domain": name} for name in missing)
            given = {**_holder(token), "domains": wanted, "number": number}
            taken.update(name for (name,) in sql_dialect.run(_take(), given))
    return taken


def renew(*, token: uuid.UUID) -> None:
    """Keep the places for another lease."""
    statement = f"UPDATE {TABLE} SET lease_until = {statements.lease_end()} WHERE holder = %(holder)s"
    sql_dialect.run(statement, _holder(token))


def give_back(*, token: uuid.UUID) -> None:
    """Let others have the places. Locked in the order in which they are taken, so that nobody waits in a circle."""
    lock = " FOR UPDATE" if sql_dialect.POSTGRESQL else ""
    mine = f"SELECT id FROM {TABLE} WHERE holder = %(holder)s ORDER BY domain, number{lock}"
    sql_dialect.run(f"WITH mine AS ({mine}) DELETE FROM {TABLE} WHERE id IN (SELECT id FROM mine)", _holder(token))


def _take() -> str:
    # In one order for everybody. A place whose lease ran out belonged to a worker that is gone.
    return (
        f"INSERT INTO {TABLE} (domain, number, holder, lease_until)"
        f" SELECT given.domain, %(number)s, %(holder)s, {statements.lease_end()}"
        f" FROM {sql_dialect.rows('domains', 'domain')} WHERE true ORDER BY given.domain"
        " ON CONFLICT (domain, number) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until"
        f" WHERE {TABLE}.lease_until < {sql_dialect.database_time()} RETURNING domain"
    )


def _holder(token: uuid.UUID) -> dict[str, str | int]:
    return {"holder": token.hex, "lease": str(settings.DELIVERY_LEASE_SECONDS)}
