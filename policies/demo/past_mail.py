"""The notices of the past, as if workers had sent them then: planned, frozen, written, taken by a mail server."""

import hashlib
import os
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from policies.models import AuditEvent, Delivery, DeskMail, Notice, Suppression, Version
from policies.notices.plan import planning
from policies.notices.queue import claims
from policies.notices.queue.claims import Result, Try
from policies.notices.returns import suppression
from policies.notices.returns.replies import Phase, Verdict
from policies.notices.write import recipients
from policies.notices.write.recipients import Outgoing

AT_ONCE = 200
EACH_TAKES = timedelta(seconds=1)
WORKER = "before-the-demo"
TAKEN = "2.0.0 Ok: taken before this demo began"
UNKNOWN = "5.1.1 No such mailbox"
# Of those who were told in the past, each such one has moved on without saying so.
UNKNOWN_EVERY = 87


def announce_due(*, at: datetime) -> None:
    """Plan what awaits a notice at `at`, send all of it, and close it."""
    for notice in planning.plan_due(at=at):
        planning.fan_out(notice=notice, at=at)
        ended_at = _send(notice, at=at)
        planning.finish(notice=notice, at=ended_at)


def forget_desk_mails(*, at: datetime) -> None:
    """The desk was told of the past in the past; only what is still in review is news to it."""
    old = AuditEvent.objects.exclude(version__status=Version.Status.IN_REVIEW).filter(desk_mail=None)
    DeskMail.objects.bulk_create(DeskMail(event=event, at=at) for event in old)


def _send(notice: Notice, *, at: datetime) -> datetime:
    token = uuid.uuid4()
    while claimed := claims.claim(notice=notice, token=token, limit=AT_ONCE, at=at):
        prepared = recipients.prepare(notice=notice, claimed=claimed, at=at)
        claims.intend(mails=[(mail.delivery, mail.address) for mail in prepared.mails], token=token, at=at)
        results = [*prepared.ended, *_results(prepared.mails, at)]
        claims.record(results=results, token=token)
        at = max(result.at for result in results)
    return at


def _results(mails: Iterable[Outgoing], at: datetime) -> Iterable[Result]:
    for mail in mails:
        at += EACH_TAKES
        is_unknown = mail.delivery.recipient_id % UNKNOWN_EVERY == 0
        if is_unknown:
            suppression.suppress(mail.address, Suppression.Reason.HARD_BOUNCE, source="refused", at=at)
        else:
            _keep(mail, at)
        state = Delivery.State.FAILED if is_unknown else Delivery.State.ACCEPTED
        yield Result(mail.delivery, state, at, tried=_try(mail, at, is_unknown=is_unknown))


def _try(mail: Outgoing, at: datetime, *, is_unknown: bool) -> Try:
    reply = UNKNOWN if is_unknown else TAKEN
    return Try(
        started_at=at - EACH_TAKES,
        ended_at=at,
        phase=Phase.RCPT if is_unknown else Phase.TEXT,
        outcome=Verdict.REFUSED if is_unknown else Verdict.ACCEPTED,
        worker=WORKER,
        code=550 if is_unknown else 250,
        enhanced_code=reply.split()[0],
        reply=reply,
        message_id=mail.message_id,
        body_sha256="" if is_unknown else hashlib.sha256(mail.data).hexdigest(),
    )


def _keep(mail: Outgoing, at: datetime) -> None:
    """Put the mail where the demo's mail server would have put it then."""
    folder = Path(settings.VAR_DIR) / "mailbox"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"past-{mail.delivery.id}.eml"
    path.write_bytes(mail.data)
    os.utime(path, (at.timestamp(), at.timestamp()))
