"""What tells a process that a kept page may no longer be so: that something changed, or an instant that changes one."""

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection
from django.db.models import F, Min, Q

from policies.front import watching
from policies.models import PublicChange, Version

# Wherever it becomes another day: every zone's midnight is at a full quarter of an hour in UTC.
QUARTER = 900


Stamp = tuple[int, int, int]


class NotSeen(Exception):
    """The database did not say what changed, or nothing in it would note a change."""


@dataclass(frozen=True)
class Seen:
    """
    The record as it was at a look.

    :ivar stamp: another one whenever something changed
    :ivar until: the first instant (seconds since 1970) at which pages change by themselves
    """

    stamp: Stamp
    until: float


def look(*, at: datetime, last: Seen | None) -> Seen:
    """
    Look at the record: one small query, and two more where something has changed since `last`.

    :raises NotSeen: if the database does not answer, or a trigger that notes changes is missing
    """
    try:
        # Outside a request nobody else does: a connection that the server closed, or that is old enough.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        stamp = stamp_now()
        if last and last.stamp == stamp and at.timestamp() < last.until:
            return last
        if watching.missing(connection):
            raise NotSeen
        return Seen(stamp, _until(at))
    except DatabaseError as error:
        connection.close()
        raise NotSeen from error


def stamp_now() -> Stamp:
    """What is another one whenever something changed that public pages show."""
    table = PublicChange._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(max(id), 0), coalesce(sum(id), 0) FROM {table}")  # noqa: S608 - ours
        count, newest, total = cursor.fetchone()
    return int(count), int(newest), int(total)


def _until(at: datetime) -> float:
    """The next instant at which a version appears or takes effect, or it is another day somewhere."""
    now = at.timestamp()
    found = Version.objects.published().aggregate(
        appears=Min(F("published_at"), filter=Q(published_at__gt=at)),
        takes_effect=Min(F("effective_at"), filter=Q(effective_at__gt=at)),
    )
    known: list[float] = [instant.timestamp() for instant in found.values() if instant]
    return min([*known, (now // QUARTER + 1) * QUARTER])
