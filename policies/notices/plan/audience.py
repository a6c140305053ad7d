"""Whom a notice is for, and the freezing of that audience: INSERT ... SELECT in keyset batches that may run again."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, When

from policies.models import Delivery, Follower, Notice, Person, Standing
from policies.notices.queue import claims, sql_dialect, statements

BATCH = 20_000
# Whoever may have read the first announcement is told when it no longer holds.
TOLD = (Delivery.State.ACCEPTED, Delivery.State.UNCERTAIN)


def of(notice: Notice, *, at: datetime) -> QuerySet[Any]:
    """The people, or followers, a notice is for, as they stand at `at`."""
    if notice.stream == Notice.Stream.ALERT:
        return _followers(notice)
    people = Person.objects.bound_by(notice.version.policy, at)
    if not notice.version.policy.has_accounts:
        return people.none()
    if notice.kind in {Notice.Kind.WITHDRAWN, Notice.Kind.CORRECTION}:
        return Person.objects.filter(pk__in=told(notice))
    if notice.kind == Notice.Kind.AGAIN:
        return people.filter(pk=notice.occasion)
    if notice.kind == Notice.Kind.REMINDER:
        return people.filter(~Exists(_answered(notice)))
    return people


def _answered(notice: Notice) -> QuerySet[Standing]:
    """Whoever accepted or declined the version, or a later one, has answered."""
    number = notice.version.number
    standings = Standing.objects.filter(person=OuterRef("pk"), policy=notice.version.policy)
    return standings.filter(Q(agreed_number__gte=number) | Q(declined_number__gte=number))


def told(notice: Notice) -> QuerySet[Delivery, int]:
    """The recipients of the announcements of this version and stream that went out, or may have."""
    return Delivery.objects.filter(
        notice__version=notice.version, notice__stream=notice.stream, state__in=TOLD
    ).values_list("recipient_id", flat=True)


def languages(notice: Notice, *, at: datetime) -> dict[str, int]:
    """The languages of an audience, with the number of its members that read each."""
    return dict(of(notice, at=at).order_by().values_list("language").annotate(members=Count("pk")))


def fan_out_batch(notice: Notice, *, at: datetime) -> int:
    """
    Make the next batch of deliveries after the notice's cursor, due at `at`; return how many members it covered.

    The audience is the one of `frozen_at`, however long this takes and whoever takes part. Whoever has no address is
    `suppressed` from the start: they are counted, and shown the prominent notice.
    """
    with transaction.atomic():
        # The cursor moves with the rows it stands for, and one worker at a time moves it: no row is met twice, so that
        # nothing has to be looked up or resolved while a million of them are written.
        locked = Notice.objects.select_for_update().values_list("fan_out_cursor", flat=True)
        after = locked.get(pk=notice.pk)
        members = of(notice, at=notice.frozen_at or at).filter(pk__gt=after).order_by("pk")[:BATCH]
        count = _insert(notice, members, is_late=False, at=at)
        if count:
            # What was just made is read once, which costs a fraction of asking the audience beforehand.
            made = deliveries_of(notice).filter(pk__gte=Delivery.key(notice.pk, after + 1, 0))
            last = _tally_unreachable(notice, made, at=at)
            Notice.objects.filter(pk=notice.pk).update(fan_out_cursor=last)
    return count


def top_up(notice: Notice, *, at: datetime) -> int:
    """
    Add everybody whom the policy binds now and who has no delivery yet; return how many.

    That is whoever joined after the audience was frozen, and whoever came on record, came back or changed into this
    audience later, whatever day of joining stands with them. At most one batch; the next call adds the next.
    """
    have = deliveries_of(notice).filter(recipient_id=OuterRef("pk"))
    ids = list(of(notice, at=at).filter(~Exists(have)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    with transaction.atomic():
        joined = _insert(notice, of(notice, at=at).filter(pk__in=ids), is_late=True, at=at)
        if joined:
            _tally_unreachable(notice, deliveries_of(notice).filter(recipient_id__in=ids), at=at)
        Notice.objects.filter(pk=notice.pk).update(late_count=F("late_count") + joined)
    return joined


def digest(notice: Notice) -> tuple[int, str]:
    """Count the frozen audience, and hash its ids in ascending order, one a line."""
    text = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    member = "recipient_id::text" if connection.vendor == "postgresql" else "recipient_id"
    statement = (
        f"SELECT count(*), max(id), {text}({member}, %s) FROM (SELECT id, recipient_id FROM {statements.DELIVERIES}"
        " WHERE id > %s AND id < %s AND NOT late ORDER BY id LIMIT %s) AS members"
    )
    count, last, sha256 = 0, Delivery.first_key(notice.pk), hashlib.sha256()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of a table that just grew by a million rows the planner knows nothing yet, and would sort what is left
            # of them for every batch. ANALYZE would tell it, but is the owner's, whom a server need not run as.
            cursor.execute("SET LOCAL enable_sort = off")
        while True:
            cursor.execute(statement, ["\n", last, Delivery.first_key(notice.pk + 1), BATCH])
            found, highest, members = cursor.fetchone()
            if not found:
                return count, sha256.hexdigest()
            count, last = count + found, highest
            sha256.update(f"{members}\n".encode())


def deliveries_of(notice: Notice) -> QuerySet[Delivery]:
    """A notice's deliveries. By their keys they lie side by side, so that those of all the others are not read."""
    return Delivery.objects.filter(pk__gte=Delivery.first_key(notice.pk), pk__lt=Delivery.first_key(notice.pk + 1))


def _insert(notice: Notice, members: QuerySet[Any], *, is_late: bool, at: datetime) -> int:
    has_address = ~Q(address="")
    if notice.stream == Notice.Stream.LEGAL:
        has_address |= Q(guardian__isnull=False)
    reachable = Case(When(has_address, then=True), default=False, output_field=BooleanField())
    inner, parameters = members.values(member=F("pk"), reachable=reachable).query.sql_with_params()
    statement = (
        f"INSERT INTO {statements.DELIVERIES} (id, notice_id, recipient_id, channel, state, reason, late, attempts,"
        " uncertain_tries, next_attempt_at, address, finished_at)"
        " SELECT %s + chosen.member * %s, %s, chosen.member, 0, CASE WHEN chosen.reachable THEN 'queued' ELSE"
        " 'suppressed' END, CASE WHEN chosen.reachable THEN '' ELSE 'no_address' END, %s, 0, 0, %s, '',"
        f" CASE WHEN chosen.reachable THEN NULL ELSE {_instant_parameter()} END FROM ({inner}) AS chosen"
    )
    first, step, now = Delivery.first_key(notice.pk), 1 << Delivery.CHANNEL_BITS, sql_dialect.instant(at)
    with connection.cursor() as cursor:
        cursor.execute(statement, [first, step, notice.pk, is_late, now, now, *parameters])
        return int(cursor.rowcount)


def _tally_unreachable(notice: Notice, made: QuerySet[Delivery], *, at: datetime) -> int:
    """Count those of the deliveries just made that ended with that; return the last recipient of them all."""
    suppressed = Count("pk", filter=Q(state=Delivery.State.SUPPRESSED))
    found = made.aggregate(last=Max("recipient_id"), suppressed=suppressed)
    ended: dict[str, int] = {Delivery.State.SUPPRESSED: found["suppressed"]} if found["suppressed"] else {}
    claims.tally(notice=notice, states=ended, at=at)
    return int(found["last"])


def _instant_parameter() -> str:
    return "%s::timestamptz" if connection.vendor == "postgresql" else "%s"


def _followers(notice: Notice) -> QuerySet[Follower]:
    """Everybody who confirmed; an address that follows this policy and everything gets one mail."""
    policy = notice.version.policy
    confirmed = Follower.objects.filter(confirmed_at__isnull=False)
    same = confirmed.filter(address=OuterRef("address"), policy=policy)
    if notice.kind in {Notice.Kind.WITHDRAWN, Notice.Kind.CORRECTION}:
        confirmed = confirmed.filter(pk__in=told(notice))
    return confirmed.filter(Q(policy=policy) | Q(policy=None) & ~Exists(same))
