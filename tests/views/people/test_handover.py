"""A hand-over that comes twice, from several windows or at once: one gets through, the others read why not."""

import re
from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.acceptance import handover
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.api.test_simultaneous import at_once
from tests.factories import days_ago

pytestmark = pytest.mark.both_databases

SPENT = "This link does not work any more"


@pytest.fixture
def link(db: None) -> str:
    return link_of_uma()


def link_of_uma() -> str:
    return f"/hand-over/{handover.issue(person=uma(), return_to='', source='Studio', at=clock.now())}/"


def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def press(client: Client, link: str) -> Any:
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(link).content.decode())
    return client.post(link, {"csrfmiddlewaretoken": token[1]} if token else {})


def test_of_twenty_that_come_at_once_one_gets_through_and_all_others_read_that_it_was_used(fresh_database: Any) -> None:
    link = link_of_uma()
    answers = at_once(lambda: press(strict(), link), times=20)
    assert sorted(answer.status_code for answer in answers) == [302] + [410] * 19
    assert all(SPENT in answer.content.decode() for answer in answers if answer.status_code == 410)


def test_a_form_of_another_window_reads_that_the_link_was_used(link: str) -> None:
    press(strict(), link)
    answer = strict().post(link, {"csrfmiddlewaretoken": "x" * 64})
    assert (answer.status_code, SPENT in answer.content.decode()) == (410, True)


def test_a_form_that_comes_from_elsewhere_uses_nothing_up_and_shows_the_page(link: str) -> None:
    answer = strict().post(link, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "Going on accepts nothing" in answer.content.decode()) == (403, True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert press(strict(), link).status_code == 302


def handed_over(client: Client, settings: Any) -> None:
    settings.HAND_OVER_ORIGINS = ["https://app.example.org"]
    token = handover.issue(person=uma(), return_to="https://app.example.org/back", source="Studio", at=clock.now())
    client.post(f"/hand-over/{token}/")


@pytest.mark.parametrize(("pressed", "said"), [("decline", "declined"), ("later", "later")])
def test_a_product_hears_of_every_answer(db: None, client: Client, settings: Any, pressed: str, said: str) -> None:
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1))
    handed_over(client, settings)
    page = client.get("/review/terms/").content.decode()
    form = dict(re.findall(r'name="(screen|manifest)" value="([^"]*)"', page))
    assert client.post("/review/terms/", {**form, "answer": pressed}).headers["Location"] == "/hand-over/back/"
    back = client.get("/hand-over/back/").content.decode()
    assert f'content="0; url=https://app.example.org/back?policysite={said}&amp;act=' in back


def test_one_question_is_asked_at_once_and_several_are_listed(db: None, client: Client, settings: Any) -> None:
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1))
    token = handover.issue(person=uma(), return_to="", source="Studio", at=clock.now())
    assert client.post(f"/hand-over/{token}/").headers["Location"] == "/review/terms/"
    asking_version(asking_policy(slug="rules"), effective_at=days_ago(1))
    token = handover.issue(person=uma(), return_to="", source="Studio", at=clock.now())
    assert client.post(f"/hand-over/{token}/").headers["Location"] == "/review/"


def test_nobody_goes_back_before_everything_is_answered(db: None, client: Client, settings: Any) -> None:
    for slug in ("terms", "rules"):
        asking_version(asking_policy(slug=slug), effective_at=days_ago(1))
    handed_over(client, settings)
    page = client.get("/review/terms/").content.decode()
    form = dict(re.findall(r'name="(screen|manifest)" value="([^"]*)"', page))
    answer = client.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert answer.headers["Location"].startswith("/account/receipts/")


def test_there_is_no_way_back_for_who_was_not_handed_over(db: None, client: Client) -> None:
    assert client.get("/hand-over/back/").headers["Location"] == "/review/"
