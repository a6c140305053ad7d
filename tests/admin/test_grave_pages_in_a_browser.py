"""Deleting a policy and bringing a date forward in Chromium: to be read by all, on phones, in the dark."""

import pytest
from playwright.sync_api import Page

from policies.admin.desk.page_links import policy_url, version_url
from tests import factories, people
from tests.admin.test_in_a_browser import PHONE, WIDE, at_the_desk, violations
from tests.browser import OpenPage
from tests.publishing.test_bringing_forward import announced, promising


@pytest.fixture
def paths(web_server: str) -> list[str]:
    """What may be deleted, and may not; a day that keeps the promise, and one that breaks it."""
    unwanted = factories.make_policy(slug="unwanted", title="Unwanted terms")
    factories.make_approved(unwanted)
    factories.make_person()
    version = announced(promising(30))
    dates = version_url(version, "bring_forward")
    days = [f"{factories.in_days(days):%Y-%m-%d}" for days in (35, 20)]
    return [
        policy_url(unwanted, "delete_unpublished"),
        policy_url(version.policy, "delete_unpublished"),
        dates,
        *(f"{dates}?day={day}" for day in days),
    ]


def edith(open_page: OpenPage, site: str, **options: object) -> Page:
    return at_the_desk(open_page(base_url=site, **options), people.edith(), site)


def test_they_are_accessible_in_light_and_dark(paths: list[str], web_server: str, open_page: OpenPage) -> None:
    for scheme in ("light", "dark"):
        page = edith(open_page, web_server, color_scheme=scheme, viewport=WIDE)
        found = {path: violations(page, path, only_contrast=scheme == "dark") for path in paths}
        assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_they_fit_a_phone(paths: list[str], web_server: str, open_page: OpenPage) -> None:
    page = edith(open_page, web_server, viewport=PHONE)
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_a_day_is_looked_at_and_set(paths: list[str], web_server: str, open_page: OpenPage) -> None:
    page = edith(open_page, web_server, viewport=WIDE)
    page.goto(paths[2])
    day = f"{factories.in_days(35):%Y-%m-%d}"
    page.get_by_label("Look at a day first").fill(day)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("heading", name="If it took effect on").wait_for()
    assert page.get_by_label("New effective date").input_value() == day
    page.get_by_label("Reason").fill("The year was wrong.")
    page.get_by_role("button", name="Bring it forward").click()
    page.get_by_text("Brought forward: it takes effect on").wait_for()
