"""What comes back is read, believed only at our own return paths, and kept once."""

import pytest

from policies import clock
from policies.models import Delivery, DeliveryFact, Suppression
from policies.notices.on_site import reach
from policies.notices.returns import bounces, suppression
from tests import factories
from tests.notices.telling import open_notice, people, send_all
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REPORT = """\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; somebody@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} No such user

--b--
"""


def report(to: str, *, action: str = "failed", status: str = "5.1.1") -> list[bounces.Report]:
    return bounces.read(REPORT.format(to=to, action=action, status=status).replace("\n", "\r\n").encode())


def sent(sink: Sink) -> Delivery:
    people(1)
    notice = open_notice()
    send_all(notice, sink)
    return Delivery.objects.get(notice=notice)


def test_the_return_path_names_the_delivery(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    assert bounces.delivery_of(smtp_sink.messages[0].mail_from) == delivery.pk


@pytest.mark.parametrize(
    "forged", ["b+abc.000000000000@x.example", "b+abc@x.example", "someone@x.example", "b+.@x", ""]
)
def test_a_return_path_cannot_be_made_up(forged: str) -> None:
    assert bounces.delivery_of(forged) is None
    assert report(forged) == []


def test_a_bounce_is_kept_once_and_never_reopens_sending(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    (found,) = report(bounces.return_path(delivery.pk))
    assert bounces.record(found, source="dsn", at=clock.now())
    assert not bounces.record(found, source="dsn", at=clock.now())
    delivery.refresh_from_db()
    assert delivery.state == "accepted"
    assert DeliveryFact.objects.get().code == "5.1.1"
    assert Suppression.objects.get().reason == "hard_bounce"
    assert reach.coverage(delivery.notice).by_mail == 0


def test_a_full_mailbox_is_not_given_up(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    (found,) = report(bounces.return_path(delivery.pk), status="5.2.2")
    bounces.record(found, source="dsn", at=clock.now())
    assert not Suppression.objects.exists()


def test_reports_may_come_in_any_order(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    for action in ("failed", "delivered", "delayed"):
        (found,) = report(bounces.return_path(delivery.pk), action=action)
        bounces.record(found, source="dsn", at=clock.now())
    assert DeliveryFact.objects.count() == 3
    assert reach.coverage(delivery.notice).came_back == 1


def test_a_suppressed_address_gets_no_mail(smtp_sink: Sink) -> None:
    (person,) = people(1)
    suppression.suppress(person.address.upper(), Suppression.Reason.MANUAL, source="desk", at=clock.now())
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert Delivery.objects.get(notice=notice).reason == Delivery.Reason.BLOCKED
    assert smtp_sink.messages == []


@pytest.mark.parametrize("source", [b"", b"\x00\xff", b"Content-Type: multipart/report\r\n\r\n", b"To: b+\r\n" * 1000])
def test_noise_is_no_report(source: bytes) -> None:
    assert bounces.read(source) == []


@pytest.mark.parametrize(("days", "suppressed"), [((0, 1, 2), False), ((0, 2, 4), True)])
def test_who_keeps_bouncing_gets_no_more_mail(smtp_sink: Sink, days: tuple[int, ...], suppressed: bool) -> None:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    delivery = Delivery.objects.get()
    for day in days:
        event = bounces.Report(delivery.pk, "failed", "4.2.2", "Full", f"event {day}")
        assert bounces.record(event, source="test", at=factories.in_days(day))
    assert Suppression.objects.exists() == suppressed
