"""
The checker: does what is stored about a notice hold together, and does it agree with what a mail server kept?

I1 every member of the frozen audience has exactly one delivery; I2 accepted means that a server took it; I3 there are
no more copies than one and the uncertain tries; I4 one Message-ID and one body for each delivery; I5 a finished notice
has nothing left open; I6 nothing was tried while the notice was paused, after it was cancelled, or before it existed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from policies.models import AuditEvent, Delivery, DeliveryAttempt, Notice
from policies.notices.on_site import reach
from policies.notices.plan import audience
from policies.notices.queue import claims, progress
from policies.notices.returns.replies import Phase, Verdict
from policies.notices.write import recipients

State = Delivery.State
# So many examples of one finding are named; all of them are counted.
EXAMPLES = 5
# Mails that were on their way when somebody pressed pause may still end; longer than this is no accident.
ON_THE_WAY = timedelta(seconds=30)


@dataclass(frozen=True)
class Finding:
    """Something that does not hold, and some of the deliveries it shows in."""

    invariant: str
    words: str
    count: int
    examples: tuple[int, ...] = ()

    def __str__(self) -> str:
        named = f" (such as {', '.join(map(str, self.examples))})" if self.examples else ""
        return f"{self.invariant}: {self.count} {self.words}{named}"


@dataclass(frozen=True)
class Certificate:
    """What can be said about the reach of a notice, to be kept with the evidence."""

    notice: str
    audience_count: int
    audience_sha256: str
    by_state: Mapping[str, int]
    coverage: reach.Coverage
    finished_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """What a mail server kept, from its own log: Message-ID to the sha256 of each copy."""

    copies: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check(notice: Notice, *, kept: Kept | None = None) -> list[Finding]:
    """Return everything that does not hold; with `kept`, against what a mail server kept as well."""
    found = [*_audience(notice), *_attempts(notice), *_ends(notice), *_times(notice)]
    if kept is not None:
        found += _against(notice, kept)
    return [finding for finding in found if finding.count]


def certify(notice: Notice) -> Certificate:
    """The reach certificate of a notice as it stands."""
    return Certificate(
        notice=str(notice),
        audience_count=notice.audience_count,
        audience_sha256=notice.audience_sha256,
        by_state=progress.counts(notice).by_state,
        coverage=reach.coverage(notice),
        finished_at=notice.finished_at,
    )


def _tries(notice: Notice) -> QuerySet[DeliveryAttempt]:
    return DeliveryAttempt.objects.filter(
        delivery_id__gte=Delivery.first_key(notice.pk), delivery_id__lt=Delivery.first_key(notice.pk + 1)
    )


def _audience(notice: Notice) -> Iterator[Finding]:
    count, sha256 = audience.digest(notice)
    rows = audience.deliveries_of(notice).count()
    yield Finding("I1", "members of the frozen audience too many or missing", abs(count - notice.audience_count))
    yield Finding("I1", "audience is not the one that was frozen: its hash differs", sha256 != notice.audience_sha256)
    yield Finding("I1", "late joiners not counted", abs(rows - count - notice.late_count))
    stored = Counter(dict(audience.deliveries_of(notice).order_by().values_list("state").annotate(n=Count("pk"))))
    ended = Counter({state: n for state, n in stored.items() if state not in claims.OPEN})
    tallied = Counter(progress.counts(notice).by_state)
    yield Finding("I1", "deliveries tallied wrongly", ((ended - tallied) + (tallied - ended)).total())


def _attempts(notice: Notice) -> Iterator[Finding]:
    own = DeliveryAttempt.objects.filter(delivery_id=OuterRef("pk"))
    accepted = own.filter(outcome=Verdict.ACCEPTED, phase=Phase.TEXT)
    unproved = audience.deliveries_of(notice).filter(~Exists(accepted), state=State.ACCEPTED)
    yield _finding("I2", "accepted without an answer on record", unproved)
    taken = (
        _tries(notice).filter(outcome=Verdict.ACCEPTED).values("delivery_id").annotate(n=Count("pk")).filter(n__gt=1)
    )
    yield Finding("I3", "accepted more than once", taken.count())
    lost = own.filter(outcome=Verdict.UNCERTAIN).order_by().values("delivery_id").annotate(n=Count("pk")).values("n")
    miscounted = (
        audience.deliveries_of(notice).annotate(lost=Coalesce(Subquery(lost), 0)).exclude(uncertain_tries=F("lost"))
    )
    yield _finding("I3", "with other uncertain tries than are on record", miscounted)
    named = (
        _tries(notice)
        .values("delivery_id")
        .annotate(
            ids=Count("message_id", distinct=True),
            bodies=Count("body_sha256", distinct=True, filter=~Q(body_sha256="")),
        )
    )
    yield Finding("I4", "with several Message-IDs or bodies", named.filter(Q(ids__gt=1) | Q(bodies__gt=1)).count())


def _ends(notice: Notice) -> Iterator[Finding]:
    if notice.state in {Notice.State.DONE, Notice.State.CANCELLED}:
        yield _finding(
            "I5", "still open though the notice is over", audience.deliveries_of(notice).filter(state__in=claims.OPEN)
        )
    undated = audience.deliveries_of(notice).exclude(state__in=claims.OPEN).filter(finished_at=None)
    yield _finding("I5", "ended without a date", undated)


def _times(notice: Notice) -> Iterator[Finding]:
    early = _tries(notice).filter(started_at__lt=notice.frozen_at or notice.created_at)
    yield Finding("I6", "tried before the notice was planned", early.count())
    for begin, end in _pauses(notice):
        during = _tries(notice).filter(started_at__gt=begin + ON_THE_WAY).exclude(phase=Phase.LOST)
        during = during.filter(started_at__lt=end) if end else during
        yield Finding("I6", f"tried while it was stopped from {begin:%Y-%m-%d %H:%M:%S} UTC on", during.count())


def _pauses(notice: Notice) -> Iterator[tuple[datetime, datetime | None]]:
    """When the notice stood still: from, until (None: to this day)."""
    begin = None
    verbs = ["notice.paused", "notice.resumed", "notice.cancelled", "notice.superseded"]
    events = AuditEvent.objects.filter(verb__in=verbs, version=notice.version_id, data__notice=notice.pk)
    for verb, at in events.order_by("pk").values_list("verb", "at"):
        if verb == "notice.resumed" and begin:
            yield begin, at
            begin = None
        elif verb != "notice.resumed" and begin is None:
            begin = at
    if begin:
        yield begin, None


def _against(notice: Notice, kept: Kept) -> Iterator[Finding]:
    missing, unexplained, unequal = [], [], []
    columns = audience.deliveries_of(notice).values_list("pk", "state", "uncertain_tries").iterator(chunk_size=5000)
    for pk, state, uncertain_tries in columns:
        copies = kept.copies.get(recipients.message_id(pk), ())
        if state == State.ACCEPTED and not copies:
            missing.append(pk)
        if len(copies) > (state == State.ACCEPTED) + uncertain_tries:
            unexplained.append(pk)
        if len(set(copies)) > 1:
            unequal.append(pk)
    yield _named("I2", "accepted that the mail server does not have", missing)
    yield _named("I3", "with more copies than the record explains", unexplained)
    yield _named("I4", "whose copies differ", unequal)


def _finding(invariant: str, words: str, rows: QuerySet[Delivery]) -> Finding:
    return Finding(invariant, words, rows.count(), tuple(rows.values_list("pk", flat=True)[:EXAMPLES]))


def _named(invariant: str, words: str, ids: Iterable[int]) -> Finding:
    found = list(ids)
    return Finding(invariant, words, len(found), tuple(found[:EXAMPLES]))
