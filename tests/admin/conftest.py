"""The cast at the desk: a signed-in client for each."""

from collections.abc import Callable

import pytest
from django.test import Client

from policies.models import User
from tests import people

SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    return people.signed_in


@pytest.fixture
def edith(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.edith())


@pytest.fixture
def ravi(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.ravi())


@pytest.fixture
def oscar(db: None, sign_in: SignIn) -> Client:
    return sign_in(people.oscar())
