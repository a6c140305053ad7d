"""Behind a proxy everybody is somebody else: by one setting, whatever the caller writes into headers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from policies import checks
from tests import factories, people

pytestmark = pytest.mark.django_db

PROXY = "10.0.0.1"
FOLLOWS_A_MINUTE = 5


def follow(client: Client, n: int, *, forwarded: str = "", remote: str = PROXY) -> int:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    given = {"address": f"a{n}@example.org", "consent": "on"}
    return client.post("/p/terms/follow/", given, headers=headers, REMOTE_ADDR=remote).status_code


@pytest.fixture(autouse=True)
def a_policy() -> None:
    cache.clear()
    factories.make_version(policy=factories.make_policy(slug="terms"))


def test_callers_behind_a_proxy_have_limits_of_their_own(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    answers = [follow(client, n, forwarded=f"192.0.2.{n}") for n in range(FOLLOWS_A_MINUTE + 3)]
    assert 429 not in answers


def test_a_forged_header_makes_nobody_somebody_else(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    answers = [follow(client, n, forwarded=f"198.51.100.{n}, 192.0.2.7") for n in range(FOLLOWS_A_MINUTE + 1)]
    assert answers[-1] == 429


@pytest.mark.parametrize("forwarded", ["", "192.0.2.{n}", "unknown"])
def test_without_as_many_proxies_the_connection_counts(client: Client, settings: Any, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = 2
    answers = [follow(client, n, forwarded=forwarded.format(n=n)) for n in range(FOLLOWS_A_MINUTE + 1)]
    assert answers[-1] == 429


@pytest.mark.parametrize("form", ["192.0.2.{n}:4711", "[2001:db8::{n}]:4711", "2001:db8::{n}", " 192.0.2.{n} "])
def test_an_entry_may_be_written_in_any_of_these_ways(client: Client, settings: Any, form: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert 429 not in [follow(client, n, forwarded=form.format(n=n + 1)) for n in range(FOLLOWS_A_MINUTE + 1)]


def test_a_stranger_with_wrong_passwords_locks_nobody_out(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    user = people.edith()
    user.set_password("right horse battery")
    user.save()

    def sign_in(password: str, forwarded: str) -> Any:
        given = {"login": user.email, "password": password}
        headers = {"x-forwarded-for": forwarded}
        return Client().post("/sign-in/login/", given, headers=headers, REMOTE_ADDR=PROXY)

    for _ in range(12):
        sign_in("wrong horse battery", "198.51.100.9")
    assert sign_in("right horse battery", "198.51.100.9").status_code != 302
    assert sign_in("right horse battery", "192.0.2.1").status_code == 302


def test_a_proxy_that_nobody_counted_is_told(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), 0
    assert [found.id for found in checks.callers_are_told_apart()] == ["policies.W005"]
    settings.TRUSTED_PROXIES = 1
    assert checks.callers_are_told_apart() == []
