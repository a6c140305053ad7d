"""
Mails that tell somebody of a change of their account: to the address it had before, whoever made the change.

They lie in a table until the sweep sends them, never in the transaction of the change: that stands whether or not a
mail server answers. A row is deleted when its mail went, and the event gets its DeskMail: nothing keeps the address.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.translation import gettext

from policies import language_names
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import AccountMail, AuditEvent, DeskMail, OpenSession, Person, User

log = logging.getLogger(__name__)

MOVED = "person.address_changed"
# For how long an answer says that the address was another one a while before.
NOTED_FOR = timedelta(days=30)
AT_ONCE = 100
AGAIN_AFTER = timedelta(minutes=10)
# Later than this nobody can do much about it any more, and a restored backup has old ones.
WITHIN = timedelta(days=3)
PATIENCE = 5


@dataclass(frozen=True)
class Known:
    """How somebody could be written to before a change."""

    address: str
    language: str

    @classmethod
    def of(cls, person: Person) -> "Known":
        return cls(person.address, person.language)

    def has_moved_to(self, address: str) -> bool:
        """Whether mails go to another mailbox now. Capitals make none."""
        return bool(self.address) and self.address.casefold() != address.casefold()


def announce(event: AuditEvent, *, user: User, words: str, address: str = "") -> None:
    """
    Have the user told of what `event` says, at the address they had before where it is another one now.

    `words` names two templates: WORDS_subject.txt and WORDS_message.txt.
    """
    language = user.person.language if user.person else settings.LANGUAGE_CODE
    AccountMail.objects.create(
        event=event, address=address or user.email, language=language, words=words, due_at=event.at
    )


def people_moved(
    people: Iterable[Person], *, before: Mapping[int, Known], by: User | None, at: datetime, **told: object
) -> None:
    """
    Put changed addresses of people on the record, end where they are signed in, and tell each former one.

    `before` is by the person's key. Who reads the former mailbox may be somebody else by now: they sign in anew.
    """
    moved = [person for person in people if person.pk in before and before[person.pk].has_moved_to(person.address)]
    events = AuditEvent.objects.bulk_create(
        [AuditEvent(actor=by, verb=MOVED, data={"person": person.pk, **told}, at=at) for person in moved]
    )
    _end_sessions(moved, by=by, at=at)
    AccountMail.objects.bulk_create(
        AccountMail(
            event=event,
            address=before[person.pk].address,
            language=before[person.pk].language,
            words="mail/person_address_changed",
            due_at=at,
        )
        for event, person in zip(events, moved, strict=True)
    )


def _end_sessions(people: Iterable[Person], *, by: User | None, at: datetime) -> None:
    """Not those of a user who is one of them: that one has an address of its own."""
    open_now = OpenSession.objects.filter(person__in=[person.pk for person in people])
    counts = open_now.order_by("person").values_list("person").annotate(n=Count("pk"))
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=by, verb="sessions.ended", data={"person": person, "sessions": n}, at=at)
        for person, n in counts
    )
    open_now.end()


def moved_before(person: int, at: datetime) -> datetime | None:
    """
    When the address of a person (by their key) was changed last, if that was less than NOTED_FOR before `at`.

    Derived from the record of changes, which the log binds as it binds every audit event.
    """
    changes = AuditEvent.objects.filter(verb=MOVED, data__person=person, at__gt=at - NOTED_FOR, at__lte=at)
    return changes.order_by("-at").values_list("at", flat=True).first()


def noted(moved_at: datetime | None) -> str:
    """What an answer says of a change of the address before it; nothing where there was none."""
    if moved_at is None:
        return ""
    words = gettext("The e-mail address of this account was changed on %(day)s, less than 30 days before.")
    return words % {"day": f"{moved_at.astimezone(UTC):%Y-%m-%d}"}


def send_due(*, at: datetime) -> int:
    """Send what is due; return how many went. Whoever claims a row first sends it, and tries again after a while."""
    due = AccountMail.objects.filter(due_at__lte=at).select_related("event__actor").order_by("pk")[:AT_ONCE]
    return sum(_send(row, at=at) for row in due)


def _send(row: AccountMail, *, at: datetime) -> bool:
    if row.event.at < at - WITHIN:
        log.warning("Nobody could be told of %s (event %s) for three days.", row.event.verb, row.event_id)
        _done(row, told=0, at=at)
        return False
    claimed = AccountMail.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=at + AGAIN_AFTER)
    if not claimed:
        return False
    try:
        _mail(row).send()
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the others still go
        log.warning("Somebody could not be told of %s yet: %s", row.event.verb, type(error).__name__)
        return False
    _done(row, told=1, at=at)
    return True


@transaction.atomic
def _done(row: AccountMail, *, told: int, at: datetime) -> None:
    DeskMail.objects.get_or_create(event=row.event, defaults={"recipients": told, "at": at})
    row.delete()


def _account(event: AuditEvent) -> str:
    """Which account it is about: a mailbox may have several."""
    found = Person.objects.filter(pk=event.data.get("person")).first()
    return found.account if found else ""


def _mail(row: AccountMail) -> EmailMessage:
    with language_names.speaking(row.language):
        context = {
            "event": row.event,
            "account": _account(row.event),
            "site_url": settings.SITE_URL,
            "needs_app": settings.DESK_SECOND_FACTOR,
        }
        subject = render_to_string(f"{row.words}_subject.txt", context)
        body = render_to_string(f"{row.words}_message.txt", context).strip() + "\n"
    return plain_mail.compose(
        subject=subject,
        body=body,
        to=[row.address],
        sender=in_use.legal_sender(),
        connection=get_connection(timeout=PATIENCE),
    )
