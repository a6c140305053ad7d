"""A policy's text and its changes inside a page of another origin, in a real Chromium, under that page's own policy."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from policies.models import Policy
from tests import factories
from tests.browser import OpenPage

Serve = Callable[[str], str]


@contextmanager
def product(html: str, policy: str) -> Iterator[str]:
    """A page of another origin, which lets its reader's browser ask nobody but itself and this site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve(web_server: str) -> Iterator[Serve]:
    """Serve a body with the elements' script in another origin; gives the page's address."""
    opened = []

    def one(body: str) -> str:
        script = f'<script type="module" src="{web_server}/embed/policy.js"></script>'
        html = (
            f'<!doctype html><html lang="en"><title>Product</title><link rel="icon" href="data:,">{script}{body}</html>'
        )
        rules = f"default-src 'none'; script-src {web_server}; connect-src {web_server}; img-src data:"
        here = product(html, rules)
        opened.append(here)
        return here.__enter__()

    yield one
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture
def privacy(web_server: str) -> Policy:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, published_at=factories.days_ago(30))
    factories.make_version(policy, body=factories.NEXT_BODY, published_at=factories.days_ago(2))
    return policy


def test_a_page_of_another_origin_shows_the_text_in_force_and_what_it_changed(
    privacy: Policy, serve: Serve, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(
        serve(
            '<policy-text policy="privacy">a link</policy-text>'
            '<policy-changes policy="privacy"></policy-changes>'
            '<policy-changes id="side" policy="privacy" before="1" after="2" view="side"></policy-changes>'
        )
    )
    text = page.locator("policy-text article")
    text.wait_for()
    assert text.get_attribute("data-version") == "2"
    assert page.locator("policy-text").inner_text().count("a link") == 0
    inserted = page.locator("policy-changes ins").first
    inserted.wait_for()
    color = inserted.evaluate("it => getComputedStyle(it).backgroundColor")
    assert color != "rgba(0, 0, 0, 0)", "The redline brings its colors."
    page.locator("#side [data-view=side]").wait_for()
    page.locator("policy-text").evaluate("it => it.setAttribute('version', '1')")
    page.locator("policy-text [data-version='1']").wait_for()


def test_what_cannot_be_had_leaves_what_the_page_says_itself(
    privacy: Policy, serve: Serve, open_page: OpenPage, complaints: list[str]
) -> None:
    page = open_page()
    page.goto(serve('<policy-text policy="nowhere"><a href="/there">Our policy</a></policy-text>'))
    said = page.locator("policy-text")
    said.locator("xpath=self::*[not(@aria-busy)]").wait_for()
    assert said.inner_text() == "Our policy"
    # The browser says so, and so does the element; nothing else is wrong.
    assert all("/p/nowhere/current.html" in each for each in complaints)
    assert complaints
    complaints.clear()
