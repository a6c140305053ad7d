"""
What comes back: a return path of its own for each delivery, signed, so that nobody can make one up (VERP), and what the
report says that arrives there.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min

from policies.models import Delivery, DeliveryFact, Notice, Suppression
from policies.notices.returns import suppression

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Anybody may write to a return path: as much of a mail is looked at as a report needs. Bytes; a report stands before
# the mail it is about.
LONGEST_REPORT, LONGEST_READ, LONGEST_HEAD, LONGEST_HEADER = 1_000_000, 128_000, 64_000, 2_000
MOST_PARTS, MOST_CANDIDATES, MOST_RECIPIENTS = 50, 20, 10
# Whoever got a mail knows its return path, and could write there for ever.
MOST_FACTS = 100
RETURN_PATH = re.compile(r"\bb\+[0-9a-z]{1,13}\.[0-9a-f]{12}@", re.IGNORECASE)
# Mail that came back so often over such a time will not arrive.
SOFT_BOUNCES, SOFT_BOUNCES_OVER = 3, timedelta(hours=72)
# RFC 3464, 2.3.3.
KINDS = {
    "failed": DeliveryFact.Kind.BOUNCED,
    "delayed": DeliveryFact.Kind.DELAYED,
    "delivered": DeliveryFact.Kind.CONFIRMED,
    "complained": DeliveryFact.Kind.COMPLAINED,
}


def return_path(delivery_id: int) -> str:
    """The envelope sender of a delivery (VERP): `b+<id>.<signature>@<domain>`."""
    name = _base36(delivery_id)
    return f"b+{name}.{_signature(name)}@{settings.MAIL_DOMAIN}"


def delivery_of(return_path: str) -> int | None:
    """The delivery whose return path this is; None for one that we did not make."""
    name, dot, signature = return_path.partition("@")[0].removeprefix("b+").partition(".")
    if (
        not dot
        or not name.isalnum()
        or not hmac.compare_digest(signature.lower().encode(), _signature(name.lower()).encode())
    ):
        return None
    return int(name, 36)


def first_of_ours(text: str) -> int | None:
    """The delivery of the first return path of ours in `text`, if it is among the first few that look like one."""
    candidates = islice(RETURN_PATH.finditer(text), MOST_CANDIDATES)
    return next((found for each in candidates if (found := delivery_of(each[0])) is not None), None)


def mark(delivery_id: int) -> str:
    """What shows that a report is about a mail of ours: only whoever saw the mail, or carries it, can name it."""
    return hmac.digest(settings.ADDRESS_KEY.encode(), f"delivery-mark {delivery_id}".encode(), "sha256").hex()[:32]


def is_marked(delivery_id: int, given: str) -> bool:
    """Whether `given` is the mark of this delivery."""
    return hmac.compare_digest(given.encode(), mark(delivery_id).encode())


def _signature(name: str) -> str:
    return hmac.digest(settings.ADDRESS_KEY.encode(), f"return-path {name}".encode(), "sha256").hex()[:12]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


@dataclass(frozen=True)
class Report:
    """One recipient's part of a delivery status notification (RFC 3464)."""

    delivery_id: int
    action: str
    status: str
    text: str
    event: str


def read(source: bytes) -> list[Report]:
    """
    Read a mail that came back. One that is no such notification, or not to a return path of ours, gives nothing.

    Its head is looked at first, and the rest only of a mail that came to us. The event is a hash of the whole mail: one
    that comes in twice is one event.
    """
    delivery_id = _addressed(source)
    if delivery_id is None or source.lower().count(b"content-type") > MOST_PARTS:
        # The parser calls itself for every part within a part, and no part lies within another one without this word.
        return []
    message = message_from_bytes(source[:LONGEST_READ], policy=SHORT_HEADERS)
    event = hashlib.sha256(source).hexdigest()
    return [
        Report(
            delivery_id=delivery_id,
            action=_line(part, "Action").lower(),
            status=_line(part, "Status").split(" ")[0][:20],
            text=_line(part, "Diagnostic-Code")[:300],
            event=event,
        )
        for part in islice(_per_recipient(message), MOST_RECIPIENTS)
    ]


def record(report: Report, *, source: str, at: datetime) -> bool:
    """
    Keep what was reported about a delivery, once, and write no more to a mailbox that is not there.

    It never opens sending again: a delivery that was accepted stays accepted, and the fact stands beside it.
    """
    kind = KINDS.get(report.action)
    delivery = Delivery.objects.filter(pk=report.delivery_id).first()
    if kind is None or delivery is None or _is_full(delivery):
        return False
    with transaction.atomic():
        _fact, is_new = DeliveryFact.objects.get_or_create(
            source=source,
            event=report.event,
            defaults={
                "delivery_id": delivery.pk,
                "kind": kind,
                "code": report.status,
                "text": report.text,
                "at": at,
            },
        )
        bounced = is_new and kind == DeliveryFact.Kind.BOUNCED
        if bounced and (is_for_good(report.status) or _keeps_bouncing(delivery)):
            suppression.suppress(delivery.address, Suppression.Reason.HARD_BOUNCE, source=source, at=at)
        if is_new and kind == DeliveryFact.Kind.COMPLAINED:
            suppression.suppress(delivery.address, Suppression.Reason.COMPLAINT, source=source, at=at)
    return is_new


def _is_full(delivery: Delivery) -> bool:
    return DeliveryFact.objects.filter(delivery_id=delivery.pk).count() >= MOST_FACTS


def is_for_good(status: str) -> bool:
    """Whether the mailbox is gone, rather than full, asleep, or set against us."""
    return status in suppression.UNKNOWN_MAILBOX or status.startswith("5.1.")


def _keeps_bouncing(delivery: Delivery) -> bool:
    """Whether mail to this address came back again and again, for whatever reason, over more than a few days."""
    notices = Notice.objects.filter(stream=delivery.notice.stream).values_list("pk", flat=True)
    keys = [Delivery.key(notice, delivery.recipient_id, delivery.channel) for notice in notices]
    same = Delivery.objects.filter(pk__in=keys, address=delivery.address).values("pk")
    bounced = DeliveryFact.objects.filter(delivery_id__in=same, kind=DeliveryFact.Kind.BOUNCED)
    seen = bounced.aggregate(count=Count("pk"), first=Min("at"), last=Max("at"))
    return bool(seen["count"] >= SOFT_BOUNCES and seen["last"] - seen["first"] > SOFT_BOUNCES_OVER)


class ShortHeaders(Compat32):
    """Keeps of every header only so much: what takes long to read is as long as somebody made it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


SHORT_HEADERS = ShortHeaders()


def _addressed(source: bytes) -> int | None:
    """The delivery to whose return path a mail came."""
    head = BytesHeaderParser(policy=SHORT_HEADERS).parsebytes(source[:LONGEST_HEAD])
    names = ("Delivered-To", "X-Original-To", "To")
    return first_of_ours(" ".join(str(value) for name in names for value in head.get_all(name, [])))


def _line(part: Message, name: str) -> str:
    """A header on one line, without what no database and no terminal takes."""
    value = "".join(sign if sign.isprintable() else " " for sign in str(part.get(name, "")))
    return " ".join(value.split())


def _per_recipient(message: Message) -> Iterator[Message]:
    """The parts after the first of `message/delivery-status`: one per recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (block for block in blocks[1:] if isinstance(block, Message))
