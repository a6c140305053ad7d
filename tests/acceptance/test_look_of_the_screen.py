"""What the organization chose for all pages is on the screen of an answer too, and kept with it."""

import json

import pytest
from django.test import Client

from policies import clock
from policies.models import Act
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version
from tests.acceptance.test_answer_page import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def uma() -> Client:
    asking_version(asking_policy(slug="terms"), effective_at=factories.days_ago(1))
    client = Client()
    client.force_login(people.uma())
    return client


def sources(act: Act) -> dict[str, str]:
    assert act.screen
    return dict(json.loads(act.screen.source)["files"])


def answer(client: Client, form: dict[str, str]) -> int:
    return client.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}).status_code


def test_an_answer_keeps_the_words_that_stood_around_it(uma: Client) -> None:
    words = {"en": {"imprint": "Nordwind GmbH, Hamburg"}}
    factories.make_look(used_at=clock.now(), organization="Nordwind", accent="#7a1f5c", words=words)
    page = uma.get("/review/terms/")
    assert "Nordwind asks for your answer" in page.content.decode()
    assert answer(uma, form_of(page)) == 302
    look = json.loads(sources(Act.objects.get(kind=Act.Kind.AGREED))["look"])
    assert (look["organization"], look["accent"], look["words"]) == ("Nordwind", "#7a1f5c", words)


def test_without_a_look_a_screen_is_what_it_was(uma: Client) -> None:
    assert answer(uma, form_of(uma.get("/review/terms/"))) == 302
    assert "look" not in sources(Act.objects.get(kind=Act.Kind.AGREED))


def test_who_saw_another_look_is_asked_again(uma: Client) -> None:
    form = form_of(uma.get("/review/terms/"))
    factories.make_look(used_at=clock.now(), organization="Nordwind")
    assert answer(uma, form) == 409
    assert not Act.objects.filter(kind=Act.Kind.AGREED).exists()
