"""Behind a proxy everybody is somebody else: by one setting, whatever the caller writes into headers."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.test import Client

from policies import checks
from policies.models import User
from policies.sign_in import known_browsers
from policies.views.people import code_limits
from tests import factories, people

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[1]
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


@pytest.mark.parametrize("form", ["192.0.2.{n}:4711", "[2001:db8:0:{n}::1]:4711", "2001:db8:0:{n}::1", " 192.0.2.{n} "])
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


def test_a_network_of_ipv6_is_one_caller(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    inside = [follow(client, n, forwarded=f"2001:db8:1:2::{n + 1}") for n in range(FOLLOWS_A_MINUTE + 1)]
    assert inside[-1] == 429
    assert follow(client, 99, forwarded="2001:db8:1:3::1") != 429


def test_ipv4_that_is_written_as_ipv6_is_told_apart(client: Client) -> None:
    answers = [follow(client, n, remote=f"::ffff:192.0.2.{n + 1}") for n in range(FOLLOWS_A_MINUTE + 1)]
    assert 429 not in answers
    assert [follow(client, n, remote="::ffff:192.0.2.1") for n in range(FOLLOWS_A_MINUTE)][-1] == 429


def test_the_address_of_a_caller_is_read_at_one_place() -> None:
    """Whoever reads it elsewhere forgets the proxies, or that a network of IPv6 is one caller."""
    read = re.compile("REMOTE_ADDR|X_FORWARDED_FOR|get_client_ip\\(request\\)")
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "policies").rglob("*.py") if read.search(path.read_text())}
    assert found == {"policies/middleware.py", "policies/sign_in/networks.py"}


class TestStrangers:
    """Whatever strangers do, whoever has an account gets in."""

    @pytest.fixture
    def root(self) -> User:
        user = people.edith()
        user.set_password("right horse battery")
        user.save()
        return user

    def password(self, client: Client, user: User, password: str, *, remote: str) -> int:
        given = {"login": user.email, "password": password}
        return client.post("/sign-in/login/", given, REMOTE_ADDR=remote).status_code

    def code(self, client: Client, user: User, *, remote: str) -> int:
        return client.post("/sign-in/login/code/", {"email": user.email}, REMOTE_ADDR=remote).status_code

    def test_a_browser_that_signed_in_before_gets_through(self, root: User) -> None:
        at_home = Client()
        assert self.password(at_home, root, "right horse battery", remote="192.0.2.1") == 302
        del at_home.cookies["sessionid"]
        for _ in range(40):
            self.password(Client(), root, "wrong horse battery", remote="192.0.2.1")
        assert self.password(Client(), root, "right horse battery", remote="192.0.2.1") != 302
        assert self.password(at_home, root, "right horse battery", remote="192.0.2.1") == 302

    def test_a_known_browser_may_not_guess_without_end(self, root: User) -> None:
        at_home = Client()
        assert self.password(at_home, root, "right horse battery", remote="192.0.2.1") == 302
        del at_home.cookies["sessionid"]
        for n in range(12):
            self.password(at_home, root, "wrong horse battery", remote=f"192.0.{n}.1")
        assert self.password(at_home, root, "right horse battery", remote="198.51.100.1") != 302

    def test_a_cookie_of_another_account_is_none(self, root: User) -> None:
        ravi = people.ravi()
        ravi.set_password("right horse battery")
        ravi.save()
        of_ravi = Client()
        at_home = Client()
        for client, user in ((of_ravi, ravi), (at_home, root)):
            assert self.password(client, user, "right horse battery", remote="192.0.2.1") == 302
            del client.cookies["sessionid"]
        for _ in range(12):
            self.password(of_ravi, root, "wrong horse battery", remote="192.0.2.1")
        assert self.password(of_ravi, root, "right horse battery", remote="192.0.2.1") != 302
        assert self.password(at_home, root, "right horse battery", remote="192.0.2.1") == 302

    def test_a_forged_cookie_is_none(self, root: User) -> None:
        forger = Client()
        forger.cookies[known_browsers._name()] = signing.dumps([known_browsers._fingerprint(root.email)], salt="other")
        for _ in range(12):
            self.password(forger, root, "wrong horse battery", remote="192.0.2.1")
        assert self.password(forger, root, "right horse battery", remote="192.0.2.1") != 302
        assert self.password(forger, root, "right horse battery", remote="198.51.100.1") == 302

    def test_wrong_passwords_leave_the_code_open(self, root: User) -> None:
        for _ in range(12):
            self.password(Client(), root, "wrong horse battery", remote="192.0.2.1")
        assert self.code(Client(), root, remote="192.0.2.1") == 302
        assert len(mail.outbox) == 1

    def test_codes_that_strangers_ask_for_keep_nobody_from_theirs(self, root: User) -> None:
        for _ in range(10):
            self.code(Client(), root, remote="198.51.100.1")
        sent = len(mail.outbox)
        assert sent == code_limits.FROM_A_NETWORK
        assert self.code(Client(), root, remote="192.0.2.1") == 302
        assert len(mail.outbox) == sent + 1

    def test_a_flood_from_everywhere_leaves_a_known_browser_its_code(self, root: User) -> None:
        at_home = Client()
        assert self.password(at_home, root, "right horse battery", remote="192.0.2.1") == 302
        del at_home.cookies["sessionid"]
        for n in range(code_limits.BY_STRANGERS + 3):
            self.code(Client(), root, remote=f"198.51.{n}.1")
        assert len(mail.outbox) == code_limits.BY_STRANGERS
        assert self.code(at_home, root, remote="192.0.2.1") == 302
        assert len(mail.outbox) == code_limits.BY_STRANGERS + 1

    def test_the_cookie_goes_to_the_pages_of_signing_in_alone(self, root: User, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = True
        at_home = Client()
        given = {"login": root.email, "password": "right horse battery"}
        at_home.post("/sign-in/login/", given, secure=True)
        cookie = at_home.cookies["__Secure-known"]
        assert (cookie["path"], cookie["httponly"], cookie["secure"], cookie["samesite"]) == (
            *("/sign-in/", True, True, "Lax"),
        )
        assert root.email not in cookie.value
