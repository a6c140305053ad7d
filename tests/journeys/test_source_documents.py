"""
The five source documents, each imported as it is, its promise read by the desk's own form, and then changed: what their
texts promise about changes holds, and what they do not allow is refused.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from policies import acceptance, authoring, clock, publishing, review
from policies.admin.version.publication import promise_page
from policies.models import Acceptance, DeletionRequest, Delivery, DeliveryAttempt, NoticeSeen, Policy, Promise, Version
from policies.notices.on_site import host_tokens
from policies.text.meaning import promises
from tests import factories, people
from tests.acceptance.asking import BY_FORM, screen_of
from tests.acceptance.asking import uma as a_person
from tests.corpus.shared import SEEDS, needs_seeds
from tests.notices import telling
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, needs_seeds]

MAI, ELEVEN, MIXMASTER, MOZI, NEUROMIX = (
    "000_0aa3263d8eb16b8c.txt",
    "001_93a9ebca3a5c5054.txt",
    "002_63d21083de6ffa9a.txt",
    "003_871c1a2c86eca831.txt",
    "004_46f1a31f250cbd32.txt",
)
ADDED = "\n\nWe also keep your invoices for ten years.\n"


def imported(name: str, *, never_retroactive: bool = False, tiers: Sequence[str] = (), **terms: Any) -> Policy:
    """The document as a past version of a policy of its own, with the promise that the form starts with."""
    at = clock.now()
    policy = factories.make_policy(slug="privacy", title="Privacy Policy", **terms)
    version = publishing.record_past(
        policy=policy,
        source=(SEEDS / name).read_bytes(),
        filename=name,
        title="Privacy Policy",
        published_at=at - timedelta(days=200),
        effective_at=at - timedelta(days=200),
        by=people.edith(),
        at=at,
    )
    for tier in tiers:
        policy.tiers.create(name=tier)
    found = promises.find(version.texts.get().body)
    assert found is not None
    readings = [authoring.TierReading(**_known(initial)) for initial in promise_page.initials_of(found, version)]
    effective = found.effective if found.effective in Promise.Effective.values else Promise.Effective.UNSPECIFIED
    authoring.record_promise(
        version=version,
        tiers=readings,
        effective=effective,
        never_retroactive=never_retroactive,
        by=people.edith(),
        at=at,
    )
    return policy


def _known(initial: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in initial.items() if name in authoring.TierReading.__dataclass_fields__}


def changed(policy: Policy, *, effective_at: datetime | None, **fields: Any) -> Version:
    """Its next version, with one sentence more, written by one and approved by another."""
    before = policy.versions.published().first()
    assert before is not None
    body = before.texts.get().body + ADDED
    return factories.make_approved(policy, body=body, effective_at=effective_at, **fields)


def published(version: Version, *, at: datetime | None = None) -> Version:
    return publishing.publish(version=version, by=people.ravi(), at=at or clock.now())


def _approved(version: Version) -> Version:
    review.submit(version=version, by=people.edith(), at=clock.now())
    review.approve(version=version, by=people.ravi(), at=clock.now())
    return published(version)


def test_neuromix_tells_before_it_takes_effect(smtp_sink: Sink) -> None:
    policy = imported(NEUROMIX)
    telling.people(3)
    soon = changed(policy, effective_at=None)
    with pytest.raises(publishing.PromiseBroken) as refused:
        published(soon)
    assert "before" in str(refused.value)

    # With a day that leaves time, everybody has their mail before it.
    authoring.save_draft(
        version=soon, by=people.edith(), at=clock.now(), fields={"effective_at": factories.in_days(10)}
    )
    version = _approved(soon)
    notice = telling.open_notice(version)
    telling.send_all(notice, smtp_sink)
    assert len(smtp_sink.messages) == 3
    assert version.effective_at is not None
    deliveries = Delivery.objects.filter(notice=notice).values("pk")
    tried = DeliveryAttempt.objects.filter(delivery_id__in=deliveries).values_list("ended_at", flat=True)
    assert all(ended_at and ended_at < version.effective_at for ended_at in tried)


def test_mozis_app_asks_and_says_that_it_was_shown(client: Client, settings: Settings) -> None:
    settings.HOST_KEY = "the app and this site share it" * 2
    policy = imported(MOZI, tiers=["significant"])
    person = factories.make_person()
    assert _status(client, policy, installed=1)["is_current"] is True
    version = published(changed(policy, effective_at=None, tier="significant"))
    status = _status(client, policy, installed=1)
    assert status["is_current"] is False
    assert status["in_force"]["version"] == version.number == 2

    token = host_tokens.sign(str(person.external_id), expires_at=clock.now() + timedelta(hours=1))
    told = client.post(
        "/api/v1/ack",
        {"policy": "privacy", "version": 2, "place": "app"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert told.status_code == 200, told.content
    assert NoticeSeen.objects.get().version == version


def test_mixmaster_has_no_accounts_and_tells_by_page_and_date_alone(client: Client) -> None:
    policy = imported(MIXMASTER, never_retroactive=True, has_accounts=False)
    telling.people(3)
    follower = people.vera(policy)
    version = changed(policy, effective_at=None, retroactive=True)
    with pytest.raises(publishing.PromiseBroken) as refused:
        published(version)
    assert "never to apply changes to what people gave before" in str(refused.value)

    authoring.save_draft(version=version, by=people.edith(), at=clock.now(), fields={"retroactive": False})
    version = _approved(version)
    assert not version.tells_people
    page = client.get("/p/privacy/").content.decode()
    assert "invoices for ten years" in page
    assert "Be told by e-mail when it changes" in page
    assert follower.policy == policy


def test_mai_lets_go_whoever_declines() -> None:
    policy = imported(MAI, acceptance=Acceptance.EXPLICIT)
    version = published(changed(policy, effective_at=None, acceptance=Acceptance.EXPLICIT))
    uma = a_person()
    act = acceptance.decline(person=uma, version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())
    acceptance.ask_for_deletion(person=uma, policy=policy, at=clock.now())
    asked = DeletionRequest.objects.get(person=uma)
    assert asked.due_on is not None
    assert act.kind == act.Kind.DECLINED


def _status(client: Client, policy: Policy, *, installed: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/policies/{policy.slug}/status?installed={installed}").json()
    return found


def test_eleven_says_the_month_alone(client: Client) -> None:
    imported(ELEVEN)
    page = client.get("/p/privacy/").content.decode()
    assert "August 2025" in page
    assert "August 1, 2025" not in page
