"""Every page of the desk in a real Chromium, those made tomorrow included: nothing cut off, hidden, or hard to hit."""

import re
from pprint import pformat
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from policies import authoring, clock
from policies.admin.desk.page_links import version_url
from tests import people
from tests.browser import OpenPage
from tests.views.forms import OF_ONES_OWN, SECOND_FACTOR
from tests.views.test_forms_in_a_browser import take_over
from tests.whole_site import World, by_code, root, routes

WIDE: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
# CSS pixels (WCAG 2.2, 2.5.8).
TARGET = 24
# Words for scripts, and the way in and out.
NO_PAGES = {"admin:jsi18n", "admin:login", "admin:logout"}
# What is on the page to be hit, apart from links within sentences.
SMALL = """least => [...document.querySelectorAll(
    "#header :is(a, button), .breadcrumbs a, #changelist :is(a, button, summary), .desk-table td > a,"
    + " .desk-table th > a, .desk-tasks a, #content :is(button, select, summary, input:not([type=hidden])),"
    + " .desk-verbs a, .desk-tabs a"
  )]
  .filter(each => each.checkVisibility() && !each.closest(".visually-hidden, .desk-paper, label"))
  .filter(each => !["checkbox", "radio"].includes(each.type))
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width < least || box.height < least)
  .map(([each, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${each.outerHTML.slice(0, 90)}`)"""
# What a window cuts off at its side: the page itself, and lists that scroll in a box of their own.
CUT = """() => [document.documentElement, ...document.querySelectorAll(".results, .desk-table, .desk-wide, fieldset")]
  .filter(each => each.scrollWidth > each.clientWidth + 2)
  .map(each => `${each.scrollWidth} in ${each.clientWidth}: ${each.tagName} ${each.className}`)"""
# How much of what has the focus lies under the bar at the foot of the window. Of a frame, inside of which the focus may
# be anywhere, and of what is higher than what is left of the window, some has to be seen.
UNDER_THE_BAR = """() => {
  const [here, bar] = [document.activeElement, document.querySelector(".desk-bar")];
  if (here === document.body || bar.contains(here)) return 0;
  const [box, free] = [here.getBoundingClientRect(), bar.getBoundingClientRect().top];
  if (box.top >= bar.getBoundingClientRect().bottom) return 0;
  const enough = here.tagName === "IFRAME" || box.height > free ? box.top + 24 : box.bottom;
  return enough - free;
}"""
# Where the window shows the text that is selected in a box; the height of the window that the bar leaves free.
SHOWN_AT = """editor => {
  const box = editor.getBoundingClientRect();
  const free = document.querySelector(".desk-bar").getBoundingClientRect().top;
  for (let y = Math.max(box.top, 0); y < Math.min(box.bottom, free) - 4; y += 4) {
    const at = document.caretPositionFromPoint(box.left + 40, y)?.offset;
    if (at >= editor.selectionStart && at < editor.selectionEnd) return [y, free];
  }
  return [null, free];
}"""


@pytest.fixture
def world(web_server: str) -> World:
    return World()


@pytest.fixture
def desk(world: World, web_server: str, open_page: OpenPage) -> Page:
    page = open_page(base_url=web_server, viewport=WIDE)
    take_over(page, root(world), web_server)
    return page


def pages_of(world: World, client: Client, *, with_part: str = "user-tools") -> list[str]:
    """Each page of the desk that opens with this part of it; of its rows one for each set of templates."""
    found: dict[tuple[str, frozenset[str]], str] = {}
    for route in routes():
        for path in world.paths(route) if route.name.startswith("admin:") and route.name not in NO_PAGES else ():
            answer = client.get(path)
            is_page = answer.status_code == 200 and "text/html" in answer["Content-Type"] and not answer.streaming
            if is_page and with_part in answer.content.decode():
                found.setdefault((route.name, frozenset(str(used.name) for used in answer.templates)), path)
    return list(found.values())


def test_every_page_is_accessible_and_nothing_is_cut_off(world: World, desk: Page) -> None:
    wrong: dict[str, list[str]] = {}
    paths = pages_of(world, root(world))
    assert len(paths) > 80
    for path in paths:
        desk.goto(path)
        found = [*desk.evaluate(SMALL, TARGET), *desk.evaluate(CUT), *violations(desk)]
        wrong |= {path: found} if found else {}
    desk.set_viewport_size(PHONE)
    for path in paths:
        desk.goto(path)
        if (width := desk.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
            wrong[path] = [*wrong.get(path, []), f"{width} wide on a phone"]
    assert not wrong, pformat(wrong, width=200)


def test_pages_of_ones_own_are_accessible_and_fit(world: World, web_server: str, open_page: OpenPage) -> None:
    """Codes, second factors, sessions, receipts, answers: beside the desk, and met by everybody there."""
    page, ways = open_page(base_url=web_server, viewport=PHONE), {route.key: route for route in routes()}
    wrong: dict[str, list[str]] = {}
    more = dict.fromkeys(("mfa_index", "mfa_view_recovery_codes", "policies:answered"), by_code)
    for name, who in (more | OF_ONES_OWN | SECOND_FACTOR).items() - {("policies:my_notices", by_code)}:
        client = who(world)
        for path in world.paths(ways[name])[:2]:
            take_over(page, client, web_server)
            page.goto(path)
            width = page.evaluate("document.documentElement.scrollWidth")
            # Two of the world's policies have one title, so that parts of one screen have one name.
            named = [each for each in violations(page) if not each.startswith("landmark-unique")]
            found = [*named, *([f"{width} wide on a phone"] if width > PHONE["width"] else [])]
            wrong |= {path: found} if found else {}
    assert not wrong, pformat(wrong, width=200)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_that_has_the_focus_lies_under_the_bar(world: World, desk: Page, size: Any) -> None:
    pages = pages_of(world, root(world), with_part='class="desk-bar')
    assert {path.split("/")[-2] for path in pages} == {"change", "publish"}
    desk.set_viewport_size(size)
    for path in pages:
        desk.goto(path)
        for _ in range(len(desk.query_selector_all(":is(a[href], button, input, select, textarea, summary)"))):
            desk.keyboard.press("Tab")
            hidden = desk.evaluate(UNDER_THE_BAR)
            assert hidden <= 1, (path, desk.evaluate("document.activeElement.outerHTML.slice(0, 200)"))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_line_of_a_warning_comes_into_sight(world: World, desk: Page, size: Any) -> None:
    long = ("A paragraph that is so long that no box shows it in one line, wherever it stands. " * 6 + "\n\n") * 20
    body = f"## One\n\n{long}We collect the following:\n\n## Two\n\n{long}"
    text = authoring.TextInput("en", "Privacy Policy", body)
    authoring.save_draft(version=world.draft, by=people.edith(), at=clock.now(), texts=[text])
    desk.set_viewport_size(size)
    desk.goto(version_url(world.draft))
    desk.get_by_role("tab", name="Warnings").click()
    desk.get_by_role("button", name=re.compile("Show line 43")).click()
    shown, free = desk.locator("[name=text-en-body]").evaluate(SHOWN_AT)
    assert desk.evaluate("getSelection().toString()") == "We collect the following:"
    assert shown is not None, "the line lies outside of the box, or of the window"
    assert 0 < shown < free - 20


def violations(page: Page) -> list[str]:
    """What axe finds, the size of targets with it."""
    options = {"preload": False, "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]
