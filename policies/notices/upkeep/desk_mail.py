"""Mails to the people at the desk who have something to do. Events without a DeskMail row are still to be told."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template import Context, engines
from django.utils.translation import gettext as _

from policies import date_formats, review
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import AuditEvent, DeskMail, Policy, User, Version

log = logging.getLogger(__name__)

# What is older than this was told by other means, or restored from a backup.
NEWS_WITHIN = timedelta(days=3)


def news(*, at: datetime) -> QuerySet[AuditEvent]:
    """What the desk is still to be told."""
    found = AuditEvent.objects.filter(verb__in=WHOM, desk_mail=None, at__gt=at - NEWS_WITHIN, at__lte=at)
    # Of a policy that was deleted since there is nothing to look at any more.
    return found.filter(Q(policy_id=None) | Exists(Policy.objects.filter(pk=OuterRef("policy_id"))))


def tell(*, at: datetime) -> int:
    """Mail the desk what is new for it; return how many events were told."""
    return sum(
        _tell(event, at) for event in news(at=at).select_related("version__policy", "actor").order_by("pk")[:100]
    )


def _tell(event: AuditEvent, at: datetime) -> bool:
    """At most once: the row is committed before the mail goes out, and of two sweeps one makes the row."""
    people = [person for person in WHOM[event.verb](event) if person.pk != event.actor_id]
    with transaction.atomic():
        _row, is_new = DeskMail.objects.get_or_create(event=event, defaults={"recipients": len(people), "at": at})
    if is_new and people:
        try:
            get_connection().send_messages(_mails(event, people))
        except OSError:
            log.exception("The desk could not be mailed about event %s: it sees it at the desk.", event.pk)
    return is_new


def _mails(event: AuditEvent, people: list[User]) -> list[EmailMessage]:
    """One for each: nobody's address is shown to the others, and every mail says whom it is for."""
    subject = SUBJECTS[event.verb]() % {
        "version": str(event.version),
        "policy": str(event.policy),
        "actor": str(event.actor or ""),
        "name": event.data.get("name", ""),
    }
    template = engines["django"].get_template("mail/desk.txt").template  # type: ignore[attr-defined]
    body = template.render(Context(_context(event, subject), autoescape=False))
    return [
        plain_mail.compose(subject=subject, body=body, to=[person.email], sender=in_use.legal_sender())
        for person in people
    ]


def _context(event: AuditEvent, subject: str) -> dict[str, object]:
    answer = event.version.reviews.filter(pk=event.data.get("review")).first() if event.version else None
    about = next((noun for noun in ("notice", "webhook") if noun in event.data), None)
    noun = f"version/{event.version_id}" if event.version_id else f"policy/{event.policy_id}"
    path = f"{PAGES[about]}/{event.data[about]}" if about else noun
    return {
        "subject": subject,
        "comment": answer.comment if answer else event.data.get("reason", ""),
        "facts": tuple(_facts(event.version)) if event.verb in TO_REVIEW and event.version else (),
        "url": f"{settings.SITE_URL}/admin/policies/{path}/{TO_REVIEW.get(event.verb, 'change')}/",
    }


def _facts(version: Version) -> Iterator[str]:
    """What a reviewer should know before the page is opened."""
    yield _("Policy: %s") % version.policy
    yield _("Class: %s") % version.get_change_class_display()
    at = version.effective_at
    when = str(date_formats.with_place(at, version.zone)) if at else _("at the moment of publication")
    yield _("Takes effect: %s") % when
    yield _("Texts: %s") % ", ".join(version.texts.order_by("language").values_list("language", flat=True))


def _reviewers(event: AuditEvent) -> QuerySet[User]:
    """Who can approve the version."""
    return review.approvers_of(event.version) if event.version else User.objects.none()


def _authors(event: AuditEvent) -> QuerySet[User]:
    """Who worked on the version."""
    version = event.version
    return (
        User.objects.filter(Q(pk=version.started_by_id) | Q(pk__in=version.revisions.values("by"))).distinct()
        if version
        else User.objects.none()
    )


def _publishers(event: AuditEvent) -> QuerySet[User]:  # noqa: ARG001 - one signature for all
    return User.objects.at_desk_with("publish_version")


def _approvers(event: AuditEvent) -> QuerySet[User]:  # noqa: ARG001 - one signature for all
    return User.objects.at_desk_with("approve_version")


def _translator(event: AuditEvent) -> QuerySet[User]:
    """Who handed in the translation that was sent back."""
    return User.objects.filter(pk=event.data["translator"])


def _integrators(event: AuditEvent) -> QuerySet[User]:  # noqa: ARG001 - one signature for all
    return User.objects.at_desk_with("change_webhookendpoint")


WHOM: dict[str, Callable[[AuditEvent], QuerySet[User]]] = {
    "version.submitted": _reviewers,
    "version.changes_requested": _authors,
    "version.approved": _publishers,
    "notice.paused": _publishers,
    "notice.done": _publishers,
    "terms.proposed": _approvers,
    "terms.changed": _publishers,
    "translation.proposed": _approvers,
    "translation.sent_back": _translator,
    "webhook.given_up": _integrators,
}
SUBJECTS: dict[str, Callable[[], str]] = {
    "version.submitted": lambda: _("To review: %(version)s, from %(actor)s"),
    "version.changes_requested": lambda: _("%(actor)s asks for changes: %(version)s"),
    "version.approved": lambda: _("Approved, ready to publish: %(version)s"),
    "notice.paused": lambda: _("The notice about %(version)s is paused"),
    "notice.done": lambda: _("The notice about %(version)s is done"),
    "terms.proposed": lambda: _("%(actor)s proposes other terms for %(policy)s"),
    "terms.changed": lambda: _("The terms of %(policy)s were changed"),
    "translation.proposed": lambda: _("To review: a translation of %(version)s, from %(actor)s"),
    "translation.sent_back": lambda: _("%(actor)s asks for changes: the translation of %(version)s"),
    "webhook.given_up": lambda: _("The webhook %(name)s was turned off: nothing came through"),
}
# What leads to another page than that of the row.
TO_REVIEW = {"version.submitted": "review"}
PAGES = {"notice": "notice", "webhook": "webhookendpoint"}
