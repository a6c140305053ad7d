"""
Where somebody is signed in: written down as a session begins, seen and ended by whose it is.

A row lies beside Django's session and goes with it, however that ends. It has no key of the session in any page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from policies.models import AuditEvent, OpenSession, Person, User


@dataclass(frozen=True)
class Whose:
    """A signed-in user, a person, or a user who is one."""

    user: User | None
    person: Person | None

    @property
    def sessions(self) -> QuerySet[OpenSession]:
        of_user = Q(user=self.user) if self.user else Q(pk__in=())
        of_person = Q(person=self.person) if self.person else Q(pk__in=())
        return OpenSession.objects.filter(of_user | of_person)


def note(
    session: SessionBase,
    *,
    user: User | None = None,
    person: Person | None = None,
    browser: str,
    network: str | None,
    at: datetime,
) -> None:
    """Write down that a session begins now. It is saved, so that there is one."""
    session.save()
    whose = {"user": user, "person": person, "browser": browser[:200], "network": network or "", "began_at": at}
    OpenSession.objects.update_or_create(session_id=session.session_key, defaults=whose)


def renew_key(session: SessionBase) -> None:
    """Let a session go on under another key, and what is written down of it with it."""
    row = OpenSession.objects.filter(session_id=session.session_key).first()
    session.cycle_key()
    if row:
        row.pk, row.session_id = None, str(session.session_key)
        row.save(force_insert=True)


def of(whose: Whose, *, at: datetime) -> list[OpenSession]:
    """What is open at `at`, the latest first."""
    return list(whose.sessions.filter(session__expire_date__gt=at).order_by("-began_at", "-pk"))


@transaction.atomic
def end(whose: Whose, sessions: Iterable[int], *, at: datetime) -> int:
    """End sessions by the keys of their rows, as far as they are theirs; return how many."""
    keys = list(whose.sessions.filter(pk__in=sessions).values_list("session_id", flat=True))
    if keys:
        Session.objects.filter(pk__in=keys).delete()
        person = whose.person.pk if whose.person else None
        AuditEvent.record("sessions.ended", by=whose.user, at=at, sessions=len(keys), person=person)
    return len(keys)
