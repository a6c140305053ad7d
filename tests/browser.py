"""A real Chromium. Whatever a page complains about fails the test that opened it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from scripts import chromium

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if not path:
        pytest.fail(chromium.HELP)
    with sync_playwright() as playwright:
        # Playwright keeps an event loop running in this thread; Django would take every query for one made inside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(executable_path=path, args=chromium.launch_arguments())
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> list[str]:
    """Errors in the console, violations of the content security policy, and what could not be loaded."""
    return []


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[OpenPage]:
    """
    Open a page in a browser of its own, with no cookies: one for each of the cast.

    Takes what `Browser.new_context` takes: `viewport`, `color_scheme`, `java_script_enabled`, `base_url` ...
    """
    contexts = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(complaint_of(message)))
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("response", lambda response: complaints.extend(refusal_of(response)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


def complaint_of(message: ConsoleMessage) -> list[str]:
    # A refused page or part of it is judged by its response, below.
    if message.type != "error" or message.text.startswith("Failed to load resource"):
        return []
    return [f"console: {message.text}"]


def refusal_of(response: Response) -> list[str]:
    """Pages may refuse (403, 404, 409 are answers); parts of a page may not, and nothing may break."""
    is_page = response.request.is_navigation_request()
    if response.status >= 500 or (response.status >= 400 and not is_page):
        return [f"{response.status}: {response.url}"]
    return []
