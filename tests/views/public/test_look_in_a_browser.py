"""The colors of a look in a real Chromium: under the content security policy as it is, in the light and in the dark."""

import pytest

from policies import clock
from policies.look import in_use
from tests import factories
from tests.browser import OpenPage

COLOR = "() => getComputedStyle(document.querySelector('.site-footer a')).getPropertyValue('--accent').trim()"


@pytest.mark.parametrize(("scheme", "color"), [("light", "#7a1f5c"), ("dark", "#f0b8dc")])
def test_the_color_is_applied_and_the_logo_is_shown(
    web_server: str, open_page: OpenPage, scheme: str, color: str
) -> None:
    factories.make_look(used_at=clock.now(), accent="#7a1f5c", accent_dark="#f0b8dc", logo=factories.LOGO)
    page = open_page(base_url=web_server, color_scheme=scheme)
    page.wait_for_timeout(1000 * in_use.REREAD_SECONDS + 200)  # the server is another process, and has read already
    page.goto("/")
    assert page.evaluate(COLOR) == color
    assert page.evaluate("() => document.querySelector('.site-logo').naturalWidth") == 1
