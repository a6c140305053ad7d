"""Keys for programs: made with a secret that is returned once, revoked for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from policies.models import ApiKey, AuditEvent, User
from policies.models.access import fingerprint, new_secret
from policies.models.fields import validate_single_line


@transaction.atomic
def create(
    *, name: str, scopes: Sequence[str], period: timedelta | None, by: User | None, at: datetime
) -> tuple[ApiKey, str]:
    """
    Make a key that expires after `period`; return it and its secret, of which only the hash is kept.

    :raises ValidationError: for a name with characters that nobody sees
    """
    validate_single_line(name)
    secret = new_secret()
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:12],
        secret_sha256=fingerprint(secret),
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=at + period if period else None,
    )
    AuditEvent.record("key.created", by=by, at=at, key=key.pk, name=name, scopes=key.scopes)
    return key, secret


@transaction.atomic
def revoke(*, key: ApiKey, by: User | None, at: datetime) -> None:
    """Let no call through with this key any more. Idempotent."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        AuditEvent.record("key.revoked", by=by, at=at, key=key.pk, name=key.name)
