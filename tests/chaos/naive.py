"""
The control: select what is queued, send it, mark it. `python -m tests.chaos.naive NOTICE`

It even writes down each try, as one would; the checker has to find what it doubles all the same.
"""

import hashlib
import smtplib
import sys
import time

import django
from django.conf import settings

django.setup()

from policies import clock  # noqa: E402 - Django has to be set up first
from policies.models import Delivery, DeliveryAttempt, Notice  # noqa: E402
from policies.notices.queue.claims import Claimed  # noqa: E402
from policies.notices.write import recipients  # noqa: E402

AT_ONCE = 50


def run(notice: Notice) -> None:
    while queued := list(Delivery.objects.filter(notice=notice, state="queued").order_by("pk")[:AT_ONCE]):
        claimed = [Claimed(each.pk, each.recipient_id, 0, 0, "", None) for each in queued]
        mails = recipients.prepare(notice=notice, claimed=claimed, at=clock.now()).mails
        for mail in mails:
            try:
                with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT) as server:
                    server.sendmail(mail.sender, [mail.recipient], mail.data)
            except (smtplib.SMTPException, OSError):
                continue
            mark(mail)


def mark(mail: recipients.Outgoing) -> None:
    at = clock.now()
    DeliveryAttempt.objects.create(
        delivery_id=mail.delivery.id,
        number=1,
        worker="naive",
        started_at=at,
        ended_at=at,
        phase="text",
        outcome="accepted",
        code=250,
        message_id=mail.message_id,
        body_sha256=hashlib.sha256(mail.data).hexdigest(),
    )
    Delivery.objects.filter(pk=mail.delivery.id).update(state="accepted", finished_at=at)


if __name__ == "__main__":
    print("ready.", flush=True)  # noqa: T201 - for the nemesis, who reads its log
    while True:
        run(Notice.objects.select_related("version__policy").get(pk=int(sys.argv[1])))
        time.sleep(1)
