"""The pages of one's own in a real Chromium: signing in, answering, the account, following."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from policies.models import Acceptance
from tests import factories, people
from tests.browser import OpenPage

FOR_ANYBODY = ["/sign-in/login/code/", "/sign-in/person/", "/sign-in/login/", "/p/terms/follow/"]
UMAS = ["/review/", "/review/terms/", "/account/", "/account/leave/", "/demo/product/", "/p/terms/"]


@pytest.fixture
def uma(web_server: str, open_page: OpenPage) -> Page:
    """Uma, signed in, with a version to answer that is in force."""
    policy = factories.make_policy(slug="terms", title="Terms of Service", acceptance=Acceptance.EXPLICIT)
    factories.make_version(policy, published_at=factories.days_ago(60), acceptance=Acceptance.EXPLICIT)
    asking: dict[str, Any] = {
        "acceptance": Acceptance.EXPLICIT,
        "change_class": "material",
        "what_changed": "Data is kept longer.",
    }
    factories.make_version(policy, body=factories.NEXT_BODY, published_at=factories.days_ago(30), **asking)
    client = Client()
    client.force_login(people.uma())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page = open_page(base_url=web_server)
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": web_server}])
    return page


def test_pages_of_ones_own_are_accessible_fit_a_phone_and_have_contrast(uma: Page) -> None:
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}}}
    for path in [*UMAS, *FOR_ANYBODY]:
        for scheme, width in (("light", 1280), ("dark", 320)):
            uma.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            uma.set_viewport_size({"width": width, "height": 800})
            uma.goto(path)
            found = Axe().run(uma, options=options).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], (path, scheme)
            assert uma.evaluate("document.documentElement.scrollWidth") <= width, path


def test_accepting_and_declining_weigh_the_same(uma: Page) -> None:
    """EDPB and R-33: equal prominence; measured, not promised."""
    uma.goto("/review/terms/")
    accept, decline = uma.get_by_role("button", name="Accept"), uma.get_by_role("button", name="Decline")
    boxes = [button.bounding_box() for button in (accept, decline)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)
    assert boxes[0]["height"] == pytest.approx(boxes[1]["height"], abs=1)
