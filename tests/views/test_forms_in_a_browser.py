"""Every page with a form is posted by a real Chromium, and none of the forms is taken for a forged one."""

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Response

from tests.browser import OpenPage
from tests.views.forms import DESK, OF_ONES_OWN, PUBLIC, SECOND_FACTOR, Who, forms_on
from tests.whole_site import World, routes

# What shows that a form was turned away at the door, before any of our code looked at it.
AT_THE_DOOR = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}

# A moment later: the answer to the script itself does not get lost as the page goes.
SEND = "form => { form.noValidate = true; setTimeout(() => form.requestSubmit(), 0); }"
PATIENCE = 120_000


@pytest.fixture
def world(web_server: str) -> World:
    return World()


@pytest.mark.parametrize("forms", [PUBLIC | OF_ONES_OWN | SECOND_FACTOR, DESK], ids=["site", "desk"])
def test_every_form_gets_through(forms: dict[str, Who], world: World, web_server: str, open_page: OpenPage) -> None:
    page = open_page(base_url=web_server)
    # How pages look is for others: without styles and scripts they open faster.
    page.route(re.compile("/static/|/jsi18n/"), lambda route: route.abort())
    ways = {route.key: route for route in routes()}
    turned_away = {}
    for name, who in forms.items():
        client = who(world)
        path, found = next(shown(name, client, world.paths(ways[name])), ("", []))
        assert found, f"{name} shows no form"
        for nth in found:
            take_over(page, client, web_server)
            answer = post(page, path, nth)
            is_let_in = answer.status < 500 and answer.status not in AT_THE_DOOR
            if not is_let_in or answer.request.headers.get("origin") != web_server:
                turned_away[name] = (answer.status, answer.request.headers.get("origin"))
    assert turned_away == {}


def shown(name: str, client: Client, paths: Iterable[str]) -> Iterator[tuple[str, list[int]]]:
    """Where a page shows forms, and which of all on the page they are."""
    for path in paths:
        if forms := forms_on(name, client.get(path)):
            yield path, [form.getroottree().xpath("//form").index(form) for form in forms]


def take_over(page: Page, client: Client, site: str) -> None:
    """Go on in the browser as whoever the client is."""
    # Frames that are still on their way must not be asked for by the next one.
    page.goto("about:blank")
    page.context.clear_cookies()
    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if session:
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": site}])


def post(page: Page, path: str, nth: int) -> Response:
    """Send a form as it is; return what the site answered first, before it led on to another page."""
    page.goto(path, wait_until="domcontentloaded")
    # An evidence pack comes as a file, and the page stays; it is a while in the making.
    leads_on: AbstractContextManager[object] = (
        page.expect_download(timeout=PATIENCE) if "/evidence/" in path else page.expect_navigation(wait_until="commit")
    )
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=PATIENCE) as sent, leads_on:
        page.locator("form").nth(nth).evaluate(SEND)
    return sent.value
