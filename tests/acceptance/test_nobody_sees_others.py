"""Every address of answers, receipts and accounts, as everybody: nobody reads or changes anything of Uma's but Uma."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from policies import acceptance, clock
from policies.models import Act, DeletionRequest, Person
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.factories import days_ago, make_person
from tests.services import databases

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """Made once, since nobody can change it: what the tests do to it is undone one by one."""
    with django_db_blocker.unblock(), databases.rolled_back():
        yield make_world()


def make_world() -> Any:
    """Uma answered one policy and has to answer another; Oscar is bound by both and has a ward of his own."""
    answered = asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    asking_version(asking_policy(slug="rules"), effective_at=days_ago(1), published_at=days_ago(9))
    person = uma()
    Person.objects.filter(pk=person.pk).update(name="Uma Unmistakable")
    act = acceptance.accept(person=person, version=answered, showing=screen_of(answered), how=BY_FORM, at=clock.now())
    ward = make_person(guardian=person, name="Mia Unmistakable")
    oscar = people.oscar()
    oscar.person = make_person(name="Oscar")
    oscar.save()
    request = acceptance.ask_for_deletion(person=person, policy=answered.policy, at=clock.now())
    return {"ref": act.subject_ref, "ward": ward.pk, "uma": person.pk, "request": request.pk}


def as_visitor() -> Client:
    return Client()


def as_oscar() -> Client:
    return people.signed_in(people.oscar())


def as_edith() -> Client:
    return people.signed_in(people.edith())


ADDRESSES = [
    "/account/", "/account/export/", "/account/leave/", "/account/receipts/{ref}/", "/account/receipts/{ref}.json",
    "/account/receipts/{ref}/undo/", "/review/", "/review/terms/", "/review/rules/", "/review/for/{ward}/rules/",
    "/account/answers/?of={ref}", "/review/for/{ward}/", "/admin/policies/person/{uma}/change/",
    "/admin/policies/person/{uma}/waive/", "/admin/policies/person/{uma}/end-waiver/", "/admin/policies/person/import/",
    "/admin/policies/deletionrequest/", "/admin/policies/deletionrequest/{request}/close/", "/api/v1/people/uma/use",
    "/demo/product/", "/.well-known/policy-log/leaves", "/api/v1/people/uma", "/api/v1/people/uma/acts",
    "/api/v1/people/uma/outstanding", "/api/v1/acts/{ref}/receipt",
    "/api/v1/people/uma/applied?at=2030-01-01T00:00:00Z",
]  # fmt: skip
SECRETS = ("Unmistakable", "uma@example.org", "u***@example.org")


@pytest.mark.parametrize("who", [as_visitor, as_oscar, as_edith])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_reads_anything_of_umas(world: Any, address: Any, who: Any) -> None:
    client = who()
    for response in (client.get(address.format(**world)), client.head(address.format(**world))):
        assert response.status_code < 500
        text = response.content.decode()
        assert not any(secret in text for secret in SECRETS)
        assert world["ref"].hex not in text
        assert str(world["ref"]) not in text or response.status_code in {302, 404}


@pytest.mark.parametrize("who", [as_visitor, as_oscar, as_edith])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_changes_anything_of_umas(world: Any, address: Any, who: Any) -> None:
    client, before = who(), (Act.objects.of(uma()).count(), DeletionRequest.objects.filter(person=uma()).count())
    form = {"answer": "decline", "agree": "yes", "policy": "terms", "screen": "x", "manifest": "0" * 64}
    form |= {"about": "rules", "right": "law", "reason": "None.", "outcome": "Gone.", "on": "2026-01-01"}
    client.post(address.format(**world), form)
    for method in (client.post, client.put, client.patch, client.delete):
        method(address.format(**world), json.dumps(form), content_type="application/json")
    assert (Act.objects.of(uma()).count(), DeletionRequest.objects.filter(person=uma()).count()) == before
    assert Person.objects.filter(name="Uma Unmistakable").exists()
    assert not DeletionRequest.objects.filter(person=uma(), closed_at__isnull=False).exists()


@pytest.mark.parametrize("address", ADDRESSES)
def test_looking_at_ones_own_pages_records_no_answer(world: Any, address: Any) -> None:
    client, before = Client(), Act.objects.count()
    client.force_login(people.uma())
    for method in (client.get, client.head, client.options):
        method(address.format(**world))
    assert Act.objects.count() == before
