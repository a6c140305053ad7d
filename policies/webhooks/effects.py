"""What nobody does: versions take effect by themselves. Whoever sweeps finds those that did and tells of them."""

from datetime import datetime, timedelta

from django.db import transaction

from policies.models import Version, WebhookEndpoint, WebhookKind
from policies.webhooks import outbox

# Older effects are history: a site that stood still for longer tells nobody of them.
NEWS_WITHIN = timedelta(days=3)


def tell(*, at: datetime) -> int:
    """Put a message into the outbox for each version that took effect lately, once; return how many."""
    hearing = WebhookEndpoint.objects.hearing(WebhookKind.VERSION_EFFECTIVE)
    if not hearing:
        return 0
    taken = Version.objects.standing().filter(effective_at__gt=at - NEWS_WITHIN, effective_at__lte=at, imported=False)
    return sum(_tell(version, hearing, at=at) for version in taken.select_related("policy").order_by("effective_at"))


@transaction.atomic
def _tell(version: Version, hearing: list[WebhookEndpoint], *, at: datetime) -> bool:
    # Whoever listens only since then was not there when it happened.
    there = [each for each in hearing if each.created_at <= _effect(version)]
    return bool(there) and outbox.version_changed(WebhookKind.VERSION_EFFECTIVE, version, at=at)


def _effect(version: Version) -> datetime:
    if version.effective_at is None:
        raise ValueError(f"{version} was never published.")
    return version.effective_at
