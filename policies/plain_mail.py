"""Plain mails, one at a time: codes, receipts, what the desk is told. A notice's mails have an engine of their own."""

from collections.abc import Sequence
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives


def compose(
    *,
    subject: str,
    body: str,
    to: Sequence[str],
    html: str = "",
    sender: str = "",
    reply_to: str = "",
    connection: Any = None,
) -> EmailMessage:
    """
    Put a mail together, not yet sent: its Message-ID names our mail domain and no machine, programs do not answer it.

    `reply_to` is where a person's answer goes, where that is not the sender; `html` is the same words as a page.
    """
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=body,
        from_email=sender or settings.LEGAL_FROM,
        to=list(to),
        reply_to=[reply_to] if reply_to else None,
        headers={"Auto-Submitted": "auto-generated", "Message-ID": make_msgid(domain=settings.MAIL_DOMAIN)},
        connection=connection,
    )
    if html:
        mail.attach_alternative(html, "text/html")
    return mail
