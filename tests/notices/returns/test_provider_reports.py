"""What a provider reports: believed only when signed, kept once, in any order."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.http import HttpResponse
from django.test import RequestFactory

from policies import clock
from policies.models import Delivery, DeliveryFact, Suppression
from policies.notices.returns import bounces, provider_reports
from policies.notices.write import recipients
from tests.notices.telling import open_notice, people, send_all
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db

KEY = "the provider's signing key"


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}


@pytest.fixture
def delivery(smtp_sink: Sink) -> Delivery:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    return Delivery.objects.get(notice=notice)


def report(
    delivery: Delivery, *, event: str = "failed", name: str = "e1", key: str = KEY, sender: str | None = None
) -> HttpResponse:
    # Mailgun quotes the envelope of a mail that came by SMTP: there stands the return path.
    # The provider repeats a report under the same token.
    stamp, token = str(int(time.time())), name * 25
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "severity": "permanent",
            "id": name,
            "timestamp": time.time(),
            "recipient": delivery.address,
            "envelope": {"sender": bounces.return_path(delivery.pk) if sender is None else sender},
            "message": {"headers": {"message-id": recipients.message_id(delivery.pk).strip("<>")}},
            "delivery-status": {"code": 550, "message": "5.1.1 No such user"},
        },
    }
    request = RequestFactory().post("/", json.dumps(body), content_type="application/json")
    answer: HttpResponse = MailgunTrackingWebhookView.as_view()(request)
    return answer


def test_a_bounce_is_kept_once(delivery: Delivery) -> None:
    assert report(delivery).status_code == 200
    assert report(delivery).status_code == 200
    fact = DeliveryFact.objects.get()
    assert (fact.kind, fact.code, fact.source) == ("bounced", "5.1.1", "esp Mailgun")
    assert Suppression.objects.get().reason == "hard_bounce"


def test_a_forged_report_changes_nothing(delivery: Delivery) -> None:
    with pytest.raises(AnymailWebhookValidationFailure):
        report(delivery, key="another key")
    assert not DeliveryFact.objects.exists()


def test_reports_come_in_any_order_and_reopen_nothing(delivery: Delivery) -> None:
    report(delivery, name="e1")
    report(delivery, event="delivered", name="e2")
    delivery.refresh_from_db()
    assert delivery.state == "accepted"
    assert DeliveryFact.objects.count() == 2


def test_a_complaint_ends_mail_to_the_address(delivery: Delivery) -> None:
    report(delivery, event="complained")
    assert Suppression.objects.get().reason == "complaint"


def test_a_report_about_somebody_elses_mail_is_passed_over(delivery: Delivery) -> None:
    delivery.pk = 1
    assert report(delivery).status_code == 200
    assert not DeliveryFact.objects.exists()


@pytest.mark.parametrize("sender", ["", "b+{id}.000000000000@northwind.example", "legal@northwind.example"])
def test_a_report_that_only_guesses_the_delivery_is_ignored_and_logged(
    delivery: Delivery, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    guessed = sender.format(id=bounces._base36(delivery.pk))
    assert report(delivery, sender=guessed).status_code == 200
    assert not DeliveryFact.objects.exists()
    assert not Suppression.objects.exists()
    assert "without a mark of ours" in caplog.text


@pytest.mark.parametrize("mark", ["", "0" * 32, None, "ö"])
def test_an_id_in_the_metadata_counts_only_with_its_mark(delivery: Delivery, mark: str | None) -> None:
    class Event:
        message_id, event_type, event_id = "id-1", "bounced", "e1"
        metadata = {"delivery": str(delivery.pk), "mark": mark}

    assert not provider_reports.receive(Event(), source="Postmark", at=clock.now())
    Event.metadata = {**Event.metadata, "mark": bounces.mark(delivery.pk)}
    assert provider_reports.receive(Event(), source="Postmark", at=clock.now())


def test_a_mark_serves_for_no_other_delivery(delivery: Delivery) -> None:
    assert bounces.is_marked(delivery.pk, bounces.mark(delivery.pk))
    assert not bounces.is_marked(delivery.pk + 1, bounces.mark(delivery.pk))
