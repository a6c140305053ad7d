"""The cast: Edith edits, Ravi approves, Uma is bound by policies, Vera follows by mail, Oscar must see nothing."""

import time
from datetime import UTC, datetime

from allauth.account.internal.flows import login
from django.contrib.auth.models import Group
from django.test import Client

from policies.models import Follower, Person, Policy, User

PASSWORD = "correct horse battery staple"
JOINED_AT = datetime(2024, 1, 1, tzinfo=UTC)


def edith() -> User:
    """The editor: writes drafts and publishes what was approved."""
    return _user("edith@example.org", "Edith Moore", "author", "publisher", is_staff=True)


def ravi() -> User:
    """The approver."""
    return _user("ravi@example.org", "Ravi Nair", "approver", is_staff=True)


def uma() -> User:
    """A user: an account holder whom policies bind."""
    person, _ = Person.objects.get_or_create(
        address="uma@example.org", defaults={"external_id": "uma", "name": "Uma Berg", "joined_at": JOINED_AT}
    )
    user = _user("uma@example.org", "Uma Berg")
    if user.person_id is None:
        user.person = person
        user.save(update_fields=["person"])
    return user


def vera(policy: Policy | None = None) -> Follower:
    """A visitor who follows one policy, or all of them, by mail and has no account."""
    follower, _ = Follower.objects.get_or_create(
        address="vera@example.org", policy=policy, defaults={"asked_at": JOINED_AT, "confirmed_at": JOINED_AT}
    )
    return follower


def oscar() -> User:
    """An outsider: has an account and no role, and is bound by nothing."""
    return _user("oscar@example.org", "Oscar Outsider")


def signed_in(user: User, *, method: str = "password", at: float | None = None) -> Client:
    """A client signed in as allauth notes it in the session, which `force_login` alone does not: how, and when."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at or time.time()}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client


def _user(email: str, name: str, *roles: str, is_staff: bool = False) -> User:
    found = User.objects.filter(email=email).first()
    if found:
        return found
    user = User.objects.create_user(email, PASSWORD, name=name, is_staff=is_staff)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user
