"""Public pages in a real Chromium: light and dark, phone and desk, on paper, without JavaScript."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import factories
from tests.browser import OpenPage

PAGES = (
    "/",
    "/p/privacy/",
    "/p/privacy/de/",
    "/p/privacy/v/1/",
    "/p/privacy/v/3/",
    "/p/privacy/history/",
    "/p/privacy/compare/1...2/",
    "/p/privacy/compare/1...2/?view=side",
    "/p/privacy/compare/1...2/?view=changes",
    "/p/privacy/?as_of=2026-05-20",
    "/p/privacy/v/9/",
    "/nowhere/",
)


@pytest.fixture
def site(web_server: str) -> str:
    """A site with one policy: superseded, in force and announced versions, in two languages, with a table."""
    policy = factories.make_policy(slug="privacy", time_zone="Europe/Berlin")
    german = {"de": "Kurz.\n\n## Eins\n\nText.\n\n## Zwei\n\nText.\n\n## Drei\n\nText.\n"}
    factories.make_version(policy, published_at=datetime(2025, 4, 1, tzinfo=UTC), translations=german)
    factories.make_version(
        policy,
        body=factories.NEXT_BODY + "\n## A section that is new\n\nWith some words.\n",
        published_at=datetime(2026, 5, 5, tzinfo=UTC),
        translations=german,
        what_changed="We keep your data longer.",
        short_version="Little, and not for long.",
    )
    third = factories.BODY.replace("one year", "nine years")
    factories.make_version(policy, body=third, published_at=factories.days_ago(1), effective_at=factories.in_days(30))
    return web_server


def test_every_page_is_accessible_in_light_and_dark_and_sets_no_cookie(site: str, open_page: OpenPage) -> None:
    """No violation of axe's rules, a contrast of 7:1, and nothing the console or the policy would complain about."""
    for scheme in ("light", "dark"):
        page = open_page(base_url=site, color_scheme=scheme, viewport={"width": 1280, "height": 900})
        violations = {path: _violations(page, path, only_contrast=scheme == "dark") for path in PAGES}
        assert {path: found for path, found in violations.items() if found} == {}
        assert page.context.cookies() == []


def test_pages_fit_a_phone_and_are_touched_easily(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site, viewport={"width": 320, "height": 640})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        small = page.evaluate(
            """[...document.querySelectorAll("nav a, button, select, input, summary, .redline-nav a")]
                .map((part) => [part.outerHTML.slice(0, 90), part.getBoundingClientRect()])
                .filter(([, box]) => box.height && (box.height < 24 || box.width < 24)).map(([html]) => html)"""
        )
        assert small == [], path


def test_everything_works_without_javascript(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Privacy Policy").click()
    page.get_by_role("link", name="All versions").click()
    page.get_by_role("link", name="Compare with version 1").click()
    page.get_by_label("To").select_option("3")
    page.get_by_role("button", name="Compare").click()
    assert page.url.endswith("/compare/1...3/?view=inline")
    page.get_by_role("link", name="Changes only").click()
    page.get_by_role("link", name="next change").first.click()
    assert "#change-" in page.url


def test_javascript_adds_links_to_sections_and_keys_between_changes(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site, viewport={"width": 1280, "height": 700})
    page.goto("/p/privacy/#s-how-long-we-keep-it")
    page.wait_for_selector("[data-contents] a[aria-current]")
    assert page.locator("#s-how-long-we-keep-it .section-link").get_attribute("href") == "#s-how-long-we-keep-it"
    page.goto("/p/privacy/compare/1...2/")
    for key, change in (("n", "#change-1"), ("n", "#change-2"), ("p", "#change-1")):
        page.keyboard.press(key)
        page.wait_for_url(f"**/{change}")


def test_a_redline_is_heard_and_printed_without_color(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site, color_scheme="dark")
    page.goto("/p/privacy/compare/1...2/?view=changes")
    heard = page.locator("#redline").aria_snapshot()
    assert "[inserted:" in heard
    assert "[deleted:" in heard
    page.emulate_media(media="print")
    hidden = (".site-footer", ".redline-nav", ".compare-form", ".tabs")
    assert [part for part in hidden if page.locator(part).first.is_visible()] == []
    lines = {"ins": "underline", "del": "line-through"}
    drawn = {
        tag: page.locator(tag).first.evaluate("(part) => getComputedStyle(part).textDecorationLine") for tag in lines
    }
    assert drawn == lines
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def _violations(page: Page, path: str, *, only_contrast: bool) -> list[str]:
    """What axe finds; in the dark nothing but colors differs."""
    page.goto(path)
    options: dict[str, object] = {"rules": {"color-contrast-enhanced": {"enabled": True}}}
    if only_contrast:
        options = {"runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


WIDE_TABLE = """# Prices

| Plan | Price a month | Storage | Songs shared at a time | Transfer | Recipient |
|---|---|---|---|---|---|
| School | 49 € | 1 TB | 500 | International | Northwind Audio GmbH |

| Tarif | Preis im Monat | Speicher | Gleichzeitig geteilte Stücke |
|---|---:|---:|---:|
| Band | 19 € | 250 GB | 100 |
"""


# The words of some cells that stand in more than one line.
BROKEN_WORDS = """cells => cells.flatMap(cell => [...cell.childNodes]).filter(part => part.nodeType === 3).flatMap(
    node =>
    [...node.data.matchAll(/[a-z]+/gi)].filter(word => {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map(word => word[0]))"""


def test_words_in_tables_stay_whole_on_phones(web_server: str, open_page: OpenPage) -> None:
    policy = factories.make_policy(slug="prices")
    first = factories.make_version(policy, body=WIDE_TABLE, published_at=factories.days_ago(9))
    factories.make_version(policy, body=WIDE_TABLE.replace("49", "59"), based_on=first)
    for width in (320, 390, 1280, 1680):
        page = open_page(base_url=web_server, viewport={"width": width, "height": 640})
        for path in ("/p/prices/", "/p/prices/compare/1...2/"):
            page.goto(path)
            broken = page.locator(".prose td, .prose th").evaluate_all(BROKEN_WORDS)
            assert broken == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            table = page.locator(".prose table").first
            # Without the script too, a browser lets its scrolling parts be reached by keyboard; some do not.
            assert width > 390 or table.evaluate("table => table.tabIndex") == 0


@pytest.mark.parametrize("width", [1280, 1680])
def test_a_comparison_uses_the_width_of_its_page(site: str, open_page: OpenPage, width: int) -> None:
    page = open_page(base_url=site, viewport={"width": width, "height": 900})
    page.goto("/p/privacy/compare/1...2/")
    boxes = {name: page.locator(f".comparing > .{name}").bounding_box() for name in ("comparing-numbers", "redline")}
    words = page.locator(".comparing-words dd").first.bounding_box()
    numbers, redline = boxes["comparing-numbers"], boxes["redline"]
    assert numbers
    assert redline
    assert words
    assert numbers["x"] + numbers["width"] <= redline["x"]
    assert redline["x"] + redline["width"] <= words["x"]
    used = redline["x"] + redline["width"] - numbers["x"] + words["width"]
    assert used >= 0.8 * width
    # The numbers begin beside the text, not below what stands above it.
    assert abs(numbers["y"] - words["y"]) < 120


def test_what_changed_since_the_last_visit_stays_in_the_browser(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto("/p/privacy/")
    changed = page.get_by_role("link", name="See what has changed since your last visit")
    assert page.evaluate("localStorage.length") == 0
    sent.clear()
    page.get_by_role("button", name="Remember in this browser").click()
    assert page.evaluate("localStorage.length") == 1
    assert sent == []
    page.reload()
    assert not changed.is_visible()
    # As if version 1 had been in force when they were here before.
    page.evaluate("for (const key of Object.keys(localStorage)) localStorage.setItem(key, '1')")
    page.reload()
    changed.click()
    assert page.url.endswith("/p/privacy/compare/1...2/")
    page.goto("/p/privacy/")
    assert not changed.is_visible()
    sent.clear()
    page.get_by_role("button", name="Forget in this browser").click()
    assert page.evaluate("localStorage.length") == 0
    assert sent == []
