"""What a worker is about to send, committed before it does: whatever it holds when it dies is known for what it is."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.conf import settings

from policies.notices.queue import claims
from policies.notices.queue.claims import Result
from policies.notices.send import domains
from policies.notices.write.recipients import Outgoing

# Leases of what is claimed and still waits in the worker's hands are renewed this often, in seconds.
RENEW_EVERY = 20


class GiveUp(Exception):
    """Nothing more of this batch can be sent now."""


@dataclass
class Intentions:
    """The mails of one claim that were said to be about to go out, and did not yet."""

    token: uuid.UUID
    at: datetime
    _open: set[int] = field(default_factory=set)
    _since: float = 0
    _renewed: float = field(default_factory=time.monotonic)

    def commit(self, waiting: Sequence[Outgoing], results: list[Result]) -> None:
        """
        Commit that the first of what waits is about to go out, together with the results before it, which it takes.

        :raises GiveUp: if it is no longer ours; only the end of the connection takes back what was begun
        """
        if waiting[0].delivery.id in self._open:
            if time.monotonic() - self._since > settings.DELIVERY_LEASE_SECONDS / 2:
                # A slow server: the rest of what was intended together goes back before others take it for lost.
                raise GiveUp
            return
        if time.monotonic() - self._renewed > RENEW_EVERY:
            claims.renew(token=self.token)
            domains.renew(token=self.token)
            self._renewed = time.monotonic()
        group = list(islice(waiting, settings.NOTICE_INTENTIONS_AT_ONCE))
        mails = [(mail.delivery, mail.address) for mail in group]
        before = list(results)
        results.clear()
        self._since = time.monotonic()
        self._open = claims.intend(mails=mails, token=self.token, at=self.at, results=before)
        if len(self._open) < len(group):
            raise GiveUp

    def begun(self, mail: Outgoing) -> None:
        """From here on, this one may have gone out."""
        self._open.discard(mail.delivery.id)

    def not_begun(self, waiting: Sequence[Outgoing]) -> list[Outgoing]:
        """What was intended together with others and never begun: certainly unsent."""
        return [mail for mail in waiting if mail.delivery.id in self._open]
