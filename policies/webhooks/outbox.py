"""
Put a message into the outbox, in the transaction of the fact it tells: no fact is told that was rolled back, and none
is lost. Where nobody listens, nothing is written.

Messages are thin: they name what happened, and the API has the rest. They hold no personal data beyond external ids.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.conf import settings

from policies import ledger
from policies.models import Act, Notice, Person, Version, WebhookDelivery, WebhookEndpoint, WebhookKind, WebhookMessage

MOST_BYTES = 20_000  # the specification asks for small bodies


class TooLarge(ValueError):
    """A message is larger than receivers are promised."""


def version_changed(kind: WebhookKind, version: Version, *, at: datetime, occasion: str = "") -> bool:
    """Tell that a version was published, took effect, was postponed or withdrawn; whether somebody listens."""
    return append(kind, reference=f"{version.pk}{occasion}", data=lambda: _about(version), at=at) is not None


def act_recorded(act: Act, person: Person, *, at: datetime) -> None:
    """Tell of an answer. `person` is named by the external id, where there is one."""

    def data() -> dict[str, object]:
        return {
            "act": act.kind,
            "reference": str(act.subject_ref),
            "policy": act.version.policy.slug,
            "version": act.version.number,
            "correction": act.version.correction,
            "language": act.language,
            "text_sha256": act.text_sha256,
            "on_behalf": act.on_behalf,
            "undoes": str(act.undoes.subject_ref) if act.undoes else None,
            "person": person.external_id,
        }

    append(WebhookKind.ACT_RECORDED, reference=act.subject_ref.hex, data=data, at=at, person=person)


def person_erased(person: Person, external_id: str | None, *, at: datetime) -> None:
    """Tell that a person was erased, and forget every message that was about them."""
    WebhookMessage.objects.filter(person=person).delete()
    append(WebhookKind.PERSON_ERASED, reference=str(person.pk), data=lambda: {"person": external_id}, at=at)


def notice_moved(kind: WebhookKind, notice: Notice, *, at: datetime, people: int, **counts: object) -> None:
    """Tell that the mails of a notice begin to go out, or that all of them were dealt with."""

    def data() -> dict[str, object]:
        about = {"stream": notice.stream, "notice_kind": notice.kind, "people": people, **counts}
        return {**_about(notice.version), **about}

    # A notice that late joiners opened again is done a second time, and says so a second time.
    append(kind, reference=f"{notice.pk}-{ledger.instant(at)}", data=data, at=at)


def append(
    kind: WebhookKind,
    *,
    reference: str,
    data: Callable[[], Mapping[str, object]],
    at: datetime,
    person: Person | None = None,
) -> WebhookMessage | None:
    """
    Write one message and a delivery for each endpoint that hears this kind; None where none does, or it is known.

    `data` is asked for only where somebody listens: elsewhere all this costs one small query.
    """
    hearing = WebhookEndpoint.objects.hearing(kind)
    return append_for(hearing, kind, reference=reference, data=data, at=at, person=person)


def append_for(
    endpoints: Sequence[WebhookEndpoint],
    kind: WebhookKind,
    *,
    reference: str,
    data: Callable[[], Mapping[str, object]],
    at: datetime,
    person: Person | None = None,
) -> WebhookMessage | None:
    """
    As `append`, for these endpoints.

    :raises TooLarge: if the body has more than 20,000 bytes
    """
    if not endpoints:
        return None
    body = ledger.canonical_json({"type": kind.value, "timestamp": ledger.instant(at), "data": data()})
    if len(body.encode()) > MOST_BYTES:
        raise TooLarge(f"A message of {kind} has {len(body.encode())} bytes.")
    message, is_new = WebhookMessage.objects.get_or_create(
        kind=kind,
        reference=reference,
        defaults={"message_id": f"msg_{secrets.token_hex(16)}", "body": body, "at": at, "person": person},
    )
    if not is_new:
        return None
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(message=message, endpoint=endpoint, next_try_at=at) for endpoint in endpoints
    )
    return message


def _about(version: Version) -> dict[str, object]:
    return {
        "policy": version.policy.slug,
        "version": version.number,
        "correction": version.correction,
        "change_class": version.change_class,
        "acceptance": version.acceptance,
        "manifest_sha256": version.manifest_sha256,
        "published_at": ledger.instant(version.published_at) if version.published_at else None,
        "effective_at": ledger.instant(version.effective_at) if version.effective_at else None,
        "url": f"{settings.SITE_URL}/p/{version.policy.slug}/v/{version.label}/",
    }
