"""
Deliver what is in the outbox: claim, call, write down how it went. At least once; the webhook-id tells copies apart.

The database is the queue, as it is for mail: the time of the next try is a column, a lease returns what a dead worker
held, and running this twice sends nothing twice. Order is not promised: a failed call does not hold up the next one.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from policies.models import AuditEvent, WebhookDelivery, WebhookEndpoint, WebhookMessage, WebhookTry
from policies.webhooks import calling, signing

log = logging.getLogger(__name__)

State = WebhookDelivery.State
# Longer than the longest call, with the look-up of the host.
LEASE = timedelta(seconds=120)
# Waits grow by up to this share of themselves, so that what failed together does not come back together.
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=24)
# How long a failing endpoint is left alone before anything else is sent there.
SHORTEST_HOLD, LONGEST_HOLD = timedelta(seconds=4), timedelta(hours=1)
KEPT = timedelta(days=30)
GONE = 410


def work(*, until: float, now: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Call what is due, one endpoint after the other, until nothing is or `until` (time.monotonic); return how many."""
    done = 0
    recover(at=now())
    while time.monotonic() < until and not stop():
        delivery = claim(at=now())
        if delivery is None:
            break
        deliver(delivery, now=now)
        done += 1
    return done


def is_anything_due(at: datetime) -> bool:
    return _due(at).filter(endpoint__in=_free(at)).exists()


def recover(*, at: datetime) -> int:
    """Queue again what a worker held when it died. It may have been delivered: receivers know it by its id."""
    expired = WebhookDelivery.objects.filter(state=State.CLAIMED, lease_until__lte=at)
    return expired.update(state=State.QUEUED, claim_token=None, lease_until=None)


def claim(*, at: datetime) -> WebhookDelivery | None:
    """
    Take what is due for longest at an endpoint that nobody else is calling; None where there is none.

    One call at a time to each endpoint, so that one that hangs holds one worker and not all of them.
    """
    for endpoint in _free(at).filter(Exists(_due(at).filter(endpoint=OuterRef("pk")))):
        with transaction.atomic():
            # Of two workers that come together, the second finds the row changed.
            if not _free(at).filter(pk=endpoint.pk).update(held_until=at + LEASE):
                continue
            found = _due(at).filter(endpoint=endpoint).order_by("next_try_at", "id").first()
            if found is None:
                WebhookEndpoint.objects.filter(pk=endpoint.pk).update(held_until=None)
                continue
            WebhookDelivery.objects.filter(pk=found.pk).update(
                state=State.CLAIMED, claim_token=uuid.uuid4(), lease_until=at + LEASE
            )
            return WebhookDelivery.objects.select_related("message", "endpoint").get(pk=found.pk)
    return None


def deliver(delivery: WebhookDelivery, *, now: Callable[[], datetime]) -> calling.Answer:
    """Make the call of a claimed delivery and record what came of it."""
    started_at, message = now(), delivery.message
    body = message.body.encode()
    signed = signing.headers(endpoint=delivery.endpoint, message_id=message.message_id, body=body, at=started_at)
    answer = calling.post(delivery.endpoint.url, body, signed)
    record(delivery, answer, started_at=started_at, at=now())
    return answer


@transaction.atomic
def record(delivery: WebhookDelivery, answer: calling.Answer, *, started_at: datetime, at: datetime) -> None:
    """Write down one call. A worker whose lease was taken over changes nothing but the log."""
    WebhookTry.objects.create(
        delivery=delivery,
        started_at=started_at,
        ended_at=at,
        status=answer.status,
        error=answer.error,
        answer="" if answer.is_good else answer.text,
    )
    tries, waits = delivery.tries + 1, settings.WEBHOOK_RETRY_WAITS
    ends: dict[str, object] = {"tries": tries, "claim_token": None, "lease_until": None}
    if answer.is_good:
        ends |= {"state": State.DELIVERED, "finished_at": at}
    elif answer.status == GONE or tries > len(waits):
        ends |= {"state": State.FAILED, "finished_at": at}
    else:
        ends |= {"state": State.QUEUED, "next_try_at": next_try(waits[tries - 1], answer.retry_after, at=at)}
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, claim_token=delivery.claim_token)
    if mine.update(**ends):
        _note_health(delivery.endpoint_id, answer, started_at=started_at, at=at)


def next_try(wait: float, retry_after: str, *, at: datetime) -> datetime:
    """When to call again: after the wait and some jitter, or later where Retry-After asks for it (RFC 9110, 10.2.3)."""
    jittered = timedelta(seconds=wait * (1 + random.random() * JITTER))  # noqa: S311 - spreads load, guards nothing
    return at + max(jittered, min(_asked_for(retry_after, at), LONGEST_RETRY_AFTER))


def disable(*, endpoint: WebhookEndpoint, reason: str, at: datetime) -> bool:
    """Call an endpoint no more and end what waited for it; False where it was off already."""
    open_one = WebhookEndpoint.objects.open().filter(pk=endpoint.pk)
    if not open_one.update(disabled_at=at, disabled_reason=reason[:300], held_until=None):
        return False
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state__in=[State.QUEUED, State.CLAIMED])
    waiting.update(state=State.CANCELLED, claim_token=None, lease_until=None, finished_at=at)
    return True


def forget(*, at: datetime, dry_run: bool = False) -> int:
    """Delete messages older than a month with all of their log, unless one still waits; return how many."""
    waiting = WebhookDelivery.objects.filter(message=OuterRef("pk"), state__in=[State.QUEUED, State.CLAIMED])
    old = WebhookMessage.objects.filter(~Exists(waiting), at__lt=at - KEPT)
    return old.count() if dry_run else old.delete()[1].get(WebhookMessage._meta.label, 0)


def _note_health(endpoint_id: int, answer: calling.Answer, *, started_at: datetime, at: datetime) -> None:
    """What one call says about the endpoint: it is well, it is left alone for a while, or it is given up."""
    this = WebhookEndpoint.objects.filter(pk=endpoint_id)
    if answer.is_good:
        this.update(failing_since=None, held_until=None)
        return
    this.filter(failing_since=None).update(failing_since=started_at)
    endpoint = this.get()
    since = endpoint.failing_since or started_at
    # The longer it fails the longer it is left alone: a backlog does not hammer a receiver that is down.
    pause = min(max((at - since) / 2, SHORTEST_HOLD), LONGEST_HOLD)
    this.update(held_until=at + max(pause, min(_asked_for(answer.retry_after, at), LONGEST_RETRY_AFTER)))
    if answer.status == GONE:
        _give_up(endpoint, "The receiver answered 410 Gone: it wants no more calls.", at=at)
    elif since <= at - timedelta(days=settings.WEBHOOK_GIVE_UP_DAYS):
        said = f"No call has come through since {since:%Y-%m-%d %H:%M} UTC. The last one: {answer.error}"
        _give_up(endpoint, said, at=at)


def _give_up(endpoint: WebhookEndpoint, reason: str, *, at: datetime) -> None:
    if disable(endpoint=endpoint, reason=reason, at=at):
        # The desk is mailed about this event (policies.notices.upkeep.desk_mail).
        AuditEvent.record("webhook.given_up", by=None, at=at, webhook=endpoint.pk, name=endpoint.name, reason=reason)
        log.warning("The webhook %s is off: %s", endpoint.pk, reason)


def _free(at: datetime) -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.open().filter(Q(held_until=None) | Q(held_until__lte=at))


def _due(at: datetime) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(state=State.QUEUED, next_try_at__lte=at)


def _asked_for(retry_after: str, at: datetime) -> timedelta:
    """What Retry-After asks for: seconds, or a date; anything else asks for nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        return max(parsedate_to_datetime(retry_after) - at, timedelta(0))
    except (ValueError, TypeError):
        return timedelta(0)
