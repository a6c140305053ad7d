"""
The one check before every page of the desk, tried at each address that belongs to it, those made tomorrow included.

Signed in for the desk means more than for the account: a place there, a second factor that was given in this session,
no half hour without a request, and no more than twelve hours.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from policies import clock
from policies.models import User
from tests import factories
from tests.people import signed_in
from tests.whole_site import SECRET, Route, World, routes

pytestmark = pytest.mark.django_db

# The ways in and out, and the words of Django's scripts, which tell nothing.
OPEN = {"admin:login", "admin:logout"}
HOUR = 60 * 60


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    settings.DESK_SECOND_FACTOR = True


def belongs_to_the_desk(route: Route, path: str) -> bool:
    module = getattr(resolve(unquote(path)).func, "__module__", "")
    return path.startswith("/admin/") or route.name.startswith("admin:") or module.startswith("policies.admin")


def addresses(world: World) -> list[str]:
    found = [(route, world.paths(route)[0]) for route in routes() if route.key not in OPEN]
    return [path for route, path in found if belongs_to_the_desk(route, path)]


def staff(*, has_second_factor: bool = True) -> User:
    user = factories.make_user(is_staff=True, is_superuser=True)
    if has_second_factor:
        totp.TOTP.activate(user, SECRET)
    return user


def ago(seconds: int) -> float:
    return clock.now().timestamp() - seconds


def only_a_mailed_code() -> Client:
    return signed_in(staff(has_second_factor=False), method="code")


def second_factor_not_given() -> Client:
    """They have an authenticator app, and this session is from before, or came about without it."""
    return signed_in(staff(), method="password")


def left_alone() -> Client:
    return signed_in(staff(), method="mfa", at=ago(HOUR))


def since_yesterday() -> Client:
    client = signed_in(staff(), method="mfa", at=ago(13 * HOUR))
    session = client.session
    session["policies.desk_seen"] = ago(60)
    session.save()
    return client


def nobody_knows_how() -> Client:
    """A session that says nothing of how or when its user signed in."""
    client = Client()
    client.force_login(staff())
    return client


def without_a_place() -> Client:
    return signed_in(factories.make_user(), method="mfa")


EVERYBODY = [
    Client,
    only_a_mailed_code,
    second_factor_not_given,
    left_alone,
    since_yesterday,
    nobody_knows_how,
    without_a_place,
]


def test_no_page_of_the_desk_opens_for_whoever_has_not_shown_enough() -> None:
    paths = addresses(World())
    assert {"/admin/", "/admin/preview/", "/admin/policies/policy/"} <= set(paths)
    opened = [(who.__name__, path) for who in EVERYBODY for path in opened_to(who(), paths)]
    assert opened == []


def opened_to(client: Client, paths: list[str]) -> list[str]:
    """What opened for a session, which is brought back where an address ended it."""
    given = dict(client.session)
    found = []
    for path in paths:
        if dict(client.session) != given:
            session = client.session
            session.update(given)
            session.save()
            client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        # The door is the same for both; a page that takes no POST says so before anybody comes to it.
        answer = client.post(path)
        answer = client.get(path) if answer.status_code == 405 else answer
        if not is_refusal(answer):
            found.append(path)
    return found


def is_refusal(answer: Any) -> bool:
    sent_away: bool = answer.status_code == 302 and answer.headers["Location"].startswith(
        ("/admin/login/", "/sign-in/")
    )
    return sent_away or answer.status_code == 403


def test_whoever_has_shown_enough_comes_in() -> None:
    client = signed_in(staff(), method="mfa")
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/preview/", {"content": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("who", "sent_to"),
    [
        (Client, "/sign-in/login/code/?next=/admin/policies/policy/"),
        (only_a_mailed_code, "/sign-in/second-factor/totp/activate/"),
        (second_factor_not_given, "/sign-in/second-factor/reauthenticate/?next=%2Fadmin%2Fpolicies%2Fpolicy%2F"),
        (left_alone, "/sign-in/reauthenticate/?next=%2Fadmin%2Fpolicies%2Fpolicy%2F"),
        (since_yesterday, "/sign-in/login/code/?next=/admin/policies/policy/"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_everybody_is_sent_where_they_can_show_it(who: Callable[[], Client], sent_to: str) -> None:
    answer = who().get("/admin/policies/policy/", follow=True)
    assert answer.redirect_chain[-1][0] == sent_to
