"""
What binds each table: a leaf or a hash of its own, batches of rows, other rows, or nothing, and then why.

Rows without a leaf of their own are bound together once they are final: a batch has the key and the hash of each, and
a leaf the hash of the batch. A row that the product deletes is named by a batch that releases it.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BooleanField, Max, Min, Model, Q, QuerySet, Sum, Value
from django.db.models.expressions import RawSQL

from policies import models as nouns
from policies.ledger import leaves
from policies.models import BoundRows, Delivery, JobSlot, LedgerLeaf, Notice, Tally

SLOT = "bind-rows"
AT_ONCE = 2_000
# A row with a lower key may be committed after one with a higher: so far back is looked for those.
LOOK_BACK = 10_000
DIGEST = 32
# What a person may let a worker send once more is not final before the time of its notice is over.
ENDED = ("accepted", "failed", "suppressed", "expired", "cancelled")


@dataclass(frozen=True)
class InBatches:
    """
    Rows of a table that are bound in batches.

    :ivar without: columns that are not bound, each with the reason
    :ivar final: which rows are; the others may still change
    :ivar time: the column that says when a row came to be; None where nothing in it does
    :ivar grows: rows are only added, in the order of their keys; otherwise all of them are looked at each time
    :ivar reused: a key that was released may come back with another row
    """

    model: type[Model]
    time: str | None
    without: tuple[tuple[str, str], ...] = ()
    final: Q = field(default_factory=Q)
    grows: bool = True
    reused: bool = False

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        left_out = {name for name, _why in self.without}
        return tuple(f.attname for f in self.model._meta.concrete_fields if f.attname not in left_out)

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._base_manager.filter(self.final)


_MOVES = "moves while mails go out; what came of it is in the deliveries"
_FORGOTTEN = "may repeat an address, and is emptied when its person is erased"
IN_BATCHES: tuple[InBatches, ...] = (
    InBatches(nouns.Appearance, "at", final=Q(at__isnull=False)),
    InBatches(nouns.AuditEvent, "at"),
    InBatches(nouns.CheckpointAnchor, "at"),
    InBatches(
        nouns.Delivery,
        "finished_at",
        without=(
            ("address", "contact data, emptied when its person is erased"),
            ("next_attempt_at", _MOVES),
            ("claim_token", _MOVES),
            ("lease_until", _MOVES),
        ),
        final=Q(state__in=ENDED),
    ),
    InBatches(nouns.DeliveryAttempt, "ended_at", without=(("reply", _FORGOTTEN),)),
    InBatches(nouns.DeliveryFact, "at", without=(("text", _FORGOTTEN),)),
    InBatches(nouns.DeskMail, "at"),
    InBatches(nouns.MailTemplate, "made_at"),
    InBatches(
        nouns.Notice,
        None,
        without=tuple(
            (name, _MOVES)
            for name in ("state", "state_reason", "rate_per_minute", "deliver_by", "hold_after", "fan_out_cursor",
                         "late_count", "resumed_at", "finished_at", "begun_at")
        ),
        final=~Q(audience_sha256=""),
        grows=False,
    ),
    InBatches(nouns.NoticeSeen, "at", without=(("noted_at", "when somebody put a notice away; no evidence uses it"),)),
    InBatches(nouns.PolicyAddress, None, grows=False, reused=True),
    InBatches(nouns.PolicyReview, "at"),
    InBatches(nouns.DateChange, "at"),
    InBatches(nouns.Promise, "read_at"),
    InBatches(nouns.PromiseCheck, "at"),
    InBatches(nouns.PromiseTier, "promise__read_at"),
    InBatches(nouns.Review, "at"),
    InBatches(nouns.Screen, "first_used_at"),
    InBatches(nouns.UseSeen, None, without=(("last_on", "moves on with each day of use"),)),
    InBatches(
        nouns.Version,
        None,
        without=(("effective_at", "bound by leaves of its own"), ("withdrawn_at", "bound by leaves of its own")),
        final=Q(published_at__isnull=False),
        grows=False,
    ),
)  # fmt: skip

# By a leaf of each row, by a manifest or by a hash; `evidence` holds them against it.
BY_LEAVES: dict[type[Model], str] = {
    nouns.Act: "a salted leaf each",
    nouns.ActSubject: "the leaf of its act; networks and browsers are not bound, and forgotten after 90 days",
    nouns.BoundRendering: "a leaf each",
    nouns.BoundRows: "a leaf each",
    nouns.Checkpoint: "its signature",
    nouns.Comparison: "its bound page",
    nouns.LedgerLeaf: "the signed heads",
    nouns.LedgerNode: "the leaves it is made of",
    nouns.Policy: "its terms by those on record; its title, contact and the like are settings and not bound",
    nouns.PolicyTerms: "a leaf each",
    nouns.Rendering: "its bound page",
    nouns.VersionText: "the manifest of its version, or the leaf of a late translation",
}
DERIVED: dict[type[Model], str] = {
    nouns.Standing: "made anew from the acts and compared; whoever was erased has none",
}
_DRAFT, _CONTACT = "a draft", "people's contact data"
_SETTING, _WORK = (
    "a setting of the site; the audit record says who changed it",
    "work in progress, made anew at any time",
)
UNBOUND: dict[type[Model], str] = {
    nouns.AccountMail: f"{_WORK}: mails that wait, deleted when they went",
    nouns.ApiKey: "a credential",
    nouns.DeletionRequest: f"{_CONTACT}: what somebody asked about themselves, deleted with them",
    nouns.DeliverabilityCheck: f"{_WORK}: what was known stands on each notice",
    nouns.DomainPlace: _WORK,
    nouns.Follower: _CONTACT,
    nouns.GateEpoch: _WORK,
    nouns.JobSlot: _WORK,
    nouns.MailRoute: _WORK,
    nouns.OpenSession: "a session",
    nouns.Person: _CONTACT,
    nouns.PublicChange: _WORK,
    nouns.Revision: _DRAFT,
    nouns.Suppression: _CONTACT,
    nouns.Tally: f"{_WORK}: counts of deliveries",
    nouns.TermsProposal: _DRAFT,
    nouns.Tier: _SETTING,
    nouns.TranslationProposal: _DRAFT,
    nouns.UsedLink: "a session",
    nouns.User: "a credential, with contact data",
    nouns.WebhookDelivery: _WORK,
    nouns.WebhookEndpoint: _SETTING,
    nouns.WebhookMessage: "a copy of what has a leaf, deleted after a while",
    nouns.WebhookTry: _WORK,
}


def bind(*, at: datetime) -> int:
    """Bind every final row that no batch has yet; return how many. One at a time does it; idempotent."""
    return sum(_bind_table(table, at=at) for table in IN_BATCHES)


def unbound_since() -> datetime | None:
    """
    When the oldest row came to be that should be bound and is not; a notice's deliveries, when the notice ended.

    Seen by keys above the last that was bound, in one look at each table: whoever watches asks it all day.
    """
    batches = BoundRows.objects.filter(scope=0, released=False).order_by()
    last = dict(batches.values_list("table").annotate(last=Max("last")))
    oldest = [
        table.rows.filter(pk__gt=last.get(table.table) or 0)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(since=Min(table.time))
        .values_list("since", flat=True)
        for table in IN_BATCHES
        if table.time and table.grows and table.model is not Delivery
    ]
    found = list(oldest[0].union(*oldest[1:], all=True))
    ended = Notice.objects.filter(pk__in=_unbound_notices())
    found.append(ended.aggregate(since=Min("finished_at"))["since"])
    return min((since for since in found if since), default=None)


def release(rows: QuerySet[Any], *, at: datetime) -> None:
    """Say that these rows are about to be deleted, in the transaction that deletes them."""
    keys = [str(key) for key in rows.order_by("pk").values_list("pk", flat=True)]
    for first in range(0, len(keys), AT_ONCE):
        _append(
            rows.model._meta.db_table, 0, keys[first : first + AT_ONCE], b"", salt=b"", columns="", released=True, at=at
        )


def ended_notices() -> QuerySet[Notice]:
    """Notices that send nothing more unless somebody lets them: their deliveries are bound."""
    return Notice.objects.filter(state__in=[Notice.State.DONE, Notice.State.CANCELLED])


def in_none_of(batches: QuerySet[BoundRows], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `rows` whose keys are in none of `batches`: the database compares them, nothing here holds all keys."""
    query, parameters = batches.order_by().values_list("keys").query.sql_with_params()
    meta = rows.model._meta
    key = f'CAST("{meta.db_table}"."{meta.pk.column}" AS text)'
    if connection.vendor == "postgresql":
        known = f"SELECT unnest(string_to_array(batches.keys, E'\\n')) FROM ({query}) AS batches"  # noqa: S608
    else:
        listed = """json_each('["' || replace(batches.keys, char(10), '","') || '"]') AS known"""
        known = f"SELECT known.value FROM ({query}) AS batches, {listed}"  # noqa: S608
    # Not "NOT EXISTS": for a stream PostgreSQL would compare each key with each, taking few batches for few keys.
    absent = f"{key} NOT IN ({known})"
    return rows.filter(RawSQL(absent, parameters, output_field=BooleanField()))  # noqa: S611


def described(batch: BoundRows) -> dict[str, object]:
    """What the leaf of a batch says."""
    content = bytes(batch.salt) + batch.columns.encode() + b"\0" + batch.keys.encode() + b"\0" + bytes(batch.hashes)
    return {
        "table": batch.table,
        "scope": batch.scope,
        "released": batch.released,
        "count": batch.count,
        "sha256": leaves.sha256_hex(content),
    }


def hashes_of(rows: Iterable[Sequence[Any]], salt: bytes) -> Iterator[bytes]:
    """The hash of each row, given as its values of its table's `columns`."""
    for row in rows:
        yield hashlib.sha256(salt + _ENCODER.encode([_said(value) for value in row]).encode()).digest()


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return leaves.instant(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date) else value.hex if isinstance(value, UUID) else value


def _bind_table(table: InBatches, *, at: datetime) -> int:
    bound = 0
    for scope in _unbound_notices() if table.model is Delivery else [0]:
        with transaction.atomic():
            JobSlot.objects.get_or_create(name=SLOT)
            JobSlot.objects.select_for_update().get(name=SLOT)
            waiting = _waiting(table, scope).values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
            while keys := list(islice(waiting, AT_ONCE)):
                _bind_rows(table, scope, keys, at=at)
                bound += len(keys)
    return bound


def _bind_rows(table: InBatches, scope: int, waiting: Sequence[Any], *, at: datetime) -> None:
    salt = secrets.token_bytes(32)
    rows = table.rows.filter(pk__in=waiting).order_by("pk")
    found = list(rows.values_list("pk", *table.columns))
    hashes = b"".join(hashes_of((values for _pk, *values in found), salt))
    keys = [str(pk) for pk, *_values in found]
    _append(table.table, scope, keys, hashes, salt=salt, columns=",".join(table.columns), released=False, at=at)


def _waiting(table: InBatches, scope: int) -> QuerySet[Any]:
    """The final rows that no batch has, in the order of their keys."""
    batches = BoundRows.objects.filter(table=table.table, scope=scope, released=False)
    rows = table.rows
    if table.model is Delivery:
        rows = rows.filter(pk__gte=Delivery.first_key(scope), pk__lt=Delivery.first_key(scope + 1))
    elif table.grows and (last := batches.order_by("-last").values_list("last", flat=True).first()):
        batches, rows = batches.filter(last__gt=last - LOOK_BACK), rows.filter(pk__gt=last - LOOK_BACK)
    waiting = in_none_of(batches, rows)
    if table.reused:
        waiting |= rows.filter(pk__in=_released_last(table))
    return waiting.order_by("pk")


def _released_last(table: InBatches) -> list[str]:
    """The keys whose last word is a release: whatever has one now is another row."""
    batches = BoundRows.objects.filter(table=table.table)
    is_released = {
        key: released
        for keys, released in batches.order_by("pk").values_list("keys", "released")
        for key in keys.split("\n")
    }
    return [key for key, released in is_released.items() if released]


def _unbound_notices() -> list[int]:
    """Notices that ended, of which more deliveries ended than are bound."""
    ended = Tally.objects.filter(notice__in=ended_notices(), state__in=ENDED)
    counts = ended.values_list("notice").annotate(n=Sum("count"))
    bound = BoundRows.objects.filter(table=Delivery._meta.db_table).values_list("scope").annotate(n=Sum("count"))
    known = dict(bound.order_by())
    return [notice for notice, count in counts.order_by("notice") if count > known.get(notice, 0)]


def _append(
    table: str,
    scope: int,
    keys: Sequence[str],
    hashes: bytes,
    *,
    salt: bytes,
    columns: str,
    released: bool,
    at: datetime,
) -> LedgerLeaf:
    batch = BoundRows.objects.create(
        table=table,
        scope=scope,
        released=released,
        count=len(keys),
        last=max((int(key) for key in keys if key.isdigit()), default=None),
        salt=salt,
        columns=columns,
        keys="\n".join(keys),
        hashes=hashes,
        at=at,
    )
    return leaves.append(kind="rows", reference=str(batch.pk), body=described(batch), at=at)
