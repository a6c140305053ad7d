"""A time-stamp over a checkpoint's note, by RFC 3161. It is verified before it is kept; the library is optional."""

import base64
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509
from django.conf import settings

from policies.models import Checkpoint
from policies.webhooks import calling


class NotStamped(Exception):
    """There is no time-stamp, or none that the configured authority made over this note."""


def ask(checkpoint: Checkpoint) -> str:
    """
    Return the authority's answer (DER) in base64, verified against LEDGER_TSA_ROOTS.

    :raises NotStamped: if there is none that is good
    """
    if find_spec("rfc3161_client") is None:
        raise NotStamped("Install the extra “timestamps” (requirements/extras.txt).")
    import rfc3161_client as rfc3161  # noqa: PLC0415 - optional

    data = checkpoint.note.encode()
    request = rfc3161.TimestampRequestBuilder().data(data).build()
    headers = {"Content-Type": "application/timestamp-query"}
    answer = calling.post(settings.LEDGER_TSA_URL, request.as_bytes(), headers, is_trusted=True)
    if not answer.is_good:
        raise NotStamped(answer.error)
    builder = rfc3161.VerifierBuilder.from_request(request)
    for root in x509.load_pem_x509_certificates(Path(settings.LEDGER_TSA_ROOTS).read_bytes()):
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(rfc3161.decode_timestamp_response(answer.body), data)
    except (rfc3161.VerificationError, ValueError) as error:
        raise NotStamped(f"The answer is not good: {error}") from error
    return base64.b64encode(answer.body).decode()
