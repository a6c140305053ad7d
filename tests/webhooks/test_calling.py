import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from policies.webhooks import calling
from tests.webhooks import receiver
from tests.webhooks.receiver import receiving
from tests.webhooks.test_destinations import resolve_to


def test_the_request_is_complete_and_goes_to_the_path() -> None:
    with receiving() as there:
        answer = calling.post(there.url, b'{"a": 1}', {"webhook-id": "msg_1"})
    assert answer.is_good
    (call,) = there.calls
    assert (call.line, call.body) == ("POST /hook?for=us HTTP/1.1", b'{"a": 1}')
    assert call.headers["host"] == f"127.0.0.1:{there.port}"
    assert (call.headers["content-type"], call.headers["webhook-id"]) == ("application/json", "msg_1")


def test_a_redirect_is_not_followed() -> None:
    metadata = receiver.status(302, Location="http://169.254.169.254/latest/meta-data/")
    with receiving() as elsewhere, receiving(metadata, receiver.status(307, Location=elsewhere.url)) as there:
        assert calling.post(there.url, b"{}", {}).error == "redirect (302): not followed"
        assert not calling.post(there.url, b"{}", {}).is_good
    assert not elsewhere.calls


@pytest.mark.parametrize("answering", [receiver.nothing(3), receiver.drips(3)], ids=["silent", "slow loris"])
def test_a_call_ends_when_its_time_is_over(answering: receiver.Answering) -> None:
    with receiving(answering) as there:
        answer = calling.post(there.url, b"{}", {}, longest=0.4)
    # Whoever waits to the end hears something else.
    assert answer.error == "no answer within 0 s"


def test_of_a_huge_answer_only_the_beginning_is_read() -> None:
    sent: list[int] = []
    with receiving(receiver.floods(200, sent)) as there:
        answer = calling.post(there.url, b"{}", {})
    assert len(sent) < 200
    assert answer.is_good
    assert len(answer.text) == calling.KEPT


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2000 OK\r\n\r\n", b"\x00" * 100])
def test_what_is_not_http_is_a_failure(said: bytes) -> None:
    with receiving(receiver.says(said)) as there:
        answer = calling.post(there.url, b"{}", {})
    assert (answer.is_good, answer.status, answer.error[:8]) == (False, None, "not HTTP")


@pytest.mark.parametrize("said", [b"X: " + b"a" * 100_000, b"".join(b"X-%d: a\r\n" % n for n in range(200))])
def test_endless_headers_are_a_failure(said: bytes) -> None:
    with receiving(receiver.says(b"HTTP/1.1 200 OK\r\n" + said + b"\r\n\r\n")) as there:
        assert not calling.post(there.url, b"{}", {}).is_good


def test_nobody_listening_is_a_failure_in_words() -> None:
    with receiving() as there:
        url = there.url
    assert calling.post(url, b"{}", {}).error == "connection: Connection refused"


def test_control_characters_of_an_answer_are_not_kept() -> None:
    with receiving(receiver.status(500, body=b"a\r\nb\x1b[31m")) as there:
        assert calling.post(there.url, b"{}", {}).text == "a  b [31m"


def test_the_certificate_has_to_be_that_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was checked; TLS still names and checks the host."""
    context = certificate("hooks.example", tmp_path)
    with receiving(tls=context) as there:
        resolve_to(monkeypatch, ["127.0.0.1"])
        url = f"https://hooks.example:{there.port}/"
        assert calling.post(url, b"{}", {}).error.startswith("TLS: CERTIFICATE_VERIFY_FAILED")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        assert calling.post(url, b"{}", {}).status == 204
        other = f"https://other.example:{there.port}/"
        assert calling.post(other, b"{}", {}).error.startswith("TLS: CERTIFICATE_VERIFY_FAILED")
    assert [call.headers["host"] for call in there.calls] == [f"hooks.example:{there.port}"]


def certificate(host: str, folder: Path) -> ssl.SSLContext:
    """A certificate for `host` that nobody signed but itself, in `folder` and loaded for a server."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
