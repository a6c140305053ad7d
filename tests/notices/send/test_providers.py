"""Sending through a provider's HTTP interface: the same states, and what its answers mean."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from policies import clock
from policies.models import Delivery, DeliveryAttempt, DeliveryFact, MailRoute, MailTemplate, Notice
from policies.notices.queue import claims
from policies.notices.report import notice_audit
from policies.notices.returns import provider_reports
from policies.notices.send import by_http, sending
from policies.notices.write import recipients
from tests import mail_provider
from tests.mail_provider import Answer, Provider
from tests.notices.telling import open_notice, people, states

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# Postmark knows no keys; Resend does.
POSTMARK, RESEND = "postmark", "resend"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with mail_provider.running() as running:
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "token",
            "POSTMARK_API_URL": running.url,
            "RESEND_API_KEY": "key",
            "RESEND_API_URL": running.url,
            "WEBHOOK_SECRET": "user:password",
        }
        yield running


def send(notice: Notice, name: str = POSTMARK, *, at: datetime | None = None, timeout: float = 5) -> None:
    hands = sending.Sender(carrier=by_http.Http(name, timeout), worker="test")
    while hands.send_due(at=at or clock.now()):
        pass
    hands.close()
    notice.refresh_from_db()


def later(**period: float) -> datetime:
    return clock.now() + timedelta(**period)


@pytest.mark.parametrize("name", [POSTMARK, RESEND])
def test_everybody_is_sent_one_mail(provider: Provider, name: str) -> None:
    people(3)
    notice = open_notice()
    send(notice, name)
    assert states(notice) == {"accepted": 3}
    assert len(provider.mails) == 3
    assert notice_audit.check(notice) == []


def test_the_intention_is_committed_before_the_request(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    people(1)
    notice = open_notice()
    posted_before: list[int] = []
    intend = claims.intend

    def intending(**given: Any) -> set[int]:
        posted_before.append(provider.requests)
        return intend(**given)

    monkeypatch.setattr(claims, "intend", intending)
    send(notice)
    assert (posted_before, provider.requests) == ([0], 1)


def test_what_is_posted_is_the_mail_on_record(provider: Provider) -> None:
    (person,) = people(1)
    notice = open_notice()
    send(notice)
    mail, delivery = provider.mails[0], Delivery.objects.get()
    assert mail["To"] == person.address
    assert {"Name": "Message-ID", "Value": recipients.message_id(delivery.pk)} in mail["Headers"]
    source = recipients.data_of(notice, delivery, language="en")
    assert mail["Subject"] == MailTemplate.objects.get().subject
    assert DeliveryAttempt.objects.get().body_sha256 == hashlib.sha256(source).hexdigest()
    assert mail["Attachments"][0]["Name"].endswith(".html")


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, silence=1.5)], ids=["500", "silence"])
def test_whoever_may_have_taken_it_is_uncertain(provider: Provider, answer: Answer) -> None:
    people(1)
    notice = open_notice()
    provider.answers.append(answer)
    send(notice, timeout=0.5)
    assert Delivery.objects.get().uncertain_tries == 1
    send(notice, at=later(minutes=20))
    assert states(notice) == {"accepted": 1}
    assert len(provider.mails) == 2
    assert notice_audit.check(notice) == []


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, silence=1.5)], ids=["500", "silence"])
def test_where_keys_are_known_a_second_try_is_certain(provider: Provider, answer: Answer) -> None:
    people(1)
    notice = open_notice()
    provider.answers.append(answer)
    send(notice, RESEND, timeout=0.5)
    assert states(notice) == {"queued": 1}
    send(notice, RESEND, at=later(minutes=20))
    assert states(notice) == {"accepted": 1}
    assert Delivery.objects.get().uncertain_tries == 0
    assert (provider.requests, len(provider.mails)) == (2, 1)


def test_a_key_that_was_forgotten_makes_nothing_certain(provider: Provider) -> None:
    people(1)
    notice = open_notice()
    provider.answers.append(Answer(500))
    send(notice, RESEND)
    send(notice, RESEND, at=later(hours=24))
    assert provider.requests == 1
    assert Delivery.objects.get().uncertain_tries == 1
    send(notice, RESEND, at=later(hours=25))
    assert states(notice) == {"accepted": 1}


def test_a_provider_that_wants_less_is_left_alone(provider: Provider) -> None:
    people(3)
    notice = open_notice()
    provider.answers.append(Answer(429, keeps=False, headers=(("Retry-After", "90"),)))
    send(notice)
    assert states(notice) == {"queued": 3}
    held_until = MailRoute.objects.get(name=POSTMARK).held_until
    assert held_until is not None
    assert held_until > later(seconds=60)
    assert provider.requests == 1


@pytest.mark.parametrize("status", [401, 402, 403])
def test_our_own_fault_pauses_the_notice(provider: Provider, status: int) -> None:
    people(3)
    notice = open_notice()
    provider.answers.extend([Answer(status, keeps=False)] * 3)
    send(notice)
    assert notice.state == Notice.State.PAUSED
    assert states(notice) == {"queued": 3}
    assert provider.requests == 1


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_address_fails_and_the_others_are_served(provider: Provider, status: int) -> None:
    people(3)
    notice = open_notice()
    provider.answers.append(Answer(status, keeps=False))
    send(notice)
    assert states(notice) == {"failed": 1, "accepted": 2}
    assert Delivery.objects.get(state="failed").reason == "bad_address"


def test_a_provider_that_cannot_be_reached_got_nothing(settings: Any) -> None:
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": "http://127.0.0.1:9/"}
    people(2)
    notice = open_notice()
    send(notice)
    assert states(notice) == {"queued": 2}
    assert MailRoute.objects.get(name=POSTMARK).held_until is not None
    assert not DeliveryAttempt.objects.filter(outcome="uncertain").exists()


def test_a_provider_without_a_key_of_ours_pauses_the_notice(settings: Any) -> None:
    settings.ANYMAIL = {}
    people(1)
    notice = open_notice()
    send(notice)
    assert notice.state == Notice.State.PAUSED


def test_its_reports_are_known_by_what_we_gave_it(provider: Provider) -> None:
    people(1)
    notice = open_notice()
    send(notice)

    class Event:
        message_id, event_type, event_id = "id-1", "bounced", "e1"
        metadata = provider.mails[0]["Metadata"]

    assert provider_reports.receive(Event(), source="Postmark", at=clock.now())
    assert DeliveryFact.objects.get().delivery_id == Delivery.objects.get().pk
