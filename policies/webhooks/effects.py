"""What nobody does: embargoes end and versions take effect by themselves. Whoever sweeps finds those and tells."""

from datetime import datetime, timedelta

from django.db import transaction

from policies.models import Version, WebhookEndpoint, WebhookKind
from policies.models.versions import VersionQuerySet
from policies.webhooks import outbox

# Older effects are history: a site that stood still for longer tells nobody of them.
NEWS_WITHIN = timedelta(days=3)


def tell(*, at: datetime) -> int:
    """Put a message into the outbox for each version that became visible or took effect lately, once; how many."""
    standing = Version.objects.standing().filter(imported=False, published_at__lte=at)
    seen = standing.filter(visible_from__isnull=False, published_at__gt=at - NEWS_WITHIN)
    taken = standing.filter(effective_at__gt=at - NEWS_WITHIN, effective_at__lte=at)
    return _told(WebhookKind.VERSION_PUBLISHED, seen, "published_at", at=at) + _told(
        WebhookKind.VERSION_EFFECTIVE, taken, "effective_at", at=at
    )


def _told(kind: WebhookKind, versions: VersionQuerySet, happened: str, *, at: datetime) -> int:
    hearing = WebhookEndpoint.objects.hearing(kind)
    if not hearing:
        return 0
    ordered = versions.select_related("policy").order_by(happened)
    return sum(_tell(kind, version, getattr(version, happened), hearing, at=at) for version in ordered)


@transaction.atomic
def _tell(
    kind: WebhookKind, version: Version, happened_at: datetime, hearing: list[WebhookEndpoint], *, at: datetime
) -> bool:
    # Whoever listens only since then was not there when it happened.
    there = [each for each in hearing if each.created_at <= happened_at]
    return bool(there) and outbox.version_changed(kind, version, at=at)
