"""Test mails to whoever asks for them: that mail goes out at all, and how a notice looks in their own mailbox."""

import smtplib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from policies import language_names
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import AuditEvent, User, Version
from policies.notices.write import messages

# What shows that mail goes out.
TESTED = "mail.tested"
PATIENCE = 10


class NotTaken(Exception):
    """The mail server did not take the test mail over; the message says what it said."""


def send(*, to: User, at: datetime) -> int:
    """
    Send one plain mail in every language of this site; return how many went.

    :raises NotTaken: if the mail server takes none
    """
    languages = [code for code, _name in settings.LANGUAGES]
    _send([_plain(to, language) for language in languages])
    AuditEvent.record(TESTED, by=to, at=at, languages=languages)
    return len(languages)


def send_notice(*, version: Version, languages: Iterable[str], to: User, at: datetime) -> int:
    """
    Send the notice of a version as it would go out, in these languages; return how many went. Nobody else gets any.

    :raises NotTaken: if the mail server takes none
    """
    languages = list(languages)
    _send([_notice(version, to, language) for language in languages])
    AuditEvent.record(TESTED, by=to, at=at, version=version, languages=languages)
    return len(languages)


def _plain(to: User, language: str) -> EmailMessage:
    with language_names.speaking(language):
        subject = _("Test mail from %(organization)s") % {"organization": in_use.organization()}
        body = _("This is a test: mails of this site reach you. There is nothing to do.") + "\n"
        return plain_mail.compose(subject=subject, body=body, to=[to.email], sender=in_use.legal_sender())


def _notice(version: Version, to: User, language: str) -> EmailMessage:
    written = messages.preview(version, language)
    with language_names.speaking(language):
        subject = _("Test: %(subject)s") % {"subject": written.subject}
    return plain_mail.compose(
        subject=subject, body=written.text, html=written.html, to=[to.email], sender=in_use.legal_sender()
    )


def _send(mails: list[EmailMessage]) -> None:
    try:
        get_connection(timeout=PATIENCE).send_messages(mails)
    except (OSError, smtplib.SMTPException) as error:
        words = _("The mail server did not take the mail: %(said)s. Look at EMAIL_URL and at the mail server's log.")
        raise NotTaken(words % {"said": error}) from error
