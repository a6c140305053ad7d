"""What a mail server kept, as the checker takes it."""

import hashlib

from policies.notices.report.notice_audit import Kept
from tests.smtp_sink import Sink


def kept_by(sink: Sink) -> Kept:
    copies: dict[str, list[str]] = {}
    for message in sink.messages:
        message_id = next(
            line.split(b":", 1)[1].strip().decode()
            for line in message.data.split(b"\r\n")
            if line.lower().startswith(b"message-id:")
        )
        copies.setdefault(message_id, []).append(hashlib.sha256(message.data).hexdigest())
    return Kept(copies)
