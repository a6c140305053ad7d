"""Webhooks: where other programs hear what happened, what there is to say, and how each call went."""

import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.people import Person


class WebhookKind(models.TextChoices):
    """What can be told. The values are the `type` of a message."""

    VERSION_PUBLISHED = "version.published", _("a version was published")
    VERSION_EFFECTIVE = "version.effective", _("a version took effect")
    VERSION_POSTPONED = "version.postponed", _("a version was postponed")
    VERSION_BROUGHT_FORWARD = "version.brought_forward", _("a version was brought forward")
    VERSION_WITHDRAWN = "version.withdrawn", _("a version was withdrawn before it took effect")
    NOTICE_OPENED = "notice.opened", _("the mails of a notice begin to go out")
    NOTICE_FINISHED = "notice.finished", _("a notice is done")
    ACT_RECORDED = "act.recorded", _("somebody answered")
    PERSON_ERASED = "person.erased", _("a person was erased")
    TEST = "webhook.test", _("a test call")


def new_nonce() -> str:
    """What a secret is derived from, beside the site's own key."""
    return secrets.token_hex(32)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def open(self) -> Self:
        """Endpoints that are called."""
        return self.filter(disabled_at=None)

    def hearing(self, kind: str) -> list["WebhookEndpoint"]:
        """Open endpoints that asked for this kind. There are a handful: JSON is looked into here, not in SQL."""
        return [endpoint for endpoint in self.open() if kind in endpoint.kinds]


class WebhookEndpoint(models.Model):
    """
    Where one program listens. Its secret is derived from `secret_nonce` and the site's key and kept nowhere.

    `failing_since` is when the first call after the last success failed. Until `held_until` it is left alone: because
    a worker is calling it, or because it failed.
    """

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    kinds = models.JSONField(_("hears"), default=list)
    secret_nonce = models.CharField(max_length=64, default=new_nonce, editable=False)
    former_nonce = models.CharField(max_length=64, blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    disabled_at = models.DateTimeField(_("off since"), null=True, editable=False)
    disabled_reason = models.CharField(_("why it is off"), max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class WebhookMessage(models.Model):
    """
    One thing to tell, the same bytes for every endpoint and every try; `message_id` is the webhook-id.

    `reference` tells it from others of its kind, so that a fact found by looking for it is told once.
    """

    message_id = models.CharField(max_length=60, unique=True)
    kind = models.CharField(_("type"), max_length=30, choices=WebhookKind)
    reference = models.CharField(max_length=64)
    body = models.TextField(_("body"))
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="webhook_messages")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="one_message_per_fact")]
        indexes = [models.Index(fields=["at"], name="webhook_messages_by_age")]

    def __str__(self) -> str:
        return self.message_id


class WebhookDelivery(models.Model):
    """One message to one endpoint: a row of the queue, claimed like mail's."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("on its way")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")
        CANCELLED = "cancelled", _("not sent: the webhook was off")

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField()
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [models.UniqueConstraint(fields=["message", "endpoint"], name="one_delivery_per_endpoint")]
        indexes = [
            models.Index(fields=["endpoint", "next_try_at", "id"], name="webhooks_due", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="webhooks_leased", condition=Q(state="claimed")),
            models.Index(fields=["endpoint", "-id"], name="webhooks_of_an_endpoint"),
        ]


class WebhookTry(models.Model):
    """What happened in one call: the status, or what went wrong, and the beginning of the answer."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
