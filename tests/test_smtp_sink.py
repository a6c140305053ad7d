import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.smtp_sink import Fault, Sink

TEXT = b"Subject: A change\r\n\r\nIt takes effect in May.\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    sink = Sink(tmp_path_factory.mktemp("sink"))
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sink(running: Sink) -> Sink:
    running.forget()
    return running


def send(sink: Sink, *, to: str = "uma@policies.example") -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.sendmail("notices@policies.example", [to], TEXT)


def test_a_message_is_kept_as_it_was_sent(sink: Sink) -> None:
    send(sink)
    (message,) = sink.messages_to("uma@policies.example")
    assert message.data == TEXT
    assert message.mail_from == "notices@policies.example"
    assert message.mail["Subject"] == "A change"


@pytest.mark.parametrize(
    ("step", "reply", "code"),
    [("mail", "451 4.7.1 Later", 451), ("rcpt", "550 5.1.1 Nobody", 550), ("data", "554 5.7.1 Not you", 554)],
)
def test_a_step_is_refused(sink: Sink, step: str, reply: str, code: int) -> None:
    sink.misbehave(Fault(at=step, reply=reply))
    with pytest.raises(smtplib.SMTPException, match=str(code)):
        send(sink)
    assert sink.messages == []


def test_a_refused_banner_ends_the_conversation(sink: Sink) -> None:
    sink.misbehave(Fault(at="connect", reply="554 5.7.1 Blocked"))
    with pytest.raises(smtplib.SMTPConnectError, match="554"):
        send(sink)


def test_421_says_goodbye_and_hangs_up(sink: Sink) -> None:
    sink.misbehave(Fault(at="rcpt", reply="421 4.3.2 Going down"))
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.ehlo()
        client.mail("notices@policies.example")
        assert client.rcpt("uma@policies.example")[0] == 421
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt", "data", "body", "dot"])
def test_a_connection_dropped_before_the_text_was_kept(sink: Sink, step: str) -> None:
    sink.misbehave(Fault(at=step, drop=True))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(sink)
    assert sink.messages == []


def test_a_connection_dropped_after_the_text_was_kept(sink: Sink) -> None:
    sink.misbehave(Fault(at="reply", drop=True))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(sink)
    assert len(sink.messages) == 1


def test_a_fault_can_be_for_one_recipient_and_a_number_of_times(sink: Sink) -> None:
    sink.misbehave(Fault(at="rcpt", reply="450 4.2.2 Full", recipient="uma@", times=1))
    send(sink, to="vera@policies.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sink)
    send(sink)
    assert len(sink.messages) == 2


def test_the_sink_ends_with_its_process(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    sink.start()
    sink.stop()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
