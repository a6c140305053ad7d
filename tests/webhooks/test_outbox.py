import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from policies import acceptance, clock, publishing
from policies.acceptance import erasing
from policies.models import Act, Person, WebhookDelivery, WebhookEndpoint, WebhookKind, WebhookMessage
from policies.notices.plan import planning
from policies.webhooks import dispatch, effects, outbox
from tests import people
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of
from tests.evidence import world
from tests.factories import make_person, make_policy, make_version
from tests.notices import telling
from tests.webhooks import listening

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def told(kind: WebhookKind) -> list[dict[str, Any]]:
    found = WebhookMessage.objects.filter(kind=kind).order_by("id")
    return [json.loads(message.body)["data"] for message in found]


def test_every_fact_of_a_policys_life_is_told() -> None:
    listening.endpoint()
    world.build()
    assert [data["version"] for data in told(WebhookKind.VERSION_PUBLISHED)] == [1, 2, 3]
    (moved,) = told(WebhookKind.VERSION_POSTPONED)
    assert (moved["version"], moved["effective_at"]) == (3, "2026-03-12T00:00:00.000000Z")
    assert [data["version"] for data in told(WebhookKind.VERSION_WITHDRAWN)] == [3]
    acts = [data["act"] for data in told(WebhookKind.ACT_RECORDED)]
    assert acts == ["agreed"] * 4 + ["declined", "agreed", "withdrawn"]


def test_an_answer_is_told_without_personal_data() -> None:
    listening.endpoint()
    person = world.build()[0]
    body = WebhookMessage.objects.filter(kind=WebhookKind.ACT_RECORDED).earliest("id").body
    assert json.loads(body)["data"]["person"] == person.external_id
    assert person.address
    assert not any(word in body for word in (person.address, person.name or "nobody"))


def test_what_was_rolled_back_is_not_told() -> None:
    listening.endpoint()
    with transaction.atomic():
        listening.message()
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()


def test_where_nobody_listens_nothing_is_written() -> None:
    listening.endpoint("http://127.0.0.1:9/", WebhookKind.PERSON_ERASED)
    listening.endpoint(disabled_at=NOW)
    world.build()
    assert not WebhookMessage.objects.exists()


def test_an_erasure_is_told_and_what_was_said_before_is_forgotten() -> None:
    listening.endpoint()
    person, *others = world.build()
    name = person.external_id
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert told(WebhookKind.PERSON_ERASED) == [{"person": name}]
    assert {data["person"] for data in told(WebhookKind.ACT_RECORDED)} == {other.external_id for other in others}
    erasing.erase(person=Person.objects.get(pk=person.pk), ground="request", by=None, at=NOW)
    assert len(told(WebhookKind.PERSON_ERASED)) == 1


def test_a_version_that_takes_effect_is_told_once() -> None:
    policy = make_policy()
    make_version(policy, published_at=NOW - timedelta(days=2), effective_at=NOW)
    listening.endpoint()
    assert effects.tell(at=NOW - timedelta(seconds=1)) == 0
    assert [effects.tell(at=NOW) for _ in range(3)] == [1, 0, 0]
    assert [data["version"] for data in told(WebhookKind.VERSION_EFFECTIVE)] == [1]


def test_whoever_listens_only_since_then_is_not_told_of_an_effect() -> None:
    make_version(published_at=NOW - timedelta(days=2), effective_at=NOW)
    listening.endpoint(created_at=NOW + timedelta(hours=1))
    assert effects.tell(at=NOW + timedelta(hours=2)) == 0


def test_a_notice_is_told_when_it_opens_and_when_it_is_done(smtp_sink: Any) -> None:
    listening.endpoint()
    telling.people(3)
    notice = telling.open_notice()
    (opened,) = told(WebhookKind.NOTICE_OPENED)
    assert (opened["people"], opened["notice_kind"]) == (3, "change")
    telling.send_all(notice, smtp_sink)
    notice.refresh_from_db()
    planning.finish(notice=notice, at=clock.now())
    (done,) = told(WebhookKind.NOTICE_FINISHED)
    assert done["counts"]["accepted"] == 3


def test_a_message_too_large_is_a_fault_and_not_sent() -> None:
    listening.endpoint()
    with pytest.raises(outbox.TooLarge):
        outbox.append(WebhookKind.VERSION_PUBLISHED, reference="1", data=lambda: {"x": "y" * 20_000}, at=NOW)


def test_an_answer_costs_one_query_more_where_nobody_listens(django_assert_max_num_queries: Any) -> None:
    world.build()
    act, person = Act.objects.earliest("pk"), Person.objects.earliest("pk")
    with django_assert_max_num_queries(1):
        outbox.act_recorded(act, person, at=NOW)


def test_a_webhook_turned_on_hears_the_very_next_answer() -> None:
    """Nothing remembers that nobody listened: not for a second, and in no process."""
    version = asking_version(asking_policy(), effective_at=NOW)
    endpoint = listening.endpoint(disabled_at=NOW)
    for person in (make_person(), make_person()):
        acceptance.accept(person=person, version=version, showing=screen_of(version), how=BY_FORM, at=NOW)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(disabled_at=None)
    assert [data["person"] for data in told(WebhookKind.ACT_RECORDED)] == [person.external_id]


def test_old_messages_are_forgotten_unless_they_wait() -> None:
    listening.endpoint()
    listening.message("old", at=NOW - timedelta(days=31))
    listening.message("new", at=NOW)
    assert dispatch.forget(at=NOW) == 0
    WebhookDelivery.objects.update(state=WebhookDelivery.State.DELIVERED)
    assert (dispatch.forget(at=NOW, dry_run=True), dispatch.forget(at=NOW)) == (1, 1)
    assert [message.reference for message in WebhookMessage.objects.all()] == ["new"]


def test_a_second_of_two_endpoints_gets_the_same_message() -> None:
    listening.endpoint()
    listening.endpoint("http://127.0.0.1:9/2")
    listening.message()
    assert (WebhookMessage.objects.count(), WebhookDelivery.objects.count()) == (1, 2)
    assert WebhookEndpoint.objects.count() == 2


def test_publishing_twice_by_mistake_is_told_once() -> None:
    listening.endpoint()
    version = make_version()
    for _ in range(2):
        outbox.version_changed(WebhookKind.VERSION_PUBLISHED, version, at=NOW)
    assert len(told(WebhookKind.VERSION_PUBLISHED)) == 1


def test_a_publication_that_is_refused_is_not_told() -> None:
    listening.endpoint()
    with pytest.raises(publishing.Refused):
        publishing.publish(version=make_version(), by=people.edith(), at=NOW)
    assert not WebhookMessage.objects.exists()
