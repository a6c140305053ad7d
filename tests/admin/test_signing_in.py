"""Signing in at the desk: a second factor, asked again before what binds, and a desk left alone."""

import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from pytest_django import Settings

from policies import account_mail, clock
from policies.admin.desk.page_links import version_url
from policies.models import AuditEvent, User
from policies.sign_in import accounts
from policysite.running import processes
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(at: datetime) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(SECRET, int(at.timestamp()) // 30)))


def with_second_factor(user: User) -> User:
    totp.TOTP.activate(user, SECRET)
    return user


def signed_in_with_password(user: User) -> Client:
    client = Client()
    client.post("/sign-in/login/", {"login": user.email, "password": people.PASSWORD})
    return client


@pytest.fixture
def _time_stands_still() -> Iterator[None]:
    """A code is good for the thirty seconds it was made in, and a busy machine may need longer than is left of them."""
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture
def _strict(settings: Settings) -> None:
    settings.DESK_SECOND_FACTOR = True


@pytest.mark.usefixtures("_strict")
def test_the_desk_sends_whoever_has_no_second_factor_to_set_one_up() -> None:
    client = signed_in_with_password(people.edith())
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/sign-in/second-factor/totp/activate/"


@pytest.mark.usefixtures("_strict", "_time_stands_still")
def test_setting_up_shows_a_picture_that_the_page_alone_may_load_and_ends_with_recovery_codes() -> None:
    client = signed_in_with_password(people.edith())
    page = client.get("/sign-in/second-factor/totp/activate/")
    assert "data:image/svg+xml;base64," in page.content.decode()
    # In no order of their own.
    rules = {frozenset(rule.split()) for rule in page.headers["Content-Security-Policy"].split(";")}
    assert {"img-src", "'self'", "data:"} in rules
    assert "data:" not in client.get("/").headers["Content-Security-Policy"]
    secret = page.context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, int(clock.now().timestamp()) // 30))
    done = client.post("/sign-in/second-factor/totp/activate/", {"code": code}, follow=True)
    assert done.redirect_chain[-1][0] == "/sign-in/second-factor/recovery-codes/"
    assert len(done.context["unused_codes"]) == 10
    assert client.get("/admin/").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("_strict", "_time_stands_still")
def test_a_password_alone_no_longer_opens_the_desk() -> None:
    edith = with_second_factor(people.edith())
    client = signed_in_with_password(edith)
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == HTTPStatus.FOUND
    client.post("/sign-in/second-factor/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in client.session
    client.post("/sign-in/second-factor/authenticate/", {"code": code_at(clock.now())})
    assert client.get("/admin/").status_code == HTTPStatus.OK


def test_the_secret_lies_encrypted() -> None:
    with_second_factor(people.edith())
    assert SECRET not in str(Authenticator.objects.get(type="totp").data)


@pytest.mark.usefixtures("_time_stands_still")
def test_a_new_secret_key_locks_nobody_out_and_the_old_one_can_go(settings: Settings) -> None:
    edith = with_second_factor(people.edith())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60
    assert Authenticator.objects.get(user=edith, type="totp").wrap().validate_code(code_at(clock.now()))
    call_command("renew_second_factors")
    settings.SECRET_KEY_FALLBACKS = []
    cache.clear()  # a code that was used is refused for a while
    assert Authenticator.objects.get(user=edith, type="totp").wrap().validate_code(code_at(clock.now()))


def test_renewing_without_the_old_key_says_whose_it_is_and_changes_nothing(settings: Settings) -> None:
    with_second_factor(people.edith())
    before = Authenticator.objects.get(type="totp").data
    settings.SECRET_KEY = "n" * 60
    with pytest.raises(CommandError, match=r"The second factor of edith@example\.org"):
        call_command("renew_second_factors")
    assert Authenticator.objects.get(type="totp").data == before


@pytest.mark.usefixtures("_strict", "_time_stands_still")
def test_nobody_at_the_desk_can_take_their_second_factor_off() -> None:
    edith = with_second_factor(people.edith())
    client = signed_in_with_password(edith)
    client.post("/sign-in/second-factor/authenticate/", {"code": code_at(clock.now())})
    client.post("/sign-in/second-factor/totp/deactivate/", follow=True)
    assert Authenticator.objects.filter(user=edith, type="totp").exists()


def test_resetting_a_lost_second_factor_is_on_the_record() -> None:
    edith = with_second_factor(people.edith())
    call_command("reset_second_factor", edith.email)
    assert not Authenticator.objects.filter(user=edith).exists()
    assert AuditEvent.objects.get(verb="second_factor.reset").data == {"user": edith.pk}
    account_mail.send_due(at=clock.now())
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([edith.email], "Your second factor was removed")
    ]
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", edith.email)


def test_publishing_asks_again_after_five_minutes_and_then_goes_on() -> None:
    version = factories.make_approved(factories.make_version().policy)
    client = signed_in_with_password(people.edith())
    address = version_url(version, "publish")
    assert client.get(address).status_code == HTTPStatus.OK
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        asked = client.post(address, {"seen_manifest": version.manifest_sha256})
        assert asked.headers["Location"].startswith("/sign-in/reauthenticate/")
        version.refresh_from_db()
        assert version.published_at is None
        client.post(asked.headers["Location"], {"password": "wrong"})
        version.refresh_from_db()
        assert version.published_at is None
        client.post(asked.headers["Location"], {"password": people.PASSWORD, "next": address})
    version.refresh_from_db()
    assert version.published_at is not None


def test_roles_are_given_only_after_asking_again() -> None:
    root = User.objects.create_superuser("root@example.org", people.PASSWORD, name="Root")
    client = signed_in_with_password(root)
    address = f"/admin/policies/user/{people.oscar().pk}/change/"
    assert client.get(address).status_code == HTTPStatus.OK
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert client.get(address).headers["Location"].startswith("/sign-in/reauthenticate/")


def test_a_desk_left_alone_asks_who_is_there_and_keeps_what_was_sent() -> None:
    version = desk.material_draft()
    client = signed_in_with_password(people.edith())
    client.get("/admin/")
    address = version_url(version, "discard")
    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        assert client.get("/admin/").status_code == HTTPStatus.OK
    with time_machine.travel(clock.now() + timedelta(minutes=45)):
        assert client.get("/admin/").status_code == HTTPStatus.OK
    with time_machine.travel(clock.now() + timedelta(minutes=80)):
        asked = client.post(address)
        assert asked.headers["Location"].startswith("/sign-in/reauthenticate/")
        assert type(version).objects.filter(pk=version.pk).exists()
        client.post(asked.headers["Location"], {"password": people.PASSWORD, "next": address})
    assert not type(version).objects.filter(pk=version.pk).exists()


def test_a_session_ends_after_a_working_day() -> None:
    client = signed_in_with_password(people.edith())
    start = clock.now()
    for minutes in range(0, 12 * 60, 25):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get("/admin/").status_code == HTTPStatus.OK
    with time_machine.travel(start + timedelta(hours=12, minutes=5)):
        assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/sign-in/login/code/?next=/admin/"


TAKEN_OVER = [
    "email/",
    "confirm-email/",
    "password/set/",
    "password/change/",
    "password/reset/",
    "password/reset/key/1-x/",
]


@pytest.mark.parametrize("page", TAKEN_OVER)
def test_a_stolen_session_adds_no_address_and_sets_no_password(page: str) -> None:
    uma = people.uma()
    uma.set_unusable_password()
    uma.save()
    client = Client()
    client.force_login(uma)
    given = {"email": "thief@example.org", "action_add": "", "password1": people.PASSWORD, "password2": people.PASSWORD}
    assert client.get(f"/sign-in/{page}").status_code == HTTPStatus.NOT_FOUND
    assert client.post(f"/sign-in/{page}", given).status_code == HTTPStatus.NOT_FOUND
    uma.refresh_from_db()
    assert not uma.has_usable_password()
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()


def by_code_alone(user: User, *, at: float) -> Client:
    """Somebody without a password, as the desk makes users, who signed in by a code at an instant."""
    user.set_unusable_password()
    user.save()
    return people.signed_in(user, method="code", at=at)


def test_a_stolen_session_puts_no_second_factor_on_an_account_that_has_nothing_to_be_asked_for() -> None:
    client = by_code_alone(people.uma(), at=clock.now().timestamp() - 6 * 60)
    answer = client.post("/sign-in/second-factor/totp/activate/", {"code": "000000"})
    assert answer.headers["Location"] == "/sign-in/login/code/?next=/sign-in/second-factor/totp/activate/"
    assert "_auth_user_id" not in client.session
    fresh = by_code_alone(people.uma(), at=clock.now().timestamp())
    assert fresh.get("/sign-in/second-factor/totp/activate/").status_code == HTTPStatus.OK


def activate(client: Client) -> None:
    page = client.get("/sign-in/second-factor/totp/activate/")
    code = totp.format_hotp_value(totp.hotp_value(page.context["form"].secret, int(clock.now().timestamp()) // 30))
    client.post("/sign-in/second-factor/totp/activate/", {"code": code})


@pytest.fixture
def committing(rf: RequestFactory, django_capture_on_commit_callbacks: Any) -> Iterator[None]:
    """What happens as a request commits, which within a test's own transaction none does."""
    with context.request_context(rf.get("/")):
        yield django_capture_on_commit_callbacks(execute=True)


@pytest.mark.usefixtures("_time_stands_still")
def test_a_changed_second_factor_is_told_to_the_accounts_address_and_is_on_the_record(committing: Any) -> None:
    uma = people.uma()
    EmailAddress.objects.create(user=uma, email="thief@example.org", primary=True, verified=True)
    client = people.signed_in(uma, method="code")
    mail.outbox.clear()
    with committing:
        activate(client)
        client.post("/sign-in/second-factor/recovery-codes/generate/")
        client.post("/sign-in/second-factor/totp/deactivate/")
    assert mail.outbox == []
    account_mail.send_due(at=clock.now())
    told = {(message.to[0], message.subject) for message in mail.outbox}
    assert told == {
        (uma.email, "A second factor was set up"),
        (uma.email, "You have new recovery codes"),
        (uma.email, "Your second factor was removed"),
    }
    verbs = set(AuditEvent.objects.filter(actor=uma).values_list("verb", flat=True))
    assert verbs == {
        "credential.totp_activated",
        "credential.recovery_codes_generated",
        "credential.totp_deactivated",
    }


def test_an_address_without_an_account_is_told_so_and_nobody_else_learns_of_it() -> None:
    known, unknown = (
        Client().post("/sign-in/login/code/", {"email": e}) for e in (people.uma().email, "x@example.org")
    )
    assert known.status_code == unknown.status_code == HTTPStatus.FOUND
    assert known.headers["Location"] == unknown.headers["Location"]


def ask_for_a_code(address: str) -> HTTPStatus:
    cache.clear()  # the limits of a minute, which another minute brings back
    return HTTPStatus(Client().post("/sign-in/login/code/", {"login": address, "email": address}).status_code)


def test_an_address_without_an_account_is_told_so_once_a_day() -> None:
    with time_machine.travel(datetime(2026, 6, 1, 9, tzinfo=UTC)) as machine:
        for address in ("x@example.org", "X@example.org", "x+1@example.org", "x@example.org"):
            assert ask_for_a_code(address) == HTTPStatus.FOUND
        assert len(mail.outbox) == 1
        machine.shift(timedelta(days=1))
        ask_for_a_code("x@example.org")
        assert len(mail.outbox) == 2


def test_addresses_without_an_account_get_so_many_mails_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "TOLD_A_DAY", 3)
    monkeypatch.setattr(accounts, "took", deque([0.0]))
    for number in range(30):
        ask_for_a_code(f"x{number}@example.org")
    assert len(mail.outbox) == 3
    ask_for_a_code(people.uma().email)
    assert len(mail.outbox) == 4


def test_how_long_the_page_takes_tells_nobody_who_has_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "took", deque([0.3]))
    ask_for_a_code("x@example.org")
    monkeypatch.setattr(accounts, "took", deque([0.3]))
    began = time.monotonic()
    ask_for_a_code("x@example.org")
    assert time.monotonic() - began >= 0.3
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_tells_nobody_who_has_an_account(settings: Settings) -> None:
    ask_for_a_code("x@example.org")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", processes.free_port()
    for address in ("x@example.org", people.uma().email):
        with pytest.raises(ConnectionRefusedError):
            ask_for_a_code(address)
