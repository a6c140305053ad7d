"""Of each kind the oldest that waits is seen, is late when it should be, and nothing waits where nothing does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from policies import acceptance, account_mail, clock, ledger
from policies.models import (
    AuditEvent,
    Checkpoint,
    CheckpointAnchor,
    DeletionRequest,
    DeliverabilityCheck,
    Delivery,
    Follower,
    TermsProposal,
    WebhookEndpoint,
    WebhookKind,
)
from policies.notices.following import CONFIRM_WITHIN
from policies.notices.plan import planning
from policies.notices.report import health
from policies.operations import backlogs, maintenance
from policies.publishing.terms import ALONE_AFTER
from policies.webhooks import outbox
from tests import factories, people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.notices import telling
from tests.webhooks import listening

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

AGE = timedelta(days=2, hours=5)


def notice_mails(since: datetime) -> None:
    telling.people(1)
    Delivery.objects.filter(notice=telling.open_notice()).update(next_attempt_at=since)


def follower_mails(since: datetime) -> None:
    Follower.objects.create(address="vera@example.org", asked_at=since, confirmed_at=since)
    at = clock.now()
    version = telling.told_version()
    planning.plan_due(at=at)
    planning.freeze_planned(at=at)
    Delivery.objects.filter(notice=version.notices.get(stream="alert")).update(next_attempt_at=since)


def announcements(since: datetime) -> None:
    telling.told_version(published_at=since)


def receipts(since: datetime) -> None:
    version = asking_version(asking_policy(slug="terms"), effective_at=since - timedelta(days=1))
    showing = screen_of(version, wording="I agree.")
    acceptance.accept(person=uma(), version=version, showing=showing, how=BY_FORM, at=since)


def account_mails(since: datetime) -> None:
    event = AuditEvent.record("password.changed", by=None, at=since)
    account_mail.announce(event, user=people.uma(), words="mail/person_address_changed")


def desk_mails(since: datetime) -> None:
    AuditEvent.record("webhook.given_up", by=None, at=since, webhook=1, name="Studio", reason="Gone.")


def deletion_request_mails(since: datetime, *, mailed_at: datetime | None = None) -> None:
    policy = factories.make_policy(time_zone="UTC")
    DeletionRequest.objects.create(
        person=factories.make_person(),
        policy=policy,
        asked_at=since,
        due_on=since.date() - timedelta(days=1) if mailed_at else (since + timedelta(days=30)).date(),
        mailed_at=mailed_at,
    )


def deletion_requests(since: datetime) -> None:
    deletion_request_mails(since, mailed_at=since)


def erasures(since: datetime) -> None:
    factories.make_person(joined_at=since - timedelta(days=9000), closed_at=since - timedelta(days=365 * 3))


def unconfirmed_followers(since: datetime) -> None:
    Follower.objects.create(address="vera@example.org", asked_at=since - CONFIRM_WITHIN)


def terms(since: datetime) -> None:
    policy = factories.make_policy(solo=True)
    TermsProposal.objects.create(
        **policy.terms, policy=policy, reason="Shorter.", by=people.edith(), at=since - ALONE_AFTER
    )


def rows(since: datetime) -> None:
    AuditEvent.record("version.started", by=None, at=since)


def deliverability_checks(since: datetime) -> None:
    DeliverabilityCheck.objects.create(pk=DeliverabilityCheck.ONLY, at=since - maintenance.CHECK_EVERY)


def webhooks(since: datetime) -> None:
    endpoint = listening.endpoint("http://127.0.0.1:9/", WebhookKind.TEST)
    outbox.append_for([endpoint], WebhookKind.TEST, reference="1", data=dict, at=since)


def leaves(since: datetime) -> None:
    ledger.append(kind="test", reference="1", body={}, at=since)


def anchors(since: datetime) -> None:
    leaves(since)
    ledger.seal(at=since)


WAITING: dict[str, Callable[[datetime], None]] = {
    made.__name__: made
    for made in (
        *(notice_mails, follower_mails, announcements, receipts, account_mails, desk_mails, deletion_request_mails),
        *(deletion_requests, erasures, unconfirmed_followers, terms, rows, deliverability_checks, webhooks, leaves),
        anchors,
    )
}


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.SITE_URL, settings.RETENTION_YEARS = "https://policies.example.org", 3
    settings.LEDGER_TSA_URL = "http://127.0.0.1:9/"


def wait_of(name: str, *, at: datetime) -> backlogs.Wait:
    return next(wait for wait in backlogs.look(at=at) if wait.kind.name == name)


def test_every_kind_is_seen_here() -> None:
    assert {kind.name for kind in backlogs.KINDS} == set(WAITING)


@pytest.mark.parametrize("name", WAITING)
def test_the_oldest_of_a_kind_is_seen_and_late(name: str) -> None:
    at = clock.now()
    assert wait_of(name, at=at).age == timedelta(0)
    WAITING[name](at - AGE)
    wait = wait_of(name, at=at)
    # Requests to be deleted are due at the end of a day.
    slack = timedelta(days=1) if name == "deletion_requests" else timedelta(seconds=1)
    assert abs(wait.age - AGE) <= slack
    has_limit = name not in {"notice_mails", "follower_mails"}
    assert wait.is_late == has_limit
    assert bool(backlogs.problems([wait], part=wait.kind.part)) == has_limit
    if wait.late_after:
        assert not backlogs.Wait(wait.kind, wait.late_after).is_late


def test_what_was_done_waits_no_more() -> None:
    at = clock.now()
    anchors(at - AGE)
    head = Checkpoint.objects.get()
    CheckpointAnchor.objects.create(checkpoint=head, kind="timestamp", name="http://127.0.0.1:9/", data="", at=at)
    rows(at - AGE)
    assert wait_of("rows", at=at).age > timedelta(0)
    ledger.bind(at=at)
    assert {name: wait_of(name, at=at).age for name in ("anchors", "rows")} == dict.fromkeys(
        ("anchors", "rows"), timedelta(0)
    )


def test_whoever_is_on_hold_is_not_due() -> None:
    at = clock.now()
    factories.make_person(joined_at=at - timedelta(days=9000), closed_at=at - timedelta(days=8000), legal_hold=True)
    assert wait_of("erasures", at=at).age == timedelta(0)


def test_health_and_figures_tell_what_is_late(client: Client) -> None:
    at = clock.now()
    health.beat(at)
    for name in ("receipts", "leaves", "webhooks"):
        WAITING[name](at - AGE)
    WebhookEndpoint.objects.update(failing_since=at - AGE)
    said: dict[str, Any] = client.get("/health/all/").json()
    assert [sentence for sentence in said["waiting"] if sentence.startswith("A receipt has waited for")]
    assert "waited for its signature" in said["sealing"][0]
    assert len(said["webhooks"]) == 2
    assert said["figures"]["oldest_waiting_seconds"]["receipts"] >= AGE.total_seconds()
    lines = client.get("/metrics").content.decode().splitlines()
    shown = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}
    assert shown['policysite_oldest_waiting_seconds{kind="receipts"}'] >= AGE.total_seconds()
    assert shown['policysite_late_after_seconds{kind="receipts"}'] == 3600
    assert shown['policysite_webhooks{state="failing"}'] == 1
    assert shown["policysite_webhook_failing_seconds"] >= AGE.total_seconds()
