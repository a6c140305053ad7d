"""Signing in at the desk: a second factor, asked again before what binds, and a desk left alone."""

from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from policies import clock
from policies.admin.places import version_url
from policies.models import AuditEvent, User
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db

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
def _strict(settings: Settings) -> None:
    settings.DESK_SECOND_FACTOR = True


@pytest.mark.usefixtures("_strict")
def test_the_desk_sends_whoever_has_no_second_factor_to_set_one_up() -> None:
    client = signed_in_with_password(people.edith())
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/sign-in/second-factor/totp/activate/"


@pytest.mark.usefixtures("_strict")
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


@pytest.mark.usefixtures("_strict")
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


@pytest.mark.usefixtures("_strict")
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
        assert client.get("/admin/").headers["Location"].startswith("/sign-in/login/code/")
