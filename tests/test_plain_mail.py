"""Plain mails to international addresses: as they are where the server takes them, and never to somebody else."""

import smtplib
from typing import Any

import pytest
from django.core.mail import get_connection
from django.test import Client

from policies import people_import
from policies.mail import plain_mail
from policies.models import Person
from tests.api.test_api import Program
from tests.notices.telling import open_notice, send_all, states, told_version
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
INTERNATIONAL = "jürgen@müller.example"


def compose(sink: Sink, *to: str) -> Any:
    connection = get_connection("policies.mail.plain_mail.EmailBackend", host="127.0.0.1", port=sink.port, timeout=5)
    return plain_mail.compose(
        subject="Ihr Zugang", body="Grüße,\nwir\n", to=to, sender="Acme <legal@example.org>", connection=connection
    )


def test_a_mail_goes_to_the_address_itself(smtp_sink: Sink) -> None:
    mail = compose(smtp_sink, INTERNATIONAL)
    assert mail.send() == 1
    (message,) = smtp_sink.messages
    assert message.recipients == ("jürgen@xn--mller-kva.example",)
    assert b"\r\nTo: j\xc3\xbcrgen@xn--mller-kva.example\r\n" in message.data
    assert b"fill-in" not in message.data
    assert message.mail.get_content().split() == ["Grüße,", "wir"]
    assert mail.to == [INTERNATIONAL]


def test_a_domain_alone_needs_no_such_server(smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda _self, _name: False)
    assert compose(smtp_sink, "jo@müller.example").send() == 1
    assert smtp_sink.messages[0].recipients == ("jo@xn--mller-kva.example",)
    with pytest.raises(smtplib.SMTPNotSupportedError, match="SMTPUTF8"):
        compose(smtp_sink, INTERNATIONAL).send()
    assert len(smtp_sink.messages) == 1


def test_nobody_is_refused_for_their_address(smtp_sink: Sink, tmp_path: Any) -> None:
    answer = Program("people:read", "people:write").call("put", "/people/j", {"address": INTERNATIONAL})
    assert (answer.status_code, answer.json()["address"]) == (200, INTERNATIONAL)
    (tmp_path / "people.csv").write_text(f"external_id,address\nk,{INTERNATIONAL}\n")
    with (tmp_path / "people.csv").open("rb") as file, people_import.reading(file) as source:
        assert (
            people_import.bring_in(source, name="people.csv", by=None, at=Person.objects.get().joined_at).created == 1
        )
    notice = open_notice(told_version())
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 2}
    assert {message.recipients for message in smtp_sink.messages} == {("jürgen@xn--mller-kva.example",)}


@pytest.mark.parametrize(
    "wrong", ["jürgen", "jürgen@", "@müller.example", "jür gen@müller.example", "jürgen@-.example"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    assert Program("people:write").call("put", "/people/j", {"address": wrong}).status_code == 422


def test_a_code_is_asked_for_with_such_an_address(client: Client) -> None:
    page = client.get("/sign-in/person/").content.decode()
    assert 'inputmode="email"' in page
    assert 'type="email"' not in page
    assert client.post("/sign-in/person/", {"address": INTERNATIONAL}).status_code == 302
