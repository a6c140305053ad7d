"""The cast at the desk: a signed-in client for each."""

import time
from collections.abc import Callable

import pytest
from allauth.account.internal.flows import login
from django.test import Client

from policies.models import User
from tests import people

SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user)
        remember_sign_in(client, user, at=time.time())
        return client

    return as_user


def remember_sign_in(client: Client, user: User, *, at: float) -> None:
    """What allauth notes in the session; `force_login` does not."""
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": at}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


@pytest.fixture
def edith(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.edith())


@pytest.fixture
def ravi(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.ravi())


@pytest.fixture
def oscar(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.oscar())
