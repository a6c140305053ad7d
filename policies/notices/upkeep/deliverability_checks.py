"""Whether mail from here can be accepted: examined with the settings of this site, and kept with its time."""

from dataclasses import asdict
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from policies.deliverability import examining
from policies.deliverability.dns_answers import Answers
from policies.deliverability.faults import Finding
from policies.deliverability.servers import MailServer
from policies.mail import plain_mail
from policies.models import DeliverabilityCheck
from policies.notices.write import messages


def is_on_this_machine_alone() -> bool:
    """A site with http is: its mails reach nobody, and nobody has to accept them."""
    return not settings.SITE_URL.startswith("https://")


def found() -> list[Finding]:
    """Examine it now, without keeping anything. It takes seconds where the DNS or the mail server is slow."""
    return examining.examine(_senders(), Answers(settings.DNS_SERVERS))


def check(*, at: datetime) -> None:
    """Examine it now and keep what was found for the desk, and for notices that are planned from now on."""
    if is_on_this_machine_alone():
        return
    values = {"findings": [asdict(finding) for finding in found()], "at": at}
    DeliverabilityCheck.objects.update_or_create(pk=DeliverabilityCheck.ONLY, defaults=values)


def _senders() -> examining.Senders:
    # Domains as the DNS has them, also those in other letters.
    legal, alerts, returning = (
        plain_mail.on_the_wire(parseaddr(each)[1])
        for each in (settings.LEGAL_FROM, settings.ALERTS_FROM, f"b@{settings.MAIL_DOMAIN}")
    )
    return examining.Senders(
        legal=legal,
        alerts=alerts,
        return_path=returning.rpartition("@")[2].lower(),
        server=None if settings.MAIL_PROVIDER else _server(),
        sent_from=settings.MAIL_SENT_FROM,
        dkim_keys=settings.MAIL_DKIM_KEYS,
        way_out=dict(messages.way_out()),
    )


def _server() -> MailServer:
    by = "tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else ""
    return MailServer(settings.EMAIL_HOST, int(settings.EMAIL_PORT or 25), by, settings.MAIL_DOMAIN)
