"""The gate and the strength of sign-in, for somebody with an authenticator app."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from policies import clock
from policies.models import Act, Version
from tests import people
from tests.acceptance.asking import asking_policy, asking_version
from tests.factories import days_ago

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PRODUCT = "/demo/product/"


@pytest.fixture
def version() -> Any:
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


@pytest.fixture
def halfway() -> Any:
    """Uma, who has given her password and not yet her code."""
    uma = people.uma()
    totp.TOTP.activate(uma, SECRET)
    client = Client()
    client.post("/sign-in/login/", {"login": uma.email, "password": people.PASSWORD})
    return client


def give_code(client: Client) -> None:
    with time_machine.travel(clock.now(), tick=False):  # the code is good for the rest of its thirty seconds
        code = totp.format_hotp_value(totp.hotp_value(SECRET, int(clock.now().timestamp()) // 30))
        client.post("/sign-in/second-factor/authenticate/", {"code": code})


def test_nobody_is_asked_and_nothing_is_recorded_before_the_second_factor(halfway: Client, version: Version) -> None:
    assert halfway.get("/review/terms/").headers["Location"].startswith("/sign-in/")
    assert halfway.post("/review/terms/", {"answer": "accept", "agree": "yes"}).status_code == 302
    assert not Act.objects.exists()
    assert halfway.get("/sign-in/second-factor/authenticate/").status_code == 200


def test_after_the_second_factor_the_gate_asks_and_the_answer_says_how_strong_the_sign_in_was(
    halfway: Client, version: Version
) -> None:
    give_code(halfway)
    asked = halfway.get(PRODUCT)
    assert asked.headers["Location"] == "/review/terms/?next=%2Fdemo%2Fproduct%2F"
    page = halfway.get(asked.headers["Location"]).content.decode()
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    halfway.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert Act.objects.latest().strength == "mfa"
    assert halfway.get(PRODUCT).status_code == 200
