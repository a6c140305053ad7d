"""What somebody whom a product handed over can reach: questions, answers and receipts, of all addresses."""

from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.acceptance import handover
from policies.models import Act, DeletionRequest
from tests.whole_site import World, routes

pytestmark = pytest.mark.django_db

REACHED = {
    "policies:questions",
    "policies:questions_for",
    "policies:answer",
    "policies:answer_for",
    "policies:answered",
    "policies:receipt",
    "policies:receipt_file",
    "policies:receipt_proof",
    "policies:noted",
}


@pytest.fixture
def world() -> World:
    return World()


def handed_over(world: World) -> Client:
    client = Client()
    token = handover.issue(person=world.uma, return_to="", source="Studio", at=clock.now())
    assert client.post(f"/hand-over/{token}/").status_code == 302
    return client


def test_of_all_pages_that_want_a_sign_in_a_handed_over_session_reaches_those_where_one_answers(world: World) -> None:
    client, reached = handed_over(world), set()
    for route in routes():
        path = world.paths(route)[0]
        if wants_a_sign_in(Client(), path) and opens(client, path):
            reached.add(route.name)
    assert reached == REACHED


def wants_a_sign_in(visitor: Client, path: str) -> bool:
    return any(is_sent_to_sign_in(answer) for answer in (visitor.get(path), visitor.post(path)))


def opens(client: Client, path: str) -> bool:
    return all(
        answer.status_code != 403 and not is_sent_to_sign_in(answer) for answer in (client.get(path), client.post(path))
    )


def is_sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith(("/sign-in/", "/admin/login/")))


def test_it_asks_for_no_erasure_takes_no_answer_back_and_takes_nothing_along(world: World) -> None:
    client = handed_over(world)
    DeletionRequest.objects.all().delete()
    acts = Act.objects.count()
    for address in ("/account/leave/", f"/account/receipts/{world.act.subject_ref}/undo/"):
        assert client.post(address, {"policy": world.act.version.policy.slug}).status_code == 403
    refused = client.get("/account/export/").content.decode()
    assert "Uma" not in refused
    assert '<a class="button" href="/sign-in/person/?next=/account/export/">' in refused
    assert (Act.objects.count(), DeletionRequest.objects.count()) == (acts, 0)
