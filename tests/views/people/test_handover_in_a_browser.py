"""A product at another origin hands somebody over, in a real Chromium: link, button, questions."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Request

from policies import clock
from policies.acceptance import handover
from policies.models import Act
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.browser import OpenPage
from tests.factories import days_ago

ROOT = Path(__file__).parents[3]


def test_a_person_comes_from_another_origin_and_answers_and_no_other_origin_sees_the_link(
    web_server: str, open_page: OpenPage
) -> None:
    version = asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    token = handover.issue(person=uma(), return_to="", source="Studio", at=clock.now())
    page = open_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - Playwright wants a function of Python
    product = web_server.replace("127.0.0.1", "localhost")
    page.goto(f"{product}/p/terms/")
    page.evaluate("address => location.assign(address)", f"{web_server}/hand-over/{token}/")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=f"Accept Terms of Service, {version.name}").click()
    page.get_by_role("heading", name="You accepted the Terms of Service").wait_for()
    page.evaluate("address => location.assign(address)", f"{product}/p/terms/")
    page.wait_for_url(f"{product}/**")
    elsewhere = [request for request in sent if urlsplit(request.url).hostname == "localhost"]
    assert [request.headers for request in elsewhere if token in request.headers.get("referer", "")] == []


def test_one_answer_leads_back_to_the_product_which_reads_it(
    web_server: str, open_page: OpenPage, settings: Any
) -> None:
    version = asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    product = web_server.replace("127.0.0.1", "localhost")
    settings.HAND_OVER_ORIGINS = [product]
    token = handover.issue(person=uma(), return_to=f"{product}/p/terms/?tab=2#end", source="Studio", at=clock.now())
    page = open_page()
    page.goto(f"{web_server}/hand-over/{token}/")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=f"Accept Terms of Service, {version.name}").click()
    page.wait_for_url(f"{product}/p/terms/?tab=2&policysite=agreed&act=*")
    there = urlsplit(page.url)
    assert there.fragment == "end"
    told = documented()(there.query, handover.return_key(token))
    assert told == {"policysite": ["agreed"], "act": [str(Act.objects.get(kind="agreed").subject_ref)]}
    assert documented()(there.query.replace("agreed", "declined"), handover.return_key(token)) is None
    assert documented()(there.query, handover.return_key(token + "x")) is None
    assert documented()("tab=2", handover.return_key(token)) is None


def documented() -> Callable[[str, str], dict[str, list[str]] | None]:
    """The ten lines of docs/integrating.md by which a product checks what it is told."""
    names: dict[str, Any] = {}
    (code,) = re.findall(
        r"```python\n(import hashlib, hmac\n.*?)```", (ROOT / "docs/integrating.md").read_text(), re.DOTALL
    )
    exec(code, names)  # noqa: S102 - our own document
    found: Callable[[str, str], dict[str, list[str]] | None] = names["answered"]
    return found
