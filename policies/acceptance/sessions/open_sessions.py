"""
Where somebody is signed in: written down as a session begins, seen and ended by whose it is.

A row lies beside Django's session and goes with it, however that ends. It has no key of the session in any page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Q

from policies.models import AuditEvent, OpenSession, Person, User
from policies.models.access import OpenSessionQuerySet


@dataclass(frozen=True)
class Whose:
    """A signed-in user, a person, or a user who is one."""

    user: User | None
    person: Person | None

    @classmethod
    def of(cls, user: User) -> "Whose":
        """A user's, and those of the person they are."""
        return cls(user, user.person)

    @property
    def sessions(self) -> OpenSessionQuerySet:
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
    person = whose.person.pk if whose.person else None
    return _end(whose.sessions.filter(pk__in=sessions), by=whose.user, at=at, person=person)


@transaction.atomic
def end_all(whose: Whose, *, by: User | None, at: datetime, keep: str | None = None) -> int:
    """
    End where they are signed in, all but the session with the key `keep`; return how many.

    After every change of how a user signs in (OWASP ASVS 7.4.3), and by whoever administers users (7.4.5).
    """
    found = {"user": whose.user.pk if whose.user else None, "person": whose.person.pk if whose.person else None}
    named = {name: key for name, key in found.items() if key}
    return _end(whose.sessions.exclude(session_id=keep or ""), by=by, at=at, **named)


def _end(sessions: OpenSessionQuerySet, *, by: User | None, at: datetime, **whose: Any) -> int:
    ended = sessions.end()
    if ended:
        AuditEvent.record("sessions.ended", by=by, at=at, sessions=ended, **whose)
    return ended
