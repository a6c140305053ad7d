"""One person and one version: told, how, when, what the mail server answered, what they saw and did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from policies.models import (
    Act,
    ActSubject,
    Delivery,
    DeliveryAttempt,
    DeliveryFact,
    Follower,
    Notice,
    NoticeSeen,
    Person,
)
from policies.notices.on_site import reach
from policies.notices.write import recipients


@dataclass(frozen=True)
class Event:
    """One thing that happened, in words; `detail` is what another computer said."""

    at: datetime
    words: str
    detail: str = ""


@dataclass(frozen=True)
class DeliveryTrail:
    delivery: Delivery
    person: Person | None
    name: str
    events: tuple[Event, ...]
    reached: tuple[reach.Reached, ...]
    bound_from: datetime | None
    message_id: str
    body_sha256: str


def trail_of(delivery: Delivery) -> DeliveryTrail:
    """Gather everything that is known about one delivery of a legal notice."""
    notice = delivery.notice
    is_legal = notice.stream == Notice.Stream.LEGAL
    person = Person.objects.filter(pk=delivery.recipient_id).first() if is_legal else None
    attempts = list(DeliveryAttempt.objects.filter(delivery_id=delivery.pk))
    reached = reach.ways(delivery, notice.version) if is_legal else ()
    return DeliveryTrail(
        delivery=delivery,
        person=person,
        name=str(person or _recipient(delivery, is_legal=is_legal)),
        events=tuple(sorted(_events(delivery, attempts, person), key=lambda event: event.at)),
        reached=reached,
        bound_from=reach.bound_from(notice.version, reached[0].at if reached else None),
        message_id=recipients.message_id(delivery.pk),
        body_sha256=next((attempt.body_sha256 for attempt in attempts if attempt.body_sha256), ""),
    )


def _recipient(delivery: Delivery, *, is_legal: bool) -> str:
    """Somebody who left no name: a follower by the first letter of their address, or nobody that is known any more."""
    follower = None if is_legal else Follower.objects.filter(pk=delivery.recipient_id).first()
    return str(follower) if follower else _("Somebody who is no longer known")


def _events(delivery: Delivery, attempts: list[DeliveryAttempt], person: Person | None) -> Iterator[Event]:
    notice, version = delivery.notice, delivery.notice.version
    if version.published_at:
        yield Event(version.published_at, _("%(version)s was published.") % {"version": version.name.capitalize()})
    frozen = _("Joined the audience after it was frozen.") if delivery.late else _("Was in the audience.")
    yield Event(notice.frozen_at or notice.created_at, frozen)
    for attempt in attempts:
        yield Event(attempt.ended_at, _outcome(attempt), _said(attempt))
    for fact in DeliveryFact.objects.filter(delivery_id=delivery.pk):
        label = DeliveryFact.Kind(fact.kind).label
        yield Event(fact.at, _("Later reported: %(fact)s.") % {"fact": label}, f"{fact.code} {fact.text}".strip())
    if delivery.reason and delivery.finished_at:
        label = Delivery.Reason(delivery.reason).label
        yield Event(delivery.finished_at, _("Ended without a mail: %(reason)s.") % {"reason": label})
    if person:
        yield from _deeds(notice, person)


def _deeds(notice: Notice, person: Person) -> Iterator[Event]:
    for sight in NoticeSeen.objects.filter(version=notice.version, person=person):
        yield Event(sight.at, _("Was shown the notice %(place)s.") % {"place": sight.get_place_display()})
        if sight.noted_at:
            yield Event(sight.noted_at, _("Put the notice away."))
    own = ActSubject.objects.filter(person=person).values("subject_ref")
    for act in Act.objects.filter(subject_ref__in=own, version=notice.version):
        yield Event(act.at, _("Answered: %(act)s.") % {"act": act.get_kind_display()})


def _outcome(attempt: DeliveryAttempt) -> str:
    words = {
        "accepted": _("Try %(n)d: the mail server took it over."),
        "refused": _("Try %(n)d: the mail server refused it."),
        "deferred": _("Try %(n)d: the mail server asked to come back later."),
        "ours": _("Try %(n)d: the mail server refused us, not the recipient."),
        "uncertain": _("Try %(n)d: it may have gone out; no answer is known."),
    }
    return words.get(attempt.outcome, _("Try %(n)d.")) % {"n": attempt.number}


def _said(attempt: DeliveryAttempt) -> str:
    return " ".join(filter(None, (str(attempt.code or ""), attempt.reply)))
