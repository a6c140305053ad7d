"""What comes back is read, believed only at our own return paths, and kept once."""

import email
import time
from collections.abc import Callable
from email import policy
from typing import TypeVar

import pytest

from policies import clock
from policies.models import Delivery, DeliveryFact, Suppression
from policies.notices.on_site import reach
from policies.notices.returns import bounces, suppression
from tests import factories
from tests.notices.telling import open_notice, people, send_all
from tests.smtp_sink import Sink

T = TypeVar("T")

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


FACT = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{blocks}\n--b--\n"
REPORTED = "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; gone\n\n"


def hostile(to: str) -> dict[str, bytes]:
    """Mails that somebody makes who wants to keep us busy, each with a report in it."""
    head = f'To: {to}\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary="b"\n'
    fact = FACT.format(blocks=REPORTED)
    many = ", ".join(f"a{number}@x.example" for number in range(40_000))
    nested = "".join(f'--b{n}\nContent-Type: multipart/mixed; boundary="b{n + 1}"\n\n' for n in range(5000))
    forwarded = "Content-Type: message/rfc822\n\n" * 5000
    mails = {
        "nested parts": f'To: {to}\nContent-Type: multipart/mixed; boundary="b0"\n\n{nested}',
        "nested mails": f"To: {to}\n{forwarded}",
        "digests": f"To: {to}\n" + 'Content-Type: multipart/digest; boundary="x"\n\n--x\n\n' * 5000,
        "many addresses": f"Cc: {many}\nTo: {many}, {to}\nDelivered-To: {to}\n{head}\n{fact}",
        "a long address": f"To: {'(' * 400_000}\n{head}\n{fact}",
        "many headers": "a:\n" * 300_000 + f"{head}\n{fact}",
        "many parameters": f"To: {to}\nContent-Type: multipart/report" + ';a="";' * 100_000 + f"\n\n{fact}",
        "many quotes": f"To: {to}\nContent-Type: multipart/report;" + '";' * 300_000 + f"\n\n{fact}",
        "pieces of a parameter": f"To: {to}\nContent-Type: a/b" + "".join(f";x*{n}=y" for n in range(90_000)) + "\n\n",
        "many recipients": f"{head}\n{FACT.format(blocks=REPORTED * 15_000)}",
        "nothing but blocks": f"{head}\n{FACT.format(blocks='x:' + chr(10) * 2) * 40}" + "x:\n\n" * 200_000,
        "blank lines": f"{head}\n" + FACT.format(blocks="\n" * 900_000),
        "a long line": f"{head}\n{FACT.format(blocks=REPORTED + 'Diagnostic-Code: ' + 'x ' * 400_000)}",
        "one huge word": f"{head}\n{FACT.format(blocks='Status: ' + '=?utf-8?q?' * 90_000)}",
    }
    return {name: mail.encode() for name, mail in mails.items()}


def timed(action: Callable[[], T]) -> tuple[T, float]:
    """What comes out, and the seconds of CPU it took."""
    began = time.process_time()
    return action(), time.process_time() - began


@pytest.mark.parametrize("name", hostile(""))
@pytest.mark.parametrize("is_ours", [True, False])
def test_a_hostile_mail_keeps_nobody_busy(name: str, is_ours: bool) -> None:
    mail = hostile(bounces.return_path(1) if is_ours else "b+1.000000000000@x.example")[name]
    found, taken = timed(lambda: bounces.read(mail))
    # Beside Python's reading of a harmless mail of as many bytes, just now: the worst of these takes ten times as long.
    harmless = b"Subject: x\n\n" + b"x\n" * 450_000
    assert taken < 30 * min(
        timed(lambda: email.message_from_bytes(harmless, policy=policy.default))[1] for _ in range(3)
    )
    assert len(found) <= (10 if is_ours else 0)


def test_a_report_among_much_else_is_still_read() -> None:
    to = bounces.return_path(1)
    for name in ("many recipients", "a long line"):
        assert bounces.read(hostile(to)[name])[0].status == "5.1.1", name


def test_what_no_database_takes_is_left_out(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    (found,) = report(bounces.return_path(delivery.pk), status="5.1.1\x00\ud800".encode(errors="replace").decode())
    (odd,) = bounces.read(
        REPORT.format(to=bounces.return_path(delivery.pk), action="failed", status="5\0.1.1")
        .replace("\n", "\r\n")
        .encode()
        .replace(b"No such user", b"\0\xff\x1b[31m user")
    )
    assert bounces.record(found, source="dsn", at=clock.now())
    assert bounces.record(odd, source="dsn", at=clock.now())
    assert all(fact.text.isprintable() and fact.code.isprintable() for fact in DeliveryFact.objects.all())


def test_whoever_got_a_mail_cannot_fill_the_record_with_reports_of_it(smtp_sink: Sink) -> None:
    delivery = sent(smtp_sink)
    for number in range(bounces.MOST_FACTS + 5):
        bounces.record(bounces.Report(delivery.pk, "delayed", "4.4.1", "", f"e{number}"), source="dsn", at=clock.now())
    assert DeliveryFact.objects.count() == bounces.MOST_FACTS
