"""Signing in and out (OWASP ASVS 5.0, 6 and 7): codes that count once and not for long, new keys, what is logged."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.password_validation import validate_password
from django.contrib.messages.storage import default_storage
from django.contrib.messages.storage.session import SessionStorage
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ASK, CONFIRM = "/sign-in/login/code/", "/sign-in/login/code/confirm/"


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    """Limits are counted by the minute, and these tests travel to the same one."""
    cache.clear()


def code_of_app() -> str:
    return str(totp.format_hotp_value(totp.hotp_value(SECRET, int(datetime.now(tz=UTC).timestamp()) // 30)))


def asked(address: str) -> tuple[Client, str]:
    """A browser that waits for a code, and the code."""
    client = Client()
    client.post(ASK, {"email": address})
    return client, next(line.strip() for line in str(mail.outbox[-1].body).splitlines() if is_code(line.strip()))


def is_code(line: str) -> bool:
    return 6 <= len(line.replace("-", "")) <= 10 and line.replace("-", "").isalnum() and line.upper() == line


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def with_password(*, app: bool = False) -> Client:
    edith = people.edith()
    if app and not is_mfa_enabled(edith):
        totp.TOTP.activate(edith, SECRET)
    client = Client()
    client.post("/sign-in/login/", {"login": edith.email, "password": people.PASSWORD})
    return client


@pytest.mark.parametrize(("minutes", "opens"), [(9, True), (11, False)])
def test_a_code_by_mail_is_good_for_ten_minutes(minutes: int, opens: bool) -> None:
    with time_machine.travel(NOON) as machine:
        client, code = asked(people.uma().email)
        machine.shift(timedelta(minutes=minutes))
        client.post(CONFIRM, {"code": code})
        assert is_signed_in(client) == opens


def test_a_code_by_mail_opens_the_browser_that_asked_for_it_once() -> None:
    client, code = asked(people.uma().email)
    stranger = Client()
    stranger.post(CONFIRM, {"code": code})
    assert not is_signed_in(stranger)
    client.post(CONFIRM, {"code": code})
    assert is_signed_in(client)
    client.post("/sign-in/logout/")
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_wrong_codes_end_the_attempt() -> None:
    client, code = asked(people.uma().email)
    for _ in range(3):
        client.post(CONFIRM, {"code": "XXXXXX"})
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_a_code_of_an_app_counts_once_for_all_processes() -> None:
    with time_machine.travel(NOON, tick=False) as machine:
        first, second = with_password(app=True), with_password(app=True)
        first.post("/sign-in/second-factor/authenticate/", {"code": code_of_app()})
        assert is_signed_in(first)
        cache.clear()  # another process has a cache of its own
        second.post("/sign-in/second-factor/authenticate/", {"code": code_of_app()})
        assert not is_signed_in(second)
        machine.shift(30)
        second.post("/sign-in/second-factor/authenticate/", {"code": code_of_app()})
        assert is_signed_in(second)


def test_whoever_is_asked_again_goes_on_under_another_key() -> None:
    with time_machine.travel(NOON, tick=False) as machine:
        client = with_password()
        before = client.session.session_key
        machine.shift(600)
        client.post("/sign-in/reauthenticate/", {"password": "wrong"})
        assert client.session.session_key == before
        client.post("/sign-in/reauthenticate/", {"password": people.PASSWORD})
        assert is_signed_in(client)
        assert client.session.session_key != before
        assert not is_signed_in(with_key(before))


def with_key(key: str | None) -> Client:
    client = Client()
    client.cookies["sessionid"] = str(key)
    return client


def test_signing_in_and_out_changes_and_ends_the_session() -> None:
    client = Client()
    client.get(ASK)
    client.post("/sign-in/login/", {"login": people.edith().email, "password": people.PASSWORD})
    key = client.session.session_key
    out = client.post("/sign-in/logout/")
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(with_key(key))


@pytest.mark.parametrize(
    "path", ["/sign-in/second-factor/", "/sign-in/reauthenticate/", "/sign-in/login/", "/account/"]
)
def test_no_page_of_ones_own_is_kept_by_a_browser_or_a_proxy(path: str) -> None:
    client = with_password() if path != "/sign-in/login/" else Client()
    assert "no-store" in client.get(path, follow=True).headers["Cache-Control"]


def test_a_message_stays_on_the_server() -> None:
    request = Client().get("/sign-in/login/").wsgi_request
    assert isinstance(default_storage(request), SessionStorage)


def test_who_signed_in_and_who_failed_is_logged_without_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="policies.sign_in")
    with time_machine.travel(NOON, tick=False):
        client = with_password(app=True)
        client.post("/sign-in/second-factor/authenticate/", {"code": "000000"})
        client.post("/sign-in/second-factor/authenticate/", {"code": code_of_app()})
    Client().post("/sign-in/login/", {"login": people.edith().email, "password": "wrong"})
    waiting, _code = asked(people.uma().email)
    waiting.post(CONFIRM, {"code": "XXXXXX"})
    said = [record.getMessage() for record in caplog.records if record.name.startswith("policies.sign_in")]
    number = people.edith().pk
    assert said[0] == f"A code of the second factor of user {number} was wrong"
    assert said[1] == f"User {number} signed in by password+mfa"
    assert said[2].startswith("A password was wrong, for ")
    assert said[3] == "A code from a mail was wrong"
    assert "@" not in "".join(said)


@pytest.mark.parametrize(
    "bad", ["short-one12", "password1234", "Northwind-Audio", "policysite-admin1", "edith@example.org"]
)
def test_a_password_that_anybody_would_try_is_refused(bad: str, settings: Any) -> None:
    with pytest.raises(ValidationError):
        validate_password(bad, people.edith())


@pytest.mark.parametrize("good", [people.PASSWORD, "x\u00e4" * 40 + "9", "zwölf zeichen", "n0rthwind-qqwwxx12"])
def test_any_other_password_of_twelve_characters_is_taken(good: str) -> None:
    validate_password(good, people.edith())


def test_a_password_counts_as_it_was_typed() -> None:
    long = "Zwölf Zeichen und mehr " * 5
    edith = people.edith()
    edith.set_password(long)
    edith.save()
    for typed in (long.lower(), long[:72], long.strip(), f"{long} "):
        client = Client()
        client.post("/sign-in/login/", {"login": edith.email, "password": typed})
        assert not is_signed_in(client), typed
        cache.clear()
    client = Client()
    client.post("/sign-in/login/", {"login": edith.email, "password": long})
    assert is_signed_in(client)


def test_a_password_is_typed_into_a_field_that_masks_it_and_takes_pasting() -> None:
    page = Client().get("/sign-in/login/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page


def test_a_code_by_mail_is_long_enough() -> None:
    codes = set()
    for _ in range(3):
        cache.clear()
        codes.add(asked(people.uma().email)[1].replace("-", ""))
    assert len(codes) == 3
    assert all(len(code) >= 6 for code in codes)


@pytest.mark.parametrize("path", ["/account/", "/review/", "/admin/", "/sign-in/second-factor/"])
def test_every_page_of_ones_own_lets_its_reader_sign_out(path: str) -> None:
    client = with_password()
    assert "/logout/" in client.get(path, follow=True).content.decode()
