"""Two accounts of one mailbox are told apart in every mail, and an answer after a change of address says so."""

from datetime import timedelta
from email.message import EmailMessage
from html import escape
from typing import Any

import pytest
from django.core import mail

from policies import acceptance, account_mail, clock, evidence
from policies.acceptance import receipts
from policies.acceptance.sessions import mailed_code
from policies.models import Act, AuditEvent, Delivery, Person
from policies.notices.write import messages, mime, recipients
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of
from tests.api.test_api import Program
from tests.factories import days_ago, make_person
from tests.notices.telling import open_notice, send_all, told_version
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ODD = "ü=<&>.\"' " + "x" * 150


def parts(sent: EmailMessage) -> tuple[str, str]:
    found = [sent.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (str(each.get_content()) for each in found if each)
    return text, html


def test_notices_to_one_mailbox_name_their_accounts(smtp_sink: Sink) -> None:
    make_person(address="duo@example.net")
    odd = make_person(address="duo@example.net")
    Person.objects.filter(pk=odd.pk).update(external_id=ODD)
    nameless = make_person(address="duo@example.net")
    Person.objects.filter(pk=nameless.pk).update(external_id=None)
    notice = open_notice(told_version())
    send_all(notice, smtp_sink)
    sent = {message.mail["Message-ID"]: message for message in smtp_sink.messages}
    for person in Person.objects.all():
        delivery = Delivery.objects.get(notice=notice, recipient_id=person.pk)
        message = sent[recipients.message_id(delivery.pk)]
        text, html = parts(message.mail)
        assert f"Account: {person.account}\n" in text.replace("\r\n", "\n")
        assert escape(person.account) in html
        assert "fill-in" not in text + html
        assert max(map(len, message.data.split(b"\r\n"))) <= 998
        assert message.data == recipients.data_of(notice, delivery, language="en")


def test_a_preview_names_nobody() -> None:
    shown = messages.preview(told_version(), "en")
    assert "Account: …" in shown.text
    assert "fill-in" not in shown.text + shown.html


def test_a_mail_that_was_written_before_stays_as_it_was() -> None:
    source = "Date: X-Fill-Date\r\nMessage-ID: X-Fill-Message-ID\r\nTo: X-Fill-To\r\n\r\nHello\r\n"
    filling = mime.Filling(to="a@example.org", message_id="<1@x>", written_at=clock.now(), account="u-17")
    assert mime.fill(source, filling).endswith(b"To: a@example.org\r\n\r\nHello\r\n")


def test_a_code_names_every_account_it_is_for() -> None:
    one, other = make_person(address="duo@example.net"), make_person(address="Duo@example.net")
    written = mailed_code._mail("duo@example.net", "ABC", mailed_code.people_at("duo@example.net"))
    assert f"Account: {one.external_id}, {other.external_id}" in written.body


@pytest.fixture
def moved() -> Any:
    """Somebody whose address was changed by the API ten days ago."""
    person = make_person(address="old@example.org")
    Program("people:write").call("put", f"/people/{person.external_id}", {"address": "new@example.org"})
    event = AuditEvent.objects.filter(verb="person.address_changed")
    assert event.get().data["person"] == person.pk
    person.refresh_from_db()
    return person


def answer(person: Person, *, after: timedelta) -> Act:
    version = asking_version(
        asking_policy(), effective_at=days_ago(1), published_at=days_ago(9), title="Terms of Service"
    )
    at = clock.now() + after
    how = BY_FORM
    return acceptance.accept(person=person, version=version, showing=screen_of(version), how=how, at=at)


def test_the_old_address_is_told_of_which_account(moved: Person) -> None:
    account_mail.send_due(at=clock.now())
    (told,) = mail.outbox
    assert told.to == ["old@example.org"]
    assert f"Account: {moved.external_id}" in told.body


def test_an_answer_soon_after_says_so_wherever_it_is_shown(moved: Person) -> None:
    act = answer(moved, after=timedelta(days=10))
    note = "The e-mail address of this account was changed on"
    receipt: Any = receipts.document(act)["receipt"]
    assert receipt["address_changed_at"]
    found = evidence.receipt_of(reference=act.subject_ref, person=moved, at=act.at)
    assert found is not None
    assert note in found.address_changed
    (entry,) = [each for each in evidence.trail_of(moved) if each.act == act]
    assert note in entry.detail
    receipts.mail_due(at=act.at + timedelta(minutes=30))
    (sent,) = [each for each in mail.outbox if "Receipt" in each.subject]
    assert note in sent.body
    assert f"Account: {moved.external_id}" in sent.body


def test_a_later_answer_one_before_and_one_of_somebody_else_do_not(moved: Person) -> None:
    late, other = answer(moved, after=timedelta(days=31)), answer(make_person(), after=timedelta(days=1))
    before = answer(moved, after=-timedelta(hours=1))
    for act in (late, other, before):
        assert "address_changed_at" not in receipts.document(act)["receipt"]  # type: ignore[operator]


def test_a_name_alone_moves_nobody() -> None:
    person = make_person()
    Program("people:write").call("put", f"/people/{person.external_id}", {"name": "Ann"})
    assert account_mail.moved_before(person.pk, clock.now()) is None
