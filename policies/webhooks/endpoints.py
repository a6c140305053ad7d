"""What people at the desk do with webhooks: add, change, turn off and on, change the secret, test, send again."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import AuditEvent, User, WebhookDelivery, WebhookEndpoint, WebhookKind, WebhookMessage
from policies.models.webhooks import new_nonce
from policies.webhooks import destinations, dispatch, outbox, signing

State = WebhookDelivery.State
# For how long the former secret goes on signing beside the new one.
BOTH_SIGN = timedelta(hours=24)


class IsOff(Exception):
    """The webhook is off: nothing is sent there."""


class OnItsWay(Exception):
    """This delivery is waiting or on its way already."""


@transaction.atomic
def add(*, name: str, url: str, kinds: Sequence[str], by: User, at: datetime) -> tuple[WebhookEndpoint, str]:
    """
    Make a webhook; return it and its secret, which is shown once.

    :raises guard.Refused: if the address may not be called
    """
    _check(url)
    endpoint = WebhookEndpoint.objects.create(name=name, url=url, kinds=sorted(set(kinds)), created_at=at)
    AuditEvent.record("webhook.added", by=by, at=at, webhook=endpoint.pk, name=name, kinds=endpoint.kinds)
    return endpoint, signing.secret_of(endpoint.secret_nonce)


@transaction.atomic
def change(
    *, endpoint: WebhookEndpoint, name: str, url: str, kinds: Sequence[str], by: User, at: datetime
) -> WebhookEndpoint:
    """
    Change where it leads and what it hears; what waits goes to the new address.

    :raises guard.Refused: if the address may not be called
    """
    _check(url)
    endpoint.name, endpoint.url, endpoint.kinds = name, url, sorted(set(kinds))
    endpoint.save(update_fields=["name", "url", "kinds"])
    AuditEvent.record("webhook.changed", by=by, at=at, webhook=endpoint.pk, name=name, kinds=endpoint.kinds)
    return endpoint


@transaction.atomic
def change_secret(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> str:
    """Give it a new secret, which is returned to be shown once. For a day both secrets sign."""
    nonce = new_nonce()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        former_nonce=endpoint.secret_nonce, former_until=at + BOTH_SIGN, secret_nonce=nonce
    )
    AuditEvent.record("webhook.secret_changed", by=by, at=at, webhook=endpoint.pk, name=endpoint.name)
    endpoint.refresh_from_db()
    return signing.secret_of(nonce)


@transaction.atomic
def turn_off(*, endpoint: WebhookEndpoint, reason: str, by: User, at: datetime) -> None:
    """Call it no more. What waits is cancelled, and what happens meanwhile is not told later. Idempotent."""
    if dispatch.disable(endpoint=endpoint, reason=reason, at=at):
        AuditEvent.record("webhook.turned_off", by=by, at=at, webhook=endpoint.pk, name=endpoint.name, reason=reason)


@transaction.atomic
def turn_on(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> None:
    """Call it again from now on. Idempotent."""
    off = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False)
    if off.update(disabled_at=None, disabled_reason="", failing_since=None, held_until=None):
        AuditEvent.record("webhook.turned_on", by=by, at=at, webhook=endpoint.pk, name=endpoint.name)


@transaction.atomic
def test(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookMessage | None:
    """
    Queue a call that says nothing but that it is a test.

    :raises IsOff: if the webhook is off
    """
    if endpoint.disabled_at:
        raise IsOff(_("This webhook is off. Turn it on first."))
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(held_until=None)
    reference = secrets.token_hex(16)
    return outbox.append_for(
        [endpoint], WebhookKind.TEST, reference=reference, data=lambda: {"webhook": endpoint.name}, at=at
    )


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, by: User, at: datetime) -> None:
    """
    Queue a delivery once more, from its first try on: the same message under the same id.

    :raises IsOff: if the webhook is off
    :raises OnItsWay: if it is not over yet
    """
    if delivery.endpoint.disabled_at:
        raise IsOff(_("This webhook is off. Turn it on first."))
    over = [State.DELIVERED, State.FAILED, State.CANCELLED]
    again = WebhookDelivery.objects.filter(pk=delivery.pk, state__in=over)
    if not again.update(state=State.QUEUED, tries=0, next_try_at=at, finished_at=None):
        raise OnItsWay(_("It is waiting, or on its way, already."))
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(held_until=None)
    AuditEvent.record(
        "webhook.sent_again", by=by, at=at, webhook=delivery.endpoint_id, message=delivery.message.message_id
    )


def _check(url: str) -> None:
    """What can be seen without calling: the lookup is made again, and checked again, at every call."""
    destinations.addresses_of(destinations.parse(url))
