"""
Secrets and signatures (Standard Webhooks): v1 is HMAC-SHA256 over `id.timestamp.body`, in base64.

A secret is derived from the site's key and a random number of the endpoint's row, and is kept nowhere: whoever reads
the database can sign nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from policies.models import WebhookEndpoint

PREFIX = "whsec_"


def secret_of(nonce: str, *, key: str | None = None) -> str:
    """The secret in the form that receivers' libraries take: `whsec_` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(_derived(nonce, key or settings.WEBHOOK_KEY)).decode()


def headers(*, endpoint: WebhookEndpoint, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of a call made at `at`. While a secret is being changed both sign."""
    stamp = str(int(at.timestamp()))
    signed = b".".join([message_id.encode(), stamp.encode(), body])
    signatures = [f"v1,{_signature(secret, signed)}" for secret in _secrets(endpoint, at)]
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


def _secrets(endpoint: WebhookEndpoint, at: datetime) -> Iterator[bytes]:
    """The present secret first; then the former one while it lasts, and those of keys that are being phased out."""
    nonces = [endpoint.secret_nonce]
    if endpoint.former_nonce and endpoint.former_until and endpoint.former_until > at:
        nonces.append(endpoint.former_nonce)
    for key in (settings.WEBHOOK_KEY, *settings.WEBHOOK_KEY_FALLBACKS):
        yield from (_derived(nonce, key) for nonce in nonces)


def _derived(nonce: str, key: str) -> bytes:
    return hmac.new(key.encode(), f"policies.webhooks:{nonce}".encode(), hashlib.sha256).digest()


def _signature(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
