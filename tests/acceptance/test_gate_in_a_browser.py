"""The gate closes while somebody writes: what they sent comes back after their answer, whole."""

import time

from django.test import Client

from policies import clock
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.browser import OpenPage
from tests.factories import days_ago

LONG = "Night drive, take 4. “Ümläute” & <tags>.\n" * 1_000


def test_a_long_form_posted_as_the_gate_closes_is_not_lost(web_server: str, open_page: OpenPage) -> None:
    uma()
    client = Client()
    client.force_login(people.uma())
    page = open_page(viewport={"width": 390, "height": 800})
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web_server}])
    page.goto(f"{web_server}/demo/product/")
    page.evaluate(
        "text => { const area = document.createElement('textarea'); area.name = 'notes'; area.value = text;"
        " document.querySelector('form.panel').append(area); }",
        LONG,
    )
    now = clock.now()
    asking_version(asking_policy(slug="terms"), effective_at=now, published_at=now)
    time.sleep(1.1)  # in every process within a second
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Your answer is needed first").wait_for()
    page.get_by_role("link", name="Terms of Service, version 1").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept Terms of Service, version 1").click()
    with page.expect_request(f"{web_server}/demo/product/") as sent:
        page.get_by_role("button", name="Send it now").click()
    page.get_by_text("Your mix was saved.").wait_for()
    fields = sent.value.post_data_json or {}
    assert fields["notes"].replace("\r\n", "\n") == LONG
    assert fields["name"] == "Night drive, take 4"


def test_a_script_that_fetches_is_told_where_the_answer_is_given(
    web_server: str, open_page: OpenPage, complaints: list[str]
) -> None:
    uma()
    client = Client()
    client.force_login(people.uma())
    page = open_page()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web_server}])
    page.goto(f"{web_server}/account/")
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1))
    time.sleep(1.1)  # in every process within a second
    status, kind, accept_at = page.evaluate(
        "async () => { const said = await fetch('/demo/product/');"
        " return [said.status, said.headers.get('Content-Type'), (await said.json()).accept_url]; }"
    )
    assert (status, kind) == (403, "application/problem+json")
    assert accept_at.endswith("/review/terms/")
    assert complaints == [f"403: {web_server}/demo/product/"]
    complaints.clear()
