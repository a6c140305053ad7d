"""Plain mails, one at a time: codes, receipts, what the desk is told. A notice's mails have an engine of their own."""

import smtplib
from collections.abc import Sequence
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address


def compose(
    *,
    subject: str,
    body: str,
    to: Sequence[str],
    sender: str,
    html: str = "",
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
        from_email=sender,
        to=list(to),
        reply_to=[reply_to] if reply_to else None,
        headers={"Auto-Submitted": "auto-generated", "Message-ID": make_msgid(domain=settings.MAIL_DOMAIN)},
        connection=connection,
    )
    if html:
        mail.attach_alternative(html, "text/html")
    return mail


class EmailBackend(smtp.EmailBackend):
    """
    Django's, which writes to `=?utf-8?q?j=C3=BCrgen?=@example.org` instead of to Jürgen: nobody has that address.

    Where the server takes international addresses, theirs goes as it is (RFC 6531); where not, no mail goes.
    """

    def _send(self, email_message: EmailMessage) -> bool:
        recipients = email_message.recipients()
        if all(address.rpartition("@")[0].isascii() for address in recipients):
            return bool(super()._send(email_message))  # type: ignore[misc]
        wire = self.connection
        if wire is not None:
            wire.ehlo_or_helo_if_needed()
        if wire is None or not wire.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("This mail server takes no international addresses (SMTPUTF8).")
        to, email_message.to = email_message.to, [PLACE]
        try:
            source = b"\r\n".join(email_message.message().as_bytes().splitlines())
        finally:
            email_message.to = to
        wire.sendmail(
            sanitize_address(email_message.from_email, "utf-8"),
            [on_the_wire(address) for address in recipients],
            source.replace(PLACE.encode(), ", ".join(map(on_the_wire, to)).encode(), 1),
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )
        return True


PLACE = "fill-in-the-recipient@fill-in.invalid"


def on_the_wire(address: str) -> str:
    """
    An address with its domain in ASCII (RFC 5891).

    :raises UnicodeError: if the domain is none
    """
    local, _at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"
