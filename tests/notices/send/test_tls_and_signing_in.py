"""The way to a mail server that asks for TLS and a password: nothing in the clear, and nobody pays for our mistakes."""

from pathlib import Path
from typing import Any

import pytest

from policies import clock
from policies.models import DeliveryAttempt, MailRoute, Notice
from policies.notices.report import health
from policies.notices.send import by_smtp, sending, smtp_wire
from policysite.running import processes
from tests.notices.telling import open_notice, people, states
from tests.secure_sink import HOST, PASSWORD, USER, Authority, make_authority, running

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("starttls", [True, False], ids=["STARTTLS", "TLS from the start"])


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Authority:
    """An authority that this machine trusts, as an organization's own is made known to OpenSSL."""
    settings.HIGH_WATER_FOLDER = str(tmp_path)
    made = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@pytest.fixture
def notice() -> Notice:
    people(3)
    return open_notice()


def send(notice: Notice, port: int, *, starttls: bool, user: str = "", password: str = "") -> None:
    server = smtp_wire.Server(HOST, port, user=user, password=password, starttls=starttls, tls=not starttls, timeout=5)
    hands = sending.Sender(carrier=by_smtp.Smtp(server), worker="test")
    while hands.send_due(at=clock.now()):
        pass
    hands.close()
    notice.refresh_from_db()


@BOTH
def test_every_mail_goes_out_in_tls(starttls: bool, authority: Authority, notice: Notice) -> None:
    with running(authority.issue(), starttls=starttls, port=processes.free_port()) as sink:
        send(notice, sink.port, starttls=starttls)
    assert sink.handler.mails == [True, True, True]
    assert states(notice) == {"accepted": 3}
    assert bytes(sink.handler.in_clear) == (b"ehlo localhost\r\nSTARTTLS\r\n" if starttls else b"")


@BOTH
@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (None, "unable to get local issuer certificate"),
        ({"name": "127.0.0.2"}, "IP address mismatch"),
        ({"days": -1}, "certificate has expired"),
    ],
    ids=["of somebody else", "for another host", "expired"],
)
def test_without_a_good_certificate_nothing_is_said_and_everybody_waits(
    certificate: dict[str, Any] | None, said: str, starttls: bool, authority: Authority, notice: Notice
) -> None:
    port = processes.free_port()
    bad = stranger(authority).issue() if certificate is None else authority.issue(**certificate)
    with running(bad, starttls=starttls, port=port) as sink:
        send(notice, port, starttls=starttls, user=USER, password=PASSWORD)
    assert (sink.handler.mails, sink.handler.signed_in) == ([], [])
    assert bytes(sink.handler.in_clear) == (b"ehlo localhost\r\nSTARTTLS\r\n" if starttls else b"")
    assert (notice.state, states(notice)) == ("sending", {"queued": 3})
    assert not DeliveryAttempt.objects.exists()
    told = " ".join(health.look(at=clock.now()).problems)
    assert f"{HOST}:{port} is left alone for now: tls: its certificate is not trusted: " in told
    assert said in told
    # Once the certificate is right, everybody is told once.
    MailRoute.objects.update(held_until=None)
    with running(authority.issue(), starttls=starttls, port=port) as sink:
        send(notice, port, starttls=starttls)
    assert sink.handler.mails == [True, True, True]
    assert states(notice) == {"accepted": 3}


def stranger(authority: Authority) -> Authority:
    """An authority that nobody here trusts."""
    folder = authority.file.with_name("stranger")
    folder.mkdir()
    return make_authority(folder)


@BOTH
@pytest.mark.parametrize(("missing", "used"), [([], "PLAIN"), (["PLAIN"], "LOGIN")])
def test_it_signs_in_by_what_the_server_offers(
    missing: list[str], used: str, starttls: bool, authority: Authority, notice: Notice
) -> None:
    # aiosmtpd warns of asking for a password where it does not know of the TLS around it.
    options = {"auth_required": starttls, "auth_exclude_mechanism": missing}
    with running(authority.issue(), starttls=starttls, port=processes.free_port(), **options) as sink:
        send(notice, sink.port, starttls=starttls, user=USER, password=PASSWORD)
    assert sink.handler.signed_in == [used]
    assert states(notice) == {"accepted": 3}


@pytest.mark.parametrize("missing", [["LOGIN"], ["PLAIN"]], ids=["PLAIN", "LOGIN"])
def test_a_wrong_password_pauses_the_notice_and_blames_nobody(
    missing: list[str], authority: Authority, notice: Notice
) -> None:
    options = {"auth_required": True, "auth_exclude_mechanism": missing}
    with running(authority.issue(), starttls=True, port=processes.free_port(), **options) as sink:
        send(notice, sink.port, starttls=True, user=USER, password="wrong")
    assert sink.handler.mails == []
    assert (notice.state, states(notice)) == ("paused", {"queued": 3})
    assert "turned us away (sign-in: 535 5.7.8" in notice.state_reason
    assert "wrong" not in notice.state_reason
    assert not DeliveryAttempt.objects.exists()


def test_a_server_that_cannot_look_up_passwords_now_is_left_alone(authority: Authority, notice: Notice) -> None:
    with running(authority.issue(), starttls=True, port=processes.free_port(), auth_required=True) as sink:
        sink.handler.refusal = "454 4.7.0 Temporary authentication failure"
        send(notice, sink.port, starttls=True, user=USER, password=PASSWORD)
    assert (notice.state, states(notice)) == ("sending", {"queued": 3})
    assert "sign-in: 454" in MailRoute.objects.get(name=f"{HOST}:{sink.port}").held_reason


def test_a_server_that_wants_a_password_and_gets_none_pauses_the_notice(authority: Authority, notice: Notice) -> None:
    with running(authority.issue(), starttls=True, port=processes.free_port(), auth_required=True) as sink:
        send(notice, sink.port, starttls=True)
    assert (notice.state, states(notice)) == ("paused", {"queued": 3})
    assert "530 5.7.0 Authentication required" in notice.state_reason


def test_a_password_in_other_letters_is_said_to_be_the_trouble(authority: Authority, notice: Notice) -> None:
    with running(authority.issue(), starttls=True, port=processes.free_port(), auth_required=True) as sink:
        send(notice, sink.port, starttls=True, user=USER, password="schön")
    assert states(notice) == {"queued": 3}
    reason = MailRoute.objects.get(name=f"{HOST}:{sink.port}").held_reason
    assert reason == "sign-in: user name and password have to be in ASCII"
