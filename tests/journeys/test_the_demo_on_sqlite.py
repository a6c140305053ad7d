"""A shorter way through the product as `make demo` runs it: SQLite, a broker of files, and the demo's own mailbox."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from policysite.running import processes
from tests.browser import OpenPage
from tests.journeys.cast import CODE, wait_for
from tests.test_demo_command import Running

pytestmark = [pytest.mark.xdist_group("demo")]
NEARLY_EVERYBODY = 250  # of 301 people; some have no address


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A running demo with data of its own; its URL."""
    running = Running(tmp_path / "var", port=processes.free_port())
    try:
        running.wait("policysite is ready")
        yield f"http://127.0.0.1:{running.port}"
    finally:
        processes.stop(running.process, within=20)


def code_for(page: Page, site: str, address: str) -> str:
    """The newest sign-in code of an address, found as a newcomer finds it: in the demo's mailbox."""

    def look() -> str | None:
        page.goto(f"{site}/demo/mailbox/?to={address}")
        if not page.locator("table a").count():
            return None
        page.locator("table a").first.click()
        shown = "\n".join(frame.locator("body").inner_text() for frame in page.frames)
        found = CODE.search(shown)
        return found[1] if found else None

    return wait_for(look, what=f"a sign-in code for {address} in the mailbox")


def sign_in(page: Page, mailbox: Page, site: str, address: str) -> None:
    page.goto(f"{site}/sign-in/login/code/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_for(mailbox, site, address))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def accepted(page: Page) -> int:
    """How many people the notice that is open has reached so far."""
    found = re.search(r"accepted by the mail server\s+(\d+)", " ".join(page.inner_text("main, #main").split()))
    return int(found[1]) if found else 0


def test_the_demo_shows_every_stage(site: str, open_page: OpenPage) -> None:
    vera, uma, edith, mailbox = open_page(), open_page(), open_page(), open_page()

    vera.goto(f"{site}/")
    assert vera.locator("main h2 a").count() == 5
    vera.goto(f"{site}/p/account-terms/compare/1...2/")
    assert vera.locator("ins").count()
    assert vera.context.cookies() == []

    # A notice goes out while Edith watches.
    sign_in(edith, mailbox, site, "edith@example.org")
    notice = edith.get_by_role("link", name="Northwind Account Terms, version 3")

    def is_announced() -> bool:
        edith.goto(f"{site}/admin/policies/notice/")
        return notice.count() > 0

    wait_for(is_announced, what="the worker finds the notice")
    notice.last.click()

    # The terms in force are gated: Uma answers first, and then gets to the product.
    sign_in(uma, mailbox, site, "uma@example.org")
    uma.goto(f"{site}/demo/product/")
    uma.get_by_role("checkbox").check()
    uma.get_by_role("button", name="Accept Northwind Account Terms").click()
    assert "What was recorded" in uma.inner_text("main")
    uma.goto(f"{site}/demo/product/")
    assert "Name of your mix" in uma.inner_text("main")

    def reached() -> bool:
        edith.reload()
        return accepted(edith) > NEARLY_EVERYBODY

    wait_for(reached, what="the notice reaches nearly everybody")
