"""Everybody once: what one sender does with a mail server that behaves, and with one that does not."""

import smtplib
from datetime import timedelta

import pytest

from policies import clock
from policies.models import Delivery, DeliveryAttempt, MailRoute, Notice, Suppression, VersionText
from policies.notices.queue import progress
from policies.notices.send import sending
from policies.notices.write import recipients
from tests.notices.telling import addresses, open_notice, people, send_all, states, told_version
from tests.smtp_sink import Fault, Sink

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.both_databases]


def test_everybody_is_sent_one_mail(smtp_sink: Sink) -> None:
    audience = people(7)
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert addresses(smtp_sink.messages) == sorted(person.address for person in audience)
    assert states(notice) == {"accepted": 7}
    assert progress.counts(notice).accepted == 7


def test_the_bytes_sent_can_be_made_again(smtp_sink: Sink) -> None:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    delivery = Delivery.objects.get(notice=notice)
    assert smtp_sink.messages[0].data == recipients.data_of(notice, delivery, language="en")


def test_nothing_is_sent_twice(smtp_sink: Sink) -> None:
    people(3)
    notice = open_notice()
    send_all(notice, smtp_sink)
    send_all(notice, smtp_sink, at=clock.now() + timedelta(days=1))
    assert len(smtp_sink.messages) == 3


def test_whoever_has_no_address_is_counted_and_not_mailed(smtp_sink: Sink) -> None:
    people(1)
    people(1, address="")
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 1, "suppressed": 1}
    assert progress.counts(notice).by_state == {"accepted": 1, "suppressed": 1}


def test_a_refused_recipient_fails_and_the_others_are_served(smtp_sink: Sink) -> None:
    refused, *_ = people(3)
    smtp_sink.misbehave(Fault(at="rcpt", recipient=refused.address, reply="550 5.1.1 No such user"))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"failed": 1, "accepted": 2}
    assert Suppression.objects.get().reason == Suppression.Reason.HARD_BOUNCE
    attempt = DeliveryAttempt.objects.get(outcome="refused")
    assert (attempt.code, attempt.enhanced_code, attempt.phase) == (550, "5.1.1", "rcpt")


@pytest.mark.parametrize("step", ["rcpt", "data", "dot"])
def test_a_deferred_recipient_is_served_later(smtp_sink: Sink, step: str) -> None:
    people(3)
    smtp_sink.misbehave(Fault(at=step, reply="451 4.7.1 Greylisted", times=1))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2, "queued": 1}
    send_all(notice, smtp_sink, at=clock.now() + timedelta(seconds=200))
    assert states(notice) == {"accepted": 2, "queued": 1}
    send_all(notice, smtp_sink, at=clock.now() + timedelta(seconds=400))
    assert states(notice) == {"accepted": 3}


def test_a_connection_lost_before_the_text_is_certain(smtp_sink: Sink) -> None:
    people(3)
    smtp_sink.misbehave(Fault(at="data", drop=True, times=1))
    notice = open_notice()
    send_all(notice, smtp_sink)
    MailRoute.objects.update(held_until=None)
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 3}
    assert not DeliveryAttempt.objects.filter(outcome="uncertain").exists()
    assert len(smtp_sink.messages) == 3


def test_an_answer_lost_after_the_text_is_uncertain_and_sent_once_more(smtp_sink: Sink) -> None:
    people(3)
    smtp_sink.misbehave(Fault(at="reply", drop=True, times=1))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2, "queued": 1}
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=20))
    assert states(notice) == {"accepted": 3}
    copies = [m.data for m in smtp_sink.messages if addresses(smtp_sink.messages).count(m.recipients[0]) == 2]
    assert len(copies) == 2
    assert copies[0] == copies[1]


def test_after_two_uncertain_tries_it_is_left_to_people(smtp_sink: Sink) -> None:
    people(1)
    smtp_sink.misbehave(Fault(at="reply", drop=True))
    notice = open_notice()
    for hours in range(3):
        send_all(notice, smtp_sink, at=clock.now() + timedelta(hours=hours))
    assert states(notice) == {"uncertain": 1}
    assert len(smtp_sink.messages) == 2


def test_a_server_that_wants_nothing_from_us_pauses_the_notice(smtp_sink: Sink) -> None:
    people(80)
    smtp_sink.misbehave(Fault(at="rcpt", reply="554 5.7.1 Blocked"))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert notice.state == Notice.State.PAUSED
    assert states(notice) == {"queued": 80}
    assert DeliveryAttempt.objects.count() <= 60


def test_a_banner_of_refusal_pauses_the_notice(smtp_sink: Sink) -> None:
    people(2)
    smtp_sink.misbehave(Fault(at="connect", reply="554 5.7.1 Go away"))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert notice.state == Notice.State.PAUSED
    assert states(notice) == {"queued": 2}


def test_a_busy_server_is_left_alone(smtp_sink: Sink) -> None:
    people(2)
    smtp_sink.misbehave(Fault(at="connect", reply="421 4.3.2 Too busy"))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert notice.state == Notice.State.SENDING
    assert states(notice) == {"queued": 2}
    assert MailRoute.objects.get().held_until is not None
    assert not DeliveryAttempt.objects.exists()


def test_the_breaker_trips_before_the_audience_is_burnt(smtp_sink: Sink) -> None:
    people(80)
    smtp_sink.misbehave(Fault(at="rcpt", reply="550 5.1.1 No such user"))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert notice.state == Notice.State.PAUSED
    assert states(notice)["failed"] <= 20


def test_a_worker_that_is_gone_leaves_nobody_behind(smtp_sink: Sink) -> None:
    people(2)
    notice = open_notice()
    Delivery.objects.update(state="claimed", lease_until=clock.now() - timedelta(seconds=1))
    assert sending.recover(at=clock.now(), worker="test") == 0
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(  # type: ignore[union-attr]
        state="sending", attempts=1, lease_until=clock.now() - timedelta(seconds=1)
    )
    assert sending.recover(at=clock.now(), worker="test") == 1
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=20))
    assert states(notice) == {"accepted": 2}
    assert DeliveryAttempt.objects.filter(outcome="uncertain", phase="lost", number=1).count() == 1


@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        ("553 5.1.3 Bad address", "failed", "bad_address"),
        ("552 5.2.2 Mailbox full", "queued", ""),
        ("452 4.2.2 Mailbox full", "queued", ""),
        ("550 5.2.1 Not today", "failed", ""),
    ],
)
def test_what_is_wrong_with_a_recipient(smtp_sink: Sink, reply: str, state: str, reason: str) -> None:
    people(1)
    smtp_sink.misbehave(Fault(at="rcpt", reply=reply))
    notice = open_notice()
    send_all(notice, smtp_sink)
    delivery = Delivery.objects.get(notice=notice)
    assert (delivery.state, delivery.reason) == (state, reason)


def test_a_greylisting_server_is_given_five_minutes(smtp_sink: Sink) -> None:
    people(1)
    smtp_sink.misbehave(Fault(at="rcpt", reply="450 4.2.0 Greylisted", times=1))
    notice = open_notice()
    begun = clock.now()
    send_all(notice, smtp_sink)
    assert Delivery.objects.get().next_attempt_at >= begun + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ("jörg@example.org", "jörg@example.org"),
    ],
)
def test_unusual_addresses_are_written_to(smtp_sink: Sink, address: str, recipient: str) -> None:
    people(1, address=address)
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert addresses(smtp_sink.messages) == [recipient]


@pytest.mark.parametrize("address", ["x" * 65 + "@example.org", "nobody", "a\nb@example.org", "@example.org"])
def test_an_address_that_is_none_fails_with_a_reason(smtp_sink: Sink, address: str) -> None:
    people(1)
    people(1, address=address)
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 1, "failed": 1}
    assert Delivery.objects.get(state="failed").reason == "bad_address"


def test_a_server_without_smtputf8_is_not_asked(smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda _self, name: name == "pipelining")
    people(1, address="jörg@example.org")
    people(2)
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2, "failed": 1}
    assert "SMTPUTF8" in DeliveryAttempt.objects.get(outcome="refused").reply


def test_a_language_that_cannot_be_written_stops_nobody_else(smtp_sink: Sink) -> None:
    people(120)
    people(1, language="de")
    version = told_version()
    text = version.texts.get()
    # A subject with a line break is no subject.
    VersionText.objects.create(version=version, language="de", title="A\nB", body=text.body, sha256=text.sha256)
    notice = open_notice(version)
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 120, "failed": 1}
    assert Delivery.objects.get(state="failed").reason == "unreadable"


def test_a_language_of_many_that_cannot_be_written_pauses_the_notice() -> None:
    people(3)
    people(1, language="de")
    version = told_version()
    text = version.texts.get()
    VersionText.objects.create(version=version, language="de", title="A\nB", body=text.body, sha256=text.sha256)
    assert open_notice(version).state == Notice.State.PAUSED
