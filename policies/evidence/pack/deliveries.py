"""The delivery story: each mail byte by byte, and what the mail server said to each try."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from policies.evidence.pack.writing import csv_of
from policies.models import Delivery, DeliveryAttempt, DeliveryFact, MailTemplate, Notice, NoticeSeen, Person, Version
from policies.notices.write import recipients
from policies.text.words import language_tags


def of(versions: Sequence[Version], people: Sequence[Person]) -> list[Delivery]:
    """Every delivery of a legal notice about these versions to these people."""
    notices = Notice.objects.filter(version__in=versions, stream=Notice.Stream.LEGAL)
    keys = [
        Delivery.key(notice.pk, person.pk, channel)
        for notice in notices
        for person in people
        for channel in Delivery.Channel.values
    ]
    return list(Delivery.objects.filter(pk__in=keys).select_related("notice__version__policy").order_by("id"))


def files(versions: Sequence[Version], people: Sequence[Person]) -> Iterator[tuple[str, bytes]]:
    """The mails that went out, a line for each delivery and one for each try."""
    found = of(versions, people)
    languages = {person.pk: person.language for person in people}
    for delivery in found:
        data = _data(delivery, languages.get(delivery.recipient_id, ""))
        if data:
            yield f"03-mail-{delivery.pk}.eml", data
    yield "03-deliveries.csv", csv_of(_deliveries(found))
    yield "03-attempts.csv", csv_of(_attempts(found))


def _data(delivery: Delivery, language: str) -> bytes:
    """The bytes that were sent; nothing where nothing was, or where the person was erased."""
    if delivery.written_at is None or not delivery.address:
        return b""
    known = set(delivery.notice.templates.values_list("language", flat=True))
    chosen = language_tags.nearest(language, known) or delivery.notice.version.policy.language
    try:
        return recipients.data_of(delivery.notice, delivery, language=chosen)
    except MailTemplate.DoesNotExist:
        return b""


def _deliveries(found: Iterable[Delivery]) -> Iterator[Sequence[object]]:
    yield (
        "delivery",
        "person",
        "about",
        "kind",
        "channel",
        "address",
        "state",
        "reason",
        "tries",
        "message_id",
        "ended_at",
        "came_back_at",
        "first_shown_where",
        "first_shown_at",
    )
    deliveries = list(found)
    back = _came_back(deliveries)
    sights = _sights(deliveries)
    for delivery in deliveries:
        sight = sights.get((delivery.notice.version_id, delivery.recipient_id))
        yield (
            delivery.pk,
            delivery.recipient_id,
            delivery.notice.version,
            delivery.notice.kind,
            delivery.get_channel_display(),
            delivery.address,
            delivery.state,
            delivery.reason,
            delivery.attempts,
            recipients.message_id(delivery.pk),
            delivery.finished_at.isoformat() if delivery.finished_at else "",
            back[delivery.pk].isoformat() if delivery.pk in back else "",
            sight.get_place_display() if sight else "",
            sight.at.isoformat() if sight else "",
        )


def _came_back(deliveries: Sequence[Delivery]) -> dict[int, datetime]:
    """When the mail of a delivery was first reported as come back."""
    facts = DeliveryFact.objects.filter(
        delivery_id__in=[delivery.pk for delivery in deliveries], kind=DeliveryFact.Kind.BOUNCED
    )
    return dict(facts.order_by("-at").values_list("delivery_id", "at"))


def _sights(deliveries: Sequence[Delivery]) -> dict[tuple[int, int], NoticeSeen]:
    """Where and when a person was first shown the prominent notice of a version: the second channel."""
    found = NoticeSeen.objects.filter(
        version__in={delivery.notice.version_id for delivery in deliveries},
        person__in={delivery.recipient_id for delivery in deliveries},
    )
    return {(sight.version_id, sight.person_id): sight for sight in found}


def _attempts(found: Iterable[Delivery]) -> Iterator[Sequence[object]]:
    yield (
        "delivery",
        "try",
        "started_at",
        "ended_at",
        "phase",
        "outcome",
        "code",
        "enhanced_code",
        "reply",
        "mail_sha256",
    )
    attempts = DeliveryAttempt.objects.filter(delivery_id__in=[delivery.pk for delivery in found])
    for attempt in attempts.order_by("delivery_id", "number", "id"):
        yield (
            attempt.delivery_id,
            attempt.number,
            attempt.started_at.isoformat(),
            attempt.ended_at.isoformat(),
            attempt.phase,
            attempt.outcome,
            attempt.code or "",
            attempt.enhanced_code,
            attempt.reply,
            attempt.body_sha256,
        )
