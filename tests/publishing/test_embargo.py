"""The press decides, the clock publishes: until then no face, feed, log, webhook or count knows of it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from policies import acceptance, clock, evidence, ledger, publishing, review, timeline
from policies.models import (
    Acceptance,
    ChangeClass,
    LedgerLeaf,
    Notice,
    Policy,
    Version,
    WebhookKind,
    WebhookMessage,
)
from policies.notices.plan import planning
from policies.operations import monitoring
from policies.webhooks import effects
from tests import factories, people
from tests.acceptance.asking import uma
from tests.webhooks.listening import endpoint

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SECRET = "We keep your mixes for three years from now on."
ADDRESSES = (
    "/",
    "/p/terms/",
    "/p/terms/history/",
    "/p/terms/feed.atom",
    "/p/terms/feed.json",
    "/p/terms/timemap/",
    "/p/terms/compare/",
    "/sitemap.xml",
    "/.well-known/policies.json",
    "/.well-known/policy-log/",
    "/.well-known/policy-log/leaves?start=0&end=100",
    "/api/v1/policies/terms/status",
    "/api/v1/policies/terms/versions",
)


@pytest.fixture
def policy() -> Policy:
    policy = factories.make_policy(slug="terms", title="Terms")
    first = factories.make_approved(policy)
    publishing.publish(version=first, by=people.edith(), at=factories.days_ago(30))
    uma()
    return policy


def under_embargo(policy: Policy, until: datetime, **fields: Any) -> Version:
    fields = {"change_class": ChangeClass.MATERIAL, "acceptance": Acceptance.EXPLICIT, **fields}
    draft = factories.make_approved(policy, body=f"# Terms\n\n{SECRET}\n", visible_from=until, **fields)
    return publishing.publish(version=draft, by=people.edith(), at=clock.now())


def seen(client: Client) -> dict[str, str]:
    found = {address: client.get(address, follow=True) for address in ADDRESSES}
    return {address: f"{page.status_code} {page.content.decode()}" for address, page in found.items()}


def test_nobody_outside_the_desk_sees_it_and_nobody_is_told_before(policy: Policy, client: Client) -> None:
    endpoint("http://127.0.0.1:9/", *WebhookKind, created_at=factories.days_ago(1))
    ledger.seal_all(at=clock.now())
    before = seen(client)
    version = under_embargo(policy, factories.in_days(3), effective_at=factories.in_days(30))
    assert version.published_at == version.visible_from
    assert json.loads(version.manifest)["visible_from"] == ledger.instant(version.visible_from or clock.now())
    now = clock.now()
    ledger.seal_all(at=now)
    planning.plan_due(at=now)
    effects.tell(at=now)
    assert seen(client) == before
    for address in ("/p/terms/v/2/", "/p/terms/compare/1...2/", "/api/v1/policies/terms/versions/2"):
        assert client.get(address).status_code == 404
    assert not Notice.objects.filter(version=version).exists()
    assert not WebhookMessage.objects.filter(reference=str(version.pk)).exists()
    assert acceptance.outstanding(person=uma(), at=now) == ()
    assert LedgerLeaf.objects.get(kind="publication", reference=str(version.pk)).leaf_index is None
    ledger.append(kind="test", reference="late", body={}, at=now)
    seen_by_operators = monitoring.ledger(at=now + timedelta(hours=1))
    assert (seen_by_operators.unsealed, seen_by_operators.waits_since) == (1, now)


def test_the_clock_publishes_and_a_dead_worker_delays_nothing_but_mails(policy: Policy) -> None:
    until = factories.in_days(3)
    version = under_embargo(policy, until, effective_at=factories.in_days(30))
    found = timeline.of(policy, at=until)
    assert found is not None
    assert [entry.version for entry in found.upcoming] == [version]
    (question,) = acceptance.outstanding(person=uma(), at=until)
    assert question.version == version
    earlier = timeline.of(policy, at=until - timedelta(seconds=1))
    assert earlier is not None
    assert earlier.upcoming == []
    planning.plan_due(at=until)
    assert Notice.objects.filter(version=version, stream=Notice.Stream.LEGAL).count() == 1
    ledger.seal_all(at=until)
    assert evidence.verify().findings == []
    leaf = LedgerLeaf.objects.get(kind="publication", reference=str(version.pk))
    assert (leaf.leaf_index is not None, leaf.at) == (True, until)


def test_programs_are_told_once_it_is_visible(policy: Policy) -> None:
    endpoint("http://127.0.0.1:9/", *WebhookKind, created_at=factories.days_ago(1))
    until = factories.in_days(1)
    version = under_embargo(policy, until)
    for _ in range(2):
        effects.tell(at=until + timedelta(minutes=1))
    told = WebhookMessage.objects.filter(reference=str(version.pk)).values_list("kind", flat=True)
    assert sorted(told) == sorted([WebhookKind.VERSION_PUBLISHED, WebhookKind.VERSION_EFFECTIVE])


def test_what_is_withdrawn_under_embargo_is_never_seen(policy: Policy, client: Client) -> None:
    before = seen(client)
    until = factories.in_days(3)
    version = under_embargo(policy, until, effective_at=factories.in_days(30))
    publishing.withdraw(version=version, reason="Not at all.", by=people.edith(), at=clock.now())
    assert seen(client) == before
    found = timeline.of(policy, at=until)
    assert found is not None
    assert [entry.version.number for entry in found.entries] == [1]
    ledger.seal_all(at=until)
    assert evidence.verify().findings == []


def test_it_does_not_take_effect_before_it_is_visible(policy: Policy) -> None:
    with pytest.raises(review.Incomplete, match="before anybody could read it"):
        under_embargo(policy, factories.in_days(3), effective_at=factories.in_days(2))


def test_no_later_number_is_visible_before_it(policy: Policy) -> None:
    under_embargo(policy, factories.in_days(3))
    with pytest.raises(review.Incomplete, match="visible only from"):
        factories.make_approved(policy, effective_at=factories.in_days(9))


def test_an_embargo_that_has_ended_publishes_at_once(policy: Policy) -> None:
    version = under_embargo(policy, factories.days_ago(1))
    assert version.published_at is not None
    assert abs(version.published_at - clock.now()) < timedelta(minutes=1)


def test_the_promise_counts_from_when_it_is_visible(policy: Policy) -> None:
    draft = factories.make_approved(policy, visible_from=factories.in_days(5))
    assert publishing.planned_publication(draft, clock.now()) == draft.visible_from
    assert publishing.planned_effect(draft, clock.now()) == draft.visible_from
