"""Witnesses that mean harm: whatever they answer is read within bounds, refused in a sentence, and kept in no part."""

import base64
import time
from collections.abc import Iterator
from typing import Any

import pytest

from policies import anchoring, evidence
from policies.anchoring import witnessing
from policies.models import Checkpoint, CheckpointAnchor
from policies.webhooks import calling
from tests import growth
from tests.acceptance.asking import NOW
from tests.anchoring import authorities
from tests.anchoring.test_anchoring import grow
from tests.c2sp import Witness
from tests.webhooks import receiver
from tests.webhooks.receiver import Answering, Receiver, receiving

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ESCAPES = "\x1b[2J\x1b]0;owned\x07\u202e\x9b31m\r\n2026-01-01 ERROR forged"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def witness(there: Receiver, settings: Any) -> Witness:
    found = authorities.witness()
    settings.LEDGER_WITNESSES = ((found.verifier, f"http://127.0.0.1:{there.port}"),)
    return found


@pytest.fixture
def head(witness: Witness) -> Checkpoint:
    return grow()


def refused(there: Receiver, caplog: pytest.LogCaptureFixture, *answers: Answering) -> str:
    """What the log says of this answer, of which nothing may be kept."""
    there.answers[:] = answers
    assert anchoring.anchor_due(at=NOW) == 0
    assert not CheckpointAnchor.objects.exists()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "policies.anchoring"]
    assert line.isprintable()
    assert len(line) < 1_000
    assert evidence.verify().is_good
    return line


def good(line: str) -> Answering:
    return receiver.status(200, body=line.encode())


def test_an_answer_without_end_is_read_at_its_beginning(
    there: Receiver, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[int] = []
    assert "no signature by the key" in refused(there, caplog, receiver.floods(200, sent))
    assert len(sent) < 200


def test_a_signature_behind_more_than_is_read_is_none(
    there: Receiver, witness: Witness, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    padding = "x" * 99 + "\n"
    body = padding * (calling.MOST_READ // len(padding) + 1) + witness.line(head.note)
    assert "no signature by the key" in refused(there, caplog, good(body))


def test_forged_lines_are_looked_at_in_time_that_grows_with_them(
    there: Receiver, witness: Witness, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    took = []
    for lines in (1_000, 5_000):
        caplog.clear()
        started = time.process_time()
        assert "no signature by the key" in refused(there, caplog, good(f"{forged(witness, head)}\n" * lines))
        took.append(time.process_time() - started)
    assert took[1] < 5**growth.LINEAR * took[0]


@pytest.mark.parametrize(
    "answers",
    [
        [receiver.nothing(3)],
        [receiver.drips(3)],
        [receiver.status(409, body=b"0"), receiver.drips(3)],
        [receiver.says(b"HTTP/1.1 100 Continue\r\n\r\n" * 50), receiver.nothing(3)],
    ],
    ids=["silent", "drips", "drips when asked again", "goes on"],
)
def test_everything_together_has_one_deadline(
    there: Receiver, witness: Witness, head: Checkpoint, answers: list[Answering]
) -> None:
    there.answers[:] = answers
    started = time.monotonic()
    with pytest.raises(witnessing.NotWitnessed):
        witnessing.asker(verifier=witness.verifier, url=f"http://127.0.0.1:{there.port}", longest=0.5)(head)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere(
    there: Receiver, head: Checkpoint, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as inside:
        line = refused(there, caplog, receiver.status(code, Location=inside.url))
    assert f"redirect ({code}): not followed" in line
    assert not inside.calls


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "//[::1]/"])
def test_nor_does_one_to_what_is_special(
    there: Receiver, head: Checkpoint, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert "not followed" in refused(there, caplog, receiver.status(302, Location=target))


def test_a_signature_over_an_older_head_is_none(
    there: Receiver, witness: Witness, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    older = witness.line(head.note)
    grow()
    assert "no signature by the key" in refused(there, caplog, good(older))


def test_nor_is_one_by_another_key_in_its_name(
    there: Receiver, witness: Witness, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    assert "no signature by the key" in refused(there, caplog, good(forged(witness, head)))


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00" * 5_000, b"\xff\xfe\x80\xc3\x28", "— ".encode() * 9_000, b"\n" * 60_000, ESCAPES.encode()],
    ids=["nothing", "zeros", "no UTF-8", "dashes", "newlines", "escapes"],
)
@pytest.mark.parametrize("code", [200, 204, 400, 409, 500])
def test_garbage_is_refused_in_words(
    there: Receiver, head: Checkpoint, code: int, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    refused(there, caplog, receiver.status(code, body=body))


@pytest.mark.parametrize("size", [b"-1", b"9" * 18, b"9" * 4_000, b"\xd9\xa3", b"3.0", b"0x3", b"3 3"])
def test_a_size_that_is_none_of_ours_is_refused(
    there: Receiver, head: Checkpoint, size: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    refused(there, caplog, receiver.status(409, body=size))


def test_whoever_always_saw_another_head_is_asked_twice(
    there: Receiver, head: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    assert "saw another head meanwhile" in refused(there, caplog, receiver.status(409, body=b"0"))
    assert len(there.calls) == 2


def test_of_a_line_said_twice_one_is_kept(there: Receiver, witness: Witness, head: Checkpoint) -> None:
    line = witness.line(head.note)
    there.answers[:] = [good(f"{line}\n{line}\n{line}\n")]
    assert anchoring.anchor_due(at=NOW) == 1
    assert [anchor.data for anchor in CheckpointAnchor.objects.all()] == [line]


@pytest.mark.parametrize("tail", [f" {ESCAPES}", " — forged.example AAAA", " ", "\t", "\x1b[31m", "=", "\u00a0"])
def test_nothing_hangs_on_to_a_good_line(
    there: Receiver, witness: Witness, head: Checkpoint, tail: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert "no signature by the key" in refused(there, caplog, good(f"{witness.line(head.note)}{tail}"))


def test_a_good_line_among_garbage_is_kept_alone(there: Receiver, witness: Witness, head: Checkpoint) -> None:
    line = witness.line(head.note)
    there.answers[:] = [receiver.status(200, body=f"{ESCAPES}\n{line}\n\x1b[0m".encode() + b"\xff\n")]
    assert anchoring.anchor_due(at=NOW) == 1
    assert anchoring.cosigned(head) == f"{head.note}{line}\n"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        b"HTTP/1.1 200 \x1b[2J\r\nRetry-After: \x1b[31m\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_hardly_http_is_refused_in_words(
    there: Receiver, head: Checkpoint, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    refused(there, caplog, receiver.says(said))


def forged(witness: Witness, head: Checkpoint) -> str:
    """A line as this witness writes them, with its name and key id, by nobody's key."""
    dash, name, given = witness.line(head.note).split(" ")
    raw = base64.b64decode(given)
    return f"{dash} {name} {base64.b64encode(raw[:12] + bytes(len(raw) - 12)).decode()}"
