"""What a visitor and a program are told where two texts take more work than a request may; nobody else waits for it."""

import secrets
import threading
import time
import urllib.parse
import urllib.request
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from policies.models import Policy
from tests import factories, people

LARGE = f"{factories.BODY}\n" + "Words and more words. " * 1000 + "\n"


@pytest.fixture
def policy(db: None, settings: Any) -> Policy:
    """A policy of two large texts, which nobody compared yet, and no time for any large text."""
    cache.clear()
    policy = factories.make_policy(slug="large")
    for days, body in ((9, LARGE), (8, f"{LARGE}\nMore.\n"), (7, f"{LARGE}\nMost.\n")):
        factories.make_version(policy, body=body, published_at=factories.days_ago(days))
    settings.TEXT_SECONDS = 1e-6
    return policy


def test_a_visitor_is_told_and_sent_to_the_texts(policy: Policy) -> None:
    answer = Client().get("/p/large/compare/1...3/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Too much work for one page" in answer.content.decode()
    assert "longest line" not in answer.content.decode()


def test_a_program_gets_a_problem(policy: Policy) -> None:
    answer = Client().get("/api/v1/policies/large/redline?before=1&after=3")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/problems/too-much-work")


def test_stored_texts_and_redlines_are_shown_as_ever(policy: Policy) -> None:
    for path in ("/p/large/", "/p/large/v/1/", "/p/large/compare/2...3/"):
        assert Client().get(path).status_code == 200, path


# Each of them once kept everybody waiting for as long as a minute.
FREEZING = {
    "blanks": " " * 60_000 + "a",
    "emphasis": "<b> " * 15_000,
    "new lines": "\n" * 60_000,
    "colons": "://" * 20_000,
}


@pytest.mark.parametrize("name", FREEZING)
def test_a_preview_lets_everybody_else_be_answered(name: str, web_server: str) -> None:
    editor, token = people.signed_in(people.edith()), secrets.token_hex(16)
    cookie = f"sessionid={editor.cookies['sessionid'].value}; csrftoken={token}"
    content = urllib.parse.urlencode({"content": f"<i>a</i>{FREEZING[name]}", "csrfmiddlewaretoken": token}).encode()
    preview = urllib.request.Request(f"{web_server}/admin/preview/", content, {"Cookie": cookie})  # noqa: S310 - our own
    shown: list[str] = []

    def post() -> None:
        with urllib.request.urlopen(preview, timeout=60) as answer:  # noqa: S310 - our own
            shown.append(answer.read().decode())

    posting = threading.Thread(target=post)
    posting.start()
    time.sleep(0.2)
    for _time in range(5):
        with urllib.request.urlopen(f"{web_server}/health/", timeout=10) as health:  # noqa: S310 - our own
            assert health.status == 200
    posting.join(timeout=60)
    assert "<p>" in shown[0]
    assert "errornote" not in shown[0]
