"""
What waits, of each kind: since when the oldest of it has been due, and from when on that is too long.

A kind has a limit of its own, because some wait for seconds as a rule and others for a day. Mails of notices have none:
at a low rate many wait for long and nothing is wrong; whether they move is told by `policies.notices.report.health`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min, QuerySet

from policies import anchoring, ledger, publishing
from policies.models import (
    AccountMail,
    Act,
    ActSubject,
    DeletionRequest,
    DeliverabilityCheck,
    Follower,
    LedgerLeaf,
    Notice,
    Person,
    TermsProposal,
    Version,
    WebhookDelivery,
)
from policies.notices import following
from policies.notices.send import sending
from policies.notices.upkeep import deliverability_checks, desk_mail
from policies.operations import maintenance

# What waits for a command that runs daily is late on the second day after.
DAILY = timedelta(days=2)


@dataclass(frozen=True)
class Kind:
    """
    One kind of what waits.

    :ivar oldest: since when the oldest of it has been due at an instant; None where none is
    :ivar late_after: how long is too long; None where no time is
    :ivar said: a sentence about one that is late, which goes on with for how long
    :ivar part: the part of the site whose health it is
    """

    name: str
    oldest: Callable[[datetime], datetime | None]
    late_after: Callable[[], timedelta | None]
    said: str
    part: str = "waiting"


@dataclass(frozen=True)
class Wait:
    """For how long the oldest of a kind has been due; zero where none is."""

    kind: Kind
    age: timedelta

    @property
    def late_after(self) -> timedelta | None:
        return self.kind.late_after()

    @property
    def is_late(self) -> bool:
        return self.late_after is not None and self.age > self.late_after


def look(*, at: datetime) -> list[Wait]:
    """Look at every kind."""
    found = [(kind, kind.oldest(at)) for kind in KINDS]
    return [Wait(kind, max(at - since, timedelta(0)) if since else timedelta(0)) for kind, since in found]


def problems(waits: Iterable[Wait], *, part: str) -> list[str]:
    """What is late of one part, a sentence each."""
    return [
        f"{wait.kind.said} {wait.age.total_seconds():.0f} s."
        for wait in waits
        if wait.kind.part == part and wait.is_late
    ]


def _of_notices(stream: str) -> Callable[[datetime], datetime | None]:
    def oldest(at: datetime) -> datetime | None:
        """By one look into the index for each notice that is being sent."""
        firsts = (sending.due_since(notice, at) for notice in sending.sendable(at) if notice.stream == stream)
        return min((first for first in firsts if first), default=None)

    return oldest


def _announcements(at: datetime) -> datetime | None:
    planned = Notice.objects.filter(state=Notice.State.PLANNED)
    return _earliest(_least(Version.objects.awaiting_notice(at), "published_at"), _least(planned, "created_at"))


def _receipts(at: datetime) -> datetime | None:  # noqa: ARG001 - as all others
    """By the answer, and not by the next try: one that is refused again and again waits all the same."""
    waiting = ActSubject.objects.filter(receipt_due_at__isnull=False)
    return _least(Act.objects.filter(subject_ref__in=waiting.values("subject_ref")), "at")


def _account_mails(at: datetime) -> datetime | None:  # noqa: ARG001
    return _least(AccountMail.objects.all(), "event__at")


def _desk_mails(at: datetime) -> datetime | None:
    return _least(desk_mail.news(at=at), "at")


def _deletion_request_mails(at: datetime) -> datetime | None:  # noqa: ARG001
    return _least(DeletionRequest.objects.filter(mailed_at=None, closed_at=None), "asked_at")


def _deletion_requests(at: datetime) -> datetime | None:
    """Since the end of the day by which they had to be answered, where they live."""
    late = DeletionRequest.objects.filter(closed_at=None, due_on__lte=at.date()).select_related("policy")
    ends = [datetime.combine(each.due_on + timedelta(days=1), time.min, tzinfo=each.policy.zone) for each in late]
    return min((end for end in ends if end <= at), default=None)


def _erasures(at: datetime) -> datetime | None:
    """Whoever is on hold is not due."""
    period = timedelta(days=365 * settings.RETENTION_YEARS)
    due = Person.objects.filter(closed_at__lte=at - period, erased_at=None, legal_hold=False)
    left = _least(due, "closed_at")
    return left + period if left else None


def _unconfirmed_followers(at: datetime) -> datetime | None:
    due = Follower.objects.filter(confirmed_at=None, asked_at__lt=at - following.CONFIRM_WITHIN)
    asked = _least(due, "asked_at")
    return asked + following.CONFIRM_WITHIN if asked else None


def _webhooks(at: datetime) -> datetime | None:  # noqa: ARG001
    """By the message, and not by the next try; what was given up does not wait."""
    state = WebhookDelivery.State
    waiting = WebhookDelivery.objects.filter(state__in=[state.QUEUED, state.CLAIMED])
    return _least(waiting, "message__at")


def _leaves(at: datetime) -> datetime | None:
    return LedgerLeaf.objects.waiting(at).order_by("id").values_list("at", flat=True).first()


def _rows(at: datetime) -> datetime | None:  # noqa: ARG001
    return ledger.unbound_since()


def _terms(at: datetime) -> datetime | None:
    proposals = TermsProposal.objects.filter(policy__retired_at=None).select_related("policy", "by")
    due = [publishing.alone_from(proposal) for proposal in proposals]
    return min((since for since in due if since and since <= at), default=None)


def _anchors(at: datetime) -> datetime | None:  # noqa: ARG001
    return min((source.since for source in anchoring.waiting() if source.since), default=None)


def _deliverability(at: datetime) -> datetime | None:
    checked = DeliverabilityCheck.objects.values_list("at", flat=True).first()
    if checked is None or deliverability_checks.is_on_this_machine_alone():
        return None
    due = checked + maintenance.CHECK_EVERY
    return due if due <= at else None


def _least(rows: QuerySet[Any], column: str) -> datetime | None:
    found: datetime | None = rows.order_by().aggregate(least=Min(column))["least"]
    return found


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((each for each in instants if each), default=None)


def _within(**period: float) -> Callable[[], timedelta | None]:
    return lambda: timedelta(**period)


def _anchored_within() -> timedelta | None:
    """Nobody is asked again before this time is over, and then the next one may fail once."""
    return timedelta(minutes=2 * settings.LEDGER_ANCHOR_MINUTES + 10)


# A leaf waits for half a minute as a rule.
SEALED_WITHIN = timedelta(seconds=60)
KINDS = (
    Kind("notice_mails", _of_notices(Notice.Stream.LEGAL), lambda: None, "A mail of a notice has been due for"),
    Kind("follower_mails", _of_notices(Notice.Stream.ALERT), lambda: None, "A mail to a follower has been due for"),
    Kind("announcements", _announcements, _within(minutes=15), "A notice has waited to be planned for"),
    Kind("receipts", _receipts, _within(hours=1), "A receipt has waited for"),
    Kind("account_mails", _account_mails, _within(minutes=30), "A mail about a changed account has waited for"),
    Kind("desk_mails", _desk_mails, _within(minutes=15), "A mail to the desk has waited for"),
    Kind("deletion_request_mails", _deletion_request_mails, _within(hours=1), "A deletion request was not mailed for"),
    Kind("deletion_requests", _deletion_requests, _within(), "A deletion request is overdue by"),
    Kind("erasures", _erasures, lambda: DAILY, "Somebody who left was to be erased, and is not for"),
    Kind("unconfirmed_followers", _unconfirmed_followers, _within(hours=3), "Who never confirmed is kept too long by"),
    Kind("terms", _terms, _within(minutes=10), "Terms of a policy have waited to come into force for"),
    Kind("rows", _rows, _within(minutes=20), "Rows of the record have waited to be bound for"),
    Kind("deliverability_checks", _deliverability, _within(hours=3), "Whether mail is accepted was not looked at for"),
    Kind("webhooks", _webhooks, _within(hours=1), "A message to a webhook has waited for", part="webhooks"),
    Kind("leaves", _leaves, lambda: SEALED_WITHIN, "The ledger has waited for its signature for", part="sealing"),
    Kind("anchors", _anchors, _anchored_within, "A signed head has waited for somebody outside for", part="anchoring"),
)
