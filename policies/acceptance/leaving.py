"""Leaving: a request to be deleted, with the day by which it has to be answered."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from policies.acceptance.answering import Refused
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import AuditEvent, DeletionRequest, Person, Policy, User

log = logging.getLogger(__name__)

OUTCOME_LENGTH = 300


class AlreadyClosed(Refused):
    """Somebody answered this request meanwhile."""

    code = "already-closed"


@transaction.atomic(durable=True)
def ask_for_deletion(*, person: Person, policy: Policy, at: datetime) -> DeletionRequest:
    """Record that `person` asks to be deleted; asking again finds the open request. The contact is mailed by a task."""
    request, _created = DeletionRequest.objects.get_or_create(
        person=person,
        closed_at=None,
        defaults={
            "policy": policy,
            "asked_at": at,
            "due_on": (at.astimezone(policy.zone) + timedelta(days=policy.deletion_days)).date(),
        },
    )
    return request


@transaction.atomic(durable=True)
def close(*, request: DeletionRequest, outcome: str, by: User, at: datetime) -> None:
    """
    Say how a request was answered; it is no longer shown as open.

    :raises AlreadyClosed: of two who close it together, the second
    """
    still_open = DeletionRequest.objects.filter(pk=request.pk, closed_at=None)
    if not still_open.update(closed_at=at, outcome=" ".join(outcome.split())[:OUTCOME_LENGTH]):
        raise AlreadyClosed(_("This request was closed already."))
    # The outcome may speak of the person; it lies where erasing deletes it, and not in this record.
    AuditEvent.record("deletion_request.closed", by=by, at=at, policy=request.policy, person=request.person_id)


def is_overdue(request: DeletionRequest, *, at: datetime) -> bool:
    """Whether the day by which the policy has to answer is over, in its legal zone."""
    return at.astimezone(request.policy.zone).date() > request.due_on


def mail_due(*, at: datetime) -> int:
    """Mail each request to its policy's contact, once; it stays on the pages until it is closed."""
    waiting = DeletionRequest.objects.filter(mailed_at=None, closed_at=None).select_related("policy", "person")
    return sum(_mail(request, at=at) for request in waiting)


def _mail(request: DeletionRequest, *, at: datetime) -> bool:
    # Committed before sending: of two that come together one sends, and whoever reads the desk's list misses nothing.
    if not DeletionRequest.objects.filter(pk=request.pk, mailed_at=None).update(mailed_at=at):
        return False
    subject = _("Deletion request, to be answered by %(day)s") % {"day": request.due_on.isoformat()}
    body = render_to_string(
        "mail/deletion_request.txt",
        {"request": request, "url": f"{settings.SITE_URL}/admin/policies/person/{request.person_id}/change/"},
    )
    mail = plain_mail.compose(subject=subject, body=body, to=[request.policy.contact], sender=in_use.legal_sender())
    try:
        mail.send()
    except OSError as error:
        # Only the kind of error: what a mail server says may repeat the address.
        log.warning(
            "The deletion request %s could not be mailed; it is tried again. (%s)", request.pk, type(error).__name__
        )
        DeletionRequest.objects.filter(pk=request.pk).update(mailed_at=None)
        return False
    return True
