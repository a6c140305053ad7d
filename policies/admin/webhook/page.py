"""What the page of a webhook shows, ready to be shown."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from policies.admin.desk.verb_page import Button
from policies.models import WebhookDelivery, WebhookEndpoint

SHOWN = 50
State = WebhookDelivery.State
TONES = {State.DELIVERED: "good", State.FAILED: "bad", State.CANCELLED: "bad"}


@dataclass(frozen=True)
class Line:
    """One message on its way to this endpoint: its state, and how its latest call ended."""

    kind: str
    message_id: str
    state: str
    tone: str
    at: str
    tries: int
    ended: str
    again_url: str


@dataclass(frozen=True)
class WebhookPage:
    state: str
    tone: str
    reason: str
    kinds: tuple[str, ...]
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...]


def build(endpoint: WebhookEndpoint, *, may_change: bool) -> WebhookPage:
    return WebhookPage(
        state=state_of(endpoint),
        tone="bad" if endpoint.disabled_at else "soon" if endpoint.failing_since else "good",
        reason=endpoint.disabled_reason,
        kinds=tuple(endpoint.kinds),
        lines=tuple(_lines(endpoint, may_change=may_change)),
        buttons=tuple(_buttons(endpoint)) if may_change else (),
    )


def state_of(endpoint: WebhookEndpoint) -> str:
    """In a few words."""
    if endpoint.disabled_at:
        return _("off since %(at)s") % {"at": _said(endpoint.disabled_at)}
    if endpoint.failing_since:
        return _("failing since %(at)s") % {"at": _said(endpoint.failing_since)}
    return _("on")


def url(endpoint: WebhookEndpoint, verb: str = "change") -> str:
    """The page of a webhook, or of one of its verbs."""
    return reverse(f"admin:policies_webhookendpoint_{verb}", args=[endpoint.pk])


def _lines(endpoint: WebhookEndpoint, *, may_change: bool) -> list[Line]:
    newest = endpoint.deliveries.select_related("message").prefetch_related("log").order_by("-id")[:SHOWN]
    return [_line(endpoint, delivery, may_change=may_change) for delivery in newest]


def _line(endpoint: WebhookEndpoint, delivery: WebhookDelivery, *, may_change: bool) -> Line:
    latest = next(reversed(delivery.log.all()), None)
    can_again = may_change and not endpoint.disabled_at and delivery.finished_at
    again = reverse("admin:policies_webhookendpoint_again", args=[endpoint.pk, delivery.pk])
    return Line(
        kind=delivery.message.kind,
        message_id=delivery.message.message_id,
        state=delivery.get_state_display(),
        tone=TONES.get(State(delivery.state), "busy"),
        at=_said(delivery.message.at),
        tries=delivery.tries,
        ended="" if latest is None else latest.error or f"status {latest.status}",
        again_url=again if can_again else "",
    )


def _buttons(endpoint: WebhookEndpoint) -> list[Button]:
    if endpoint.disabled_at:
        return [Button(_("Turn on…"), url(endpoint, "on"), is_first=True), Button(_("Change…"), url(endpoint, "edit"))]
    return [
        Button(_("Send a test…"), url(endpoint, "test"), is_first=True),
        Button(_("Change…"), url(endpoint, "edit")),
        Button(_("Change the secret…"), url(endpoint, "secret")),
        Button(_("Turn off…"), url(endpoint, "off"), is_grave=True),
    ]


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
