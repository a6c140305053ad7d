"""Rows of the matrix of faults (docs/faults.md) that one sender meets: the mail server's, the database's, people's."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.template import TemplateSyntaxError, engines
from django.test import Client
from django.utils import translation

from policies import clock
from policies.acceptance import erasing
from policies.models import Delivery, DeliveryAttempt, Follower, MailRoute, Notice
from policies.notices.plan import planning, steering
from policies.notices.queue import claims
from policies.notices.report import health, notice_audit
from policies.notices.send import by_smtp, sending, smtp, smtp_wire
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.chaos.evidence import kept_by
from tests.notices.telling import addresses, open_notice, people, send_all, sender, states, told_version
from tests.smtp_sink import Fault, Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOBODY_LISTENS = 1


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.HIGH_WATER_FOLDER = str(tmp_path)


@pytest.mark.parametrize(
    "unreachable",
    [
        {"port": NOBODY_LISTENS},
        {"host": "nobody.invalid"},
        {"starttls": True},
        {"tls": True},
        {"user": "edith", "password": "x"},
    ],
    ids=["refused", "no such name", "no STARTTLS", "no TLS", "no sign-in"],
)
def test_a_server_that_cannot_be_reached_charges_nobody_a_try(unreachable: dict[str, Any], smtp_sink: Sink) -> None:
    people(2)
    notice = open_notice()
    server = smtp_wire.Server(**{"host": "127.0.0.1", "port": smtp_sink.port, "timeout": 2, **unreachable})
    hands = sending.Sender(carrier=by_smtp.Smtp(server), worker="test")
    for _turn in range(3):
        hands.send_due(at=clock.now())
    assert states(notice) == {"queued": 2}
    assert not DeliveryAttempt.objects.exists()
    route = MailRoute.objects.get(name=server.name)
    assert route.held_until is not None
    assert route.holds == 1
    assert [problem for problem in health.look(at=clock.now()).problems if server.name in problem] != []


def test_a_server_that_closes_in_between_loses_nobody_and_keeps_the_order(smtp_sink: Sink) -> None:
    people(6)
    smtp_sink.misbehave(Fault(at="mail", reply="421 4.3.2 Closing", times=1))
    notice = open_notice()
    send_all(notice, smtp_sink)
    MailRoute.objects.update(held_until=None)
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 6}
    assert set(DeliveryAttempt.objects.values_list("outcome", "number")) == {("accepted", 1)}
    sent = [message.recipients[0] for message in smtp_sink.messages]
    assert sent == list(Delivery.objects.order_by("pk").values_list("address", flat=True))


@pytest.mark.parametrize("reply", ["451 4.7.1 Greylisted", "452 4.2.2 Mailbox full"])
def test_what_is_put_off_is_not_asked_again_and_again(smtp_sink: Sink, reply: str) -> None:
    people(1)
    smtp_sink.misbehave(Fault(at="rcpt", reply=reply))
    notice = open_notice()
    begin = clock.now()
    for minutes in [*range(0, 30, 2), *range(60, 24 * 60, 60)]:
        send_all(notice, smtp_sink, at=begin + timedelta(minutes=minutes))
    assert 6 <= DeliveryAttempt.objects.count() <= 9
    assert states(notice) == {"queued": 1}


@pytest.mark.parametrize(
    "reply", ["554 5.7.1 Blocked", "530 5.7.0 Authentication required", "535 5.7.8 Wrong password"]
)
@pytest.mark.parametrize("step", ["mail", "rcpt", "dot"])
def test_a_refusal_that_blames_us_burns_nobody(smtp_sink: Sink, step: str, reply: str) -> None:
    people(70)
    smtp_sink.misbehave(Fault(at=step, reply=reply))
    notice = open_notice()
    send_all(notice, smtp_sink)
    assert notice.state == Notice.State.PAUSED
    assert states(notice) == {"queued": 70}
    assert DeliveryAttempt.objects.count() <= 60


@pytest.mark.parametrize("silence", [{"at": "data", "delay": 1.0}, {"at": "mail", "delay": 1.0}])
def test_a_server_that_goes_silent_before_the_text_leaves_no_doubt(smtp_sink: Sink, silence: dict[str, Any]) -> None:
    people(2)
    smtp_sink.misbehave(Fault(times=1, **silence))
    notice = open_notice()
    send_all(notice, smtp_sink, timeout=0.4)
    MailRoute.objects.update(held_until=None)
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2}
    assert not DeliveryAttempt.objects.filter(outcome="uncertain").exists()


@pytest.mark.parametrize("step", ["reply", "dot", "body"])
def test_a_server_that_goes_silent_after_it_leaves_one_uncertain(smtp_sink: Sink, step: str) -> None:
    """Also where it hung up while it read (`body`): the text was on its way, and nobody here knows how far it came."""
    people(2)
    smtp_sink.misbehave(Fault(at=step, delay=1.0, drop=step == "body", times=1))
    notice = open_notice()
    send_all(notice, smtp_sink, timeout=0.4)
    assert DeliveryAttempt.objects.filter(outcome="uncertain").count() == 1
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=20))
    planning.finish(notice=notice, at=clock.now())
    assert states(notice) == {"accepted": 2}
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []


def test_nothing_goes_out_without_an_intention_on_record(smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that takes no more writes once the mail server has said 354: read-only, or full."""
    people(3)
    open_notice()
    original = smtp.Session.go_ahead

    def then_fails(session: smtp.Session) -> None:
        original(session)
        let_the_database_fail()

    monkeypatch.setattr(smtp.Session, "go_ahead", then_fails)
    hands = sender(smtp_sink)
    with pytest.raises(DatabaseError), transaction.atomic():
        hands.send_due(at=clock.now())
    assert smtp_sink.messages == []


def let_the_database_fail() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = 1")
        else:
            cursor.execute("SET transaction_read_only = on")


@pytest.fixture(autouse=True)
def _writable_again() -> Iterator[None]:
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")


def test_a_database_that_takes_no_writes_is_told(smtp_sink: Sink) -> None:
    let_the_database_fail()
    assert [problem for problem in health.look(at=clock.now()).problems if "takes no writes" in problem] != []


def test_the_address_is_the_one_of_now(smtp_sink: Sink) -> None:
    moved, erased, left, stays = people(4)
    notice = open_notice()
    moved.address = "moved@example.org"
    moved.save(update_fields=["address"])
    erasing.erase(person=erased, ground="They asked.", by=None, at=clock.now())
    left.closed_at = clock.now()
    left.save(update_fields=["closed_at"])
    send_all(notice, smtp_sink)
    assert addresses(smtp_sink.messages) == sorted(["moved@example.org", stays.address])
    assert states(notice) == {"accepted": 2, "suppressed": 2}
    assert Delivery.objects.get(recipient_id=moved.pk).address == "moved@example.org"


@pytest.mark.parametrize(("stop", "left"), [(steering.pause, "queued"), (steering.cancel, "cancelled")])
def test_a_notice_that_is_stopped_meanwhile_sends_no_more(
    stop: Callable[..., Any], left: str, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.NOTICE_INTENTIONS_AT_ONCE = 1
    people(5)
    notice = open_notice()
    original = claims.intend

    def stopping(**given: Any) -> set[int]:
        if len(smtp_sink.messages) == 2:
            stop(notice=notice, reason="Wrong.", by=cast.edith(), at=clock.now())
        return original(**given)

    monkeypatch.setattr(claims, "intend", stopping)
    send_all(notice, smtp_sink)
    sweep(at=clock.now(), worker="test")
    assert states(notice) == {"accepted": 2, left: 3}
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []


@pytest.mark.parametrize(("german", "opened"), [(1, "sending"), (3, "paused")])
def test_a_mail_that_cannot_be_written_in_one_language_keeps_nobody_else(
    german: int, opened: str, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(101)
    people(german, language="de")
    break_templates_in("de", monkeypatch)
    notice = open_notice()
    assert notice.state == opened
    if opened == "paused":
        assert "de" in notice.state_reason
        steering.resume(notice=notice, by=cast.edith(), at=clock.now())
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 101, "failed": german}
    assert set(Delivery.objects.filter(state="failed").values_list("reason", flat=True)) == {"unreadable"}


def break_templates_in(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a translated text would that breaks the template it is put into."""
    backend = engines["django"]
    original = type(backend).get_template

    def get_template(*given: Any, **named: Any) -> Any:
        if translation.get_language() == language:
            raise TemplateSyntaxError("Broken.")
        return original(*given, **named)

    monkeypatch.setattr(type(backend), "get_template", get_template)


def test_a_reminder_is_neither_stale_nor_doubled_by_a_day_without_beats(smtp_sink: Sink) -> None:
    people(2)
    now = clock.now()
    version = told_version(
        acceptance="explicit", published_at=factories.days_ago(20), effective_at=now + timedelta(days=5)
    )
    steering.supersede(notice=open_notice(version, at=factories.days_ago(19)), reason="Told.", at=now)
    for at in (now, now + timedelta(days=1), now + timedelta(days=1, seconds=1)):
        sweep(at=at, worker="test")
    assert version.notices.filter(kind="reminder").count() == 1
    # Nobody sends for a week: what would have reminded of a date to come would speak of one that has passed.
    too_late = now + timedelta(days=6)
    sweep(at=too_late, worker="test")
    send_all(version.notices.get(kind="reminder"), smtp_sink, at=too_late)
    assert states(version.notices.get(kind="reminder")) == {"expired": 2}
    assert smtp_sink.messages == []


def test_a_day_without_beats_reminds_nobody_too_late(smtp_sink: Sink) -> None:
    people(1)
    version = told_version(
        acceptance="explicit", published_at=factories.days_ago(20), effective_at=factories.days_ago(0.1)
    )
    open_notice(version, at=factories.days_ago(19))
    sweep(at=clock.now(), worker="test")
    assert not version.notices.filter(kind="reminder").exists()


@pytest.mark.parametrize("kept", [True, False], ids=["kept as a fallback", "thrown away"])
def test_a_link_in_a_mail_outlives_a_change_of_the_key(kept: bool, settings: Any) -> None:
    policy = factories.make_version().policy
    Client().post(f"/p/{policy.slug}/follow/", {"address": "vera@example.org"})
    link = next(line for line in str(mail.outbox[0].body).splitlines() if "/follow/confirm/" in line)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = "another key, of some length " * 3
    Client().post("/" + link.partition("://")[2].partition("/")[2])
    assert (Follower.objects.get().confirmed_at is not None) == kept
