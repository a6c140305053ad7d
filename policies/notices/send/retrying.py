"""Whether and when a mail is tried again: by the schedule after a refusal for now, once more after an uncertain try."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from policies.models import Delivery, Notice
from policies.notices.returns.replies import Reply

MOST_UNCERTAIN_TRIES = 2
# Waits are drawn out by up to this share, so that what failed together does not come back together.
JITTER = 0.2


def next_attempt_at(*, delivery_id: int, tries: int, at: datetime, reply: Reply | None = None) -> datetime:
    """
    When to try again after `tries` tries: 1 m, 5 m, 15 m, 1 h, 3 h, 6 h, then every 6 h (NOTICE_RETRY_WAITS).

    Jittered by the delivery itself, so that the answer is always the same.
    """
    waits = settings.NOTICE_RETRY_WAITS
    # Somebody who greylists waits from the schedule's second place on.
    place = max(tries, 2 if reply and reply.is_greylisting else 1)
    wait = waits[min(place, len(waits)) - 1]
    share = zlib.crc32(f"{delivery_id}.{tries}".encode()) / 2**32
    return at + timedelta(seconds=wait * (1 + JITTER * share))


@dataclass(frozen=True)
class AfterUncertain:
    state: str
    next_attempt_at: datetime | None


def after_uncertain(*, notice: Notice, uncertain_tries: int, at: datetime) -> AfterUncertain:
    """
    Whether to send once more what may have gone out: legal notices at least once, all others at most once.

    `uncertain_tries` counts this one.
    """
    is_owed = notice.stream == Notice.Stream.LEGAL and notice.kind != Notice.Kind.REMINDER
    if is_owed and uncertain_tries < MOST_UNCERTAIN_TRIES:
        return AfterUncertain(Delivery.State.QUEUED, at + timedelta(seconds=settings.NOTICE_UNCERTAIN_WAIT))
    return AfterUncertain(Delivery.State.UNCERTAIN, None)
