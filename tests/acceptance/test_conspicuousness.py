"""
What courts measure, in a real browser: size, contrast, nearness, equal weight, and words that name the button.

Berman v. Freedom Financial (30 F.4th 849), Sgouros v. TransUnion (817 F.3d 1029), Chabolla v. ClassPass (2025).
"""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page

from policies.models import Act
from policies.views.people import signed_in
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.browser import OpenPage
from tests.factories import days_ago

MEASURE = """selectors => {
  const channels = color => {
    const parts = color.match(/[\\d.]+/g).map(Number);
    return parts.length > 3 && parts[3] === 0 ? null : parts.slice(0, 3);
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found) return found;
    }
    return [255, 255, 255];
  };
  const luminance = rgb => {
    const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const measured = selector => {
    const element = document.querySelector(selector);
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const [light, dark] = [luminance(channels(style.color)), luminance(ground(element))].sort((a, b) => b - a);
    return { size: parseFloat(style.fontSize), contrast: (light + 0.05) / (dark + 0.05),
             top: box.top, bottom: box.bottom, width: box.width,
             height: box.height, weight: style.fontWeight, text: element.innerText };
  };
  const seen = Object.fromEntries(Object.entries(selectors).map(([name, selector]) => [name, measured(selector)]));
  return { ...seen, link: getComputedStyle(document.querySelector("main a:not(.button)")).textDecorationLine };
}"""
ONE = {
    "statement": "#statement",
    "tick": "label[for=agree]",
    "accept": "button[value=accept]",
    "decline": "button[value=decline]",
}
SEVERAL = {
    "statement": "#statement-terms",
    "accept": "label[for=accept-terms]",
    "decline": "label[for=decline-terms]",
    "send": "button[value=send]",
    "later": "button[value=later]",
}


@pytest.fixture
def page(web_server: str, open_page: OpenPage) -> Page:
    """Uma's answer page."""
    uma()
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    return opened("/review/terms/", web_server, open_page)


@pytest.fixture
def several(web_server: str, open_page: OpenPage) -> Page:
    """Her page about two policies that changed together."""
    uma()
    for slug in ("terms", "rules"):
        asking_version(asking_policy(slug=slug), effective_at=days_ago(1), published_at=days_ago(9))
    return opened("/review/", web_server, open_page)


def opened(address: str, server: str, open_page: OpenPage) -> Page:
    client = Client()
    client.force_login(people.uma())
    page = open_page(viewport={"width": 390, "height": 800})
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])
    page.goto(f"{server}{address}")
    return page


def on_screens(page: Page) -> Iterator[tuple[int, str]]:
    """Show the page on a desk and on phones, light and dark; yield width and scheme of each."""
    for width, scheme in ((1280, "light"), (390, "light"), (390, "dark"), (320, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)
        yield width, scheme


def test_what_is_agreed_to_is_as_easy_to_see_as_the_button(page: Page) -> None:
    for screen in on_screens(page):
        seen = page.evaluate(MEASURE, ONE)
        for part in ("statement", "tick", "accept", "decline"):
            assert seen[part]["contrast"] >= 7, (screen, part)
            assert seen[part]["size"] >= 16, (screen, part)
        assert seen["statement"]["size"] >= seen["accept"]["size"], screen
        assert seen["accept"]["text"] in seen["statement"]["text"]
        assert seen["accept"]["top"] - seen["statement"]["bottom"] < 120, screen
        assert "underline" in seen["link"]


def test_declining_weighs_as_much_as_accepting(page: Page) -> None:
    for screen in on_screens(page):
        seen = page.evaluate(MEASURE, ONE)
        for measure in ("width", "height", "size", "weight"):
            assert seen["accept"][measure] == pytest.approx(seen["decline"][measure], abs=1), (screen, measure)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), screen


def test_of_several_documents_each_is_as_easy_to_see_and_to_decline(several: Page) -> None:
    for screen in on_screens(several):
        seen = several.evaluate(MEASURE, SEVERAL)
        for part in SEVERAL:
            assert seen[part]["contrast"] >= 7, (screen, part)
            assert seen[part]["size"] >= 16, (screen, part)
        assert seen["statement"]["size"] >= seen["accept"]["size"], screen
        assert seen["send"]["text"] in seen["statement"]["text"]
        assert seen["accept"]["top"] - seen["statement"]["bottom"] < 120, screen
        for one, other in (("accept", "decline"), ("send", "later")):
            for measure in ("width", "height", "size", "weight"):
                assert seen[one][measure] == pytest.approx(seen[other][measure], abs=1), (screen, one, measure)
        assert "underline" in seen["link"]
        assert several.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), screen
        assert several.locator("input[type=checkbox]:checked").count() == 0


def test_one_press_sends_what_was_ticked_for_each(several: Page) -> None:
    several.locator("#accept-terms").check()
    several.locator("#decline-rules").check()
    several.get_by_role("button", name="Send my answers").click()
    several.get_by_role("heading", name="Your 2 answers were recorded").wait_for()
    assert sorted(Act.objects.values_list("kind", flat=True)) == ["agreed", "declined"]


def test_looking_with_a_whole_browser_accepts_nothing(page: Page) -> None:
    page.mouse.wheel(0, 5000)
    page.wait_for_load_state("networkidle")
    assert not Act.objects.exists()
    page.get_by_role("button", name="Accept Terms of Service, version 1").click()
    assert not Act.objects.exists()  # the box is not ticked
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept Terms of Service, version 1").click()
    page.get_by_role("heading", name="You accepted the Terms of Service, version 1").wait_for()
    # The page's script wrote what the clock of the device said.
    assert signed_in.CLIENT_TIME.fullmatch(Act.objects.get().client_time)
