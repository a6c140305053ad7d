"""
Erasure of a person: what says whose acts they were is deleted; the acts and their leaves stay, closed for ever.

For each act a leaf "closed" says that its salt was deleted, on what ground and on which day. The verifier then reports
the act's leaf as closed; a salt that is gone without such a leaf is a finding.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from policies import ledger
from policies.acceptance.sessions import person_session
from policies.models import (
    AccountMail,
    Act,
    ActSubject,
    AuditEvent,
    Delivery,
    DeliveryAttempt,
    DeliveryFact,
    Follower,
    Notice,
    NoticeSeen,
    Person,
    User,
)
from policies.webhooks import outbox

Row = TypeVar("Row", bound=Model)

CLOSED = "closed"
NETWORK_PERIOD = timedelta(days=90)


class OnHold(Exception):
    """A legal hold keeps this person's records: nothing is erased until it is lifted."""


@transaction.atomic(durable=True)
def erase(*, person: Person, ground: str, by: User | None, at: datetime) -> int:
    """
    Erase a person and return how many acts were closed. What stays has no name, address, salt or link to them.

    The row itself stays as a number that left, so that counts of notices remain true, and so do the answers they gave
    for others, whose leaves bind that number. Idempotent.

    :raises OnHold: while a legal hold is set
    """
    held = Person.objects.select_for_update().get(pk=person.pk)
    if held.legal_hold:
        raise OnHold(_("A legal hold is set for this person. Nothing was erased. Lift the hold first."))
    closed = _close_acts(held, ground, at)
    AccountMail.objects.filter(event__data__person=held.pk).delete()
    _forget_mails(held.pk, Notice.Stream.LEGAL)
    _forget_users(held)
    for follower in _theirs_alone(held, Follower.objects.filter(address__iexact=held.address)):
        _forget_mails(follower.pk, Notice.Stream.ALERT)
        follower.delete()
    held.standings.all().delete()
    held.deletion_requests.all().delete()
    for bound in (held.uses.all(), NoticeSeen.objects.filter(person=held)):
        ledger.release(bound, at=at)
        bound.delete()
    Person.objects.filter(guardian=held).update(guardian=None)
    Person.objects.filter(pk=held.pk).update(
        external_id=None,
        name="",
        address="",
        audiences=(),
        guardian=None,
        closed_at=held.closed_at or at,
        erased_at=held.erased_at or at,
    )
    if not held.erased_at:
        outbox.person_erased(held, held.external_id, at=at)
    AuditEvent.record("person.erased", by=by, at=at, person=held.pk, ground=ground, acts=closed)
    return closed


def forget_networks(*, at: datetime, dry_run: bool = False) -> int:
    """Forget the networks and user agents of answers older than 90 days; return how many."""
    acts = Act.objects.filter(at__lte=at - NETWORK_PERIOD).values("subject_ref")
    old = ActSubject.objects.filter(subject_ref__in=acts).exclude(network_address=None, user_agent="")
    return old.count() if dry_run else old.update(network_address=None, user_agent="")


def _close_acts(person: Person, ground: str, at: datetime) -> int:
    references = list(person.act_subjects.values_list("subject_ref", flat=True))
    body = {"ground": ground, "day": f"{at:%Y-%m-%d}"}
    for reference in references:
        ledger.append(kind=CLOSED, reference=reference.hex, body=body, at=at)
    # The guards have each leaf take along whose act it was; erased is erased also where somebody lifted them.
    person.act_subjects.all().delete()
    return len(references)


def _forget_mails(recipient: int, stream: str) -> None:
    """Empty what a mail server may have repeated of the address; the outcome of each try stays."""
    notices = Notice.objects.filter(stream=stream).values_list("pk", flat=True)
    keys = [Delivery.key(notice, recipient, channel) for notice in notices for channel in Delivery.Channel.values]
    Delivery.objects.filter(pk__in=keys).update(address="")
    DeliveryAttempt.objects.filter(delivery_id__in=keys).exclude(reply="").update(reply="")
    DeliveryFact.objects.filter(delivery_id__in=keys).exclude(text="").update(text="")


def _theirs_alone(person: Person, found: QuerySet[Row]) -> QuerySet[Row]:
    """What is known by a person's address, unless somebody else has the same one: a family with one mailbox."""
    others = Person.objects.filter(address__iexact=person.address).exclude(pk=person.pk)
    return found if person.address and not others.exists() else found.none()


def _forget_users(person: Person) -> None:
    """Theirs by link, and those of their address that are linked to nobody."""
    unlinked = _theirs_alone(person, User.objects.filter(person=None, email__iexact=person.address))
    users = [*User.objects.filter(person=person), *unlinked]
    _end_sessions(person, users)
    for user in users:
        _forget_user(user)


def _forget_user(user: User) -> None:
    """A credential with a past at the desk stays as a number; any other is deleted."""
    EmailAddress.objects.filter(user=user).delete()
    AccountMail.objects.filter(event__data__user=user.pk).delete()
    if user.is_staff or AuditEvent.objects.filter(actor=user).exists():
        User.objects.filter(pk=user.pk).update(
            email=f"erased-{user.pk}@erased.invalid",
            name="",
            person=None,
            is_active=False,
            password=make_password(None),
        )
    else:
        user.delete()


def _end_sessions(person: Person, users: Sequence[User]) -> None:
    """Theirs, whether they signed in or were handed over: what they hold may be what somebody wrote."""
    keys = {str(user.pk) for user in users}
    for session in Session.objects.iterator():
        held = session.get_decoded()
        if held.get(SESSION_KEY) in keys or person_session.read(held).person_id == person.pk:
            session.delete()
