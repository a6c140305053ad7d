"""Endpoints for tests, and what the queue looks like."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from policies import clock
from policies.models import WebhookDelivery, WebhookEndpoint, WebhookKind, WebhookMessage
from policies.webhooks import dispatch, outbox

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def endpoint(url: str = "http://127.0.0.1:9/", *kinds: WebhookKind, **fields: Any) -> WebhookEndpoint:
    """One that hears everything, or these kinds."""
    fields = {"name": "Studio", "created_at": LONG_AGO, "kinds": list(kinds or WebhookKind), **fields}
    return WebhookEndpoint.objects.create(url=url, **fields)


def message(reference: str = "1", *, at: datetime | None = None) -> WebhookMessage:
    """A message to everybody who hears that versions are published."""
    found = outbox.append(
        WebhookKind.VERSION_PUBLISHED, reference=reference, data=lambda: {"n": reference}, at=at or clock.now()
    )
    assert found is not None
    return found


def call_once(at: datetime) -> bool:
    """One call, as a worker makes it at `at`."""
    delivery = dispatch.claim(at=at)
    if delivery is None:
        return False
    dispatch.deliver(delivery, now=lambda: at)
    return True


def call_all(now: Callable[[], datetime] = clock.now) -> int:
    return dispatch.work(until=float("inf"), now=now)


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def seconds(found: timedelta) -> int:
    return round(found.total_seconds())
