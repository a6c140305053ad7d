import base64
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from policies import anchoring, ledger
from policies.ledger import notes
from policies.models import Checkpoint, CheckpointAnchor, LedgerLeaf
from tests import c2sp
from tests.acceptance.asking import NOW
from tests.anchoring import authorities
from tests.anchoring.authorities import TimeStampAuthority, serve
from tests.c2sp import Witness
from tests.webhooks import receiver
from tests.webhooks.receiver import Receiver, receiving

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="a time-stamp authority needs openssl")


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def witness(there: Receiver, settings: Any) -> Witness:
    return asked(there, settings, authorities.witness())


def asked(there: Receiver, settings: Any, found: Witness) -> Witness:
    serve(there, found)
    settings.LEDGER_WITNESSES = ((found.verifier, f"http://127.0.0.1:{there.port}"),)
    return found


def grow(leaves: int = 3) -> Checkpoint:
    for _ in range(leaves):
        ledger.append(kind="test", reference=str(LedgerLeaf.objects.count()), body={}, at=NOW)
    head = ledger.seal(at=NOW)
    assert head is not None
    return head


def test_nothing_is_asked_of_anybody_by_default() -> None:
    grow()
    assert anchoring.anchor_due(at=NOW) == 0


def test_a_witness_signs_each_head_that_extends_the_last(witness: Witness, there: Receiver) -> None:
    for number in range(3):
        head = grow()
        assert anchoring.anchor_due(at=NOW + number * 2 * HOUR) == 1
        line = head.anchors.get().data
        assert notes.is_cosigned(head.note, line, verifier=witness.verifier)
    assert [call.body.decode().splitlines()[0] for call in there.calls] == ["old 0", "old 3", "old 6"]
    assert witness.size == 9


def test_the_head_is_handed_out_with_the_witnesss_signature(witness: Witness, client: Client) -> None:
    head = grow()
    anchoring.anchor_due(at=NOW)
    found = client.get("/.well-known/policy-log/checkpoint").content.decode()
    assert found == f"{head.note}{witness.line(head.note)}\n"
    assert notes.read(found, verifiers=(notes.verifier(),)).size == 3


def test_a_witness_may_sign_by_ml_dsa(there: Receiver, settings: Any, client: Client) -> None:
    """As the standard asks new ones to."""
    found = asked(there, settings, authorities.witness(kind=c2sp.COSIGNER_ML_DSA))
    head = grow()
    assert anchoring.anchor_due(at=NOW) == 1
    line = head.anchors.get().data
    for changed in (line[:300] + ("A" if line[300] != "A" else "B") + line[301:], line[:-8]):
        assert not notes.is_cosigned(head.note, changed, verifier=found.verifier)
    handed_out = c2sp.read_checkpoint(client.get("/.well-known/policy-log/checkpoint").content.decode())
    assert c2sp.verify_cosignature(handed_out, found.verifier) == found.at


@pytest.mark.parametrize(
    ("keys", "said"),
    [([], "does not know this log"), (["other"], "does not take our signature")],
)
def test_a_refusal_is_put_into_words(
    witness: Witness, keys: list[str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    witness.logs = [c2sp.vkey(notes.origin(), c2sp.LOG, b"k" * 32) for _key in keys]
    grow()
    assert anchoring.anchor_due(at=NOW) == 0
    assert said in caplog.text


def test_a_signature_without_a_time_is_none(witness: Witness) -> None:
    note = grow().note
    witness.at = 0
    assert not notes.is_cosigned(note, witness.line(note), verifier=witness.verifier)


def test_nobody_is_asked_again_within_the_hour(witness: Witness, there: Receiver) -> None:
    grow()
    anchoring.anchor_due(at=NOW)
    grow()
    assert anchoring.anchor_due(at=NOW + HOUR / 2) == 0
    assert anchoring.anchor_due(at=NOW + HOUR) == 1
    assert len(there.calls) == 2


def test_a_witness_that_knows_a_later_head_is_given_the_proof_from_there(witness: Witness, there: Receiver) -> None:
    first = grow()
    witness.size, witness.root = first.size, bytes(first.root)
    grow()
    assert anchoring.anchor_due(at=NOW) == 1
    assert [call.body.decode().splitlines()[0] for call in there.calls] == ["old 0", "old 3"]


def test_a_witness_that_saw_another_history_does_not_sign(witness: Witness, caplog: pytest.LogCaptureFixture) -> None:
    grow()
    witness.size, witness.root = 7, b"another"
    assert anchoring.anchor_due(at=NOW) == 0
    assert "was this log rolled back?" in caplog.text


def test_another_ones_signature_is_not_kept(there: Receiver, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    serve(there, authorities.witness(name="stranger.example"))
    settings.LEDGER_WITNESSES = ((authorities.witness().verifier, f"http://127.0.0.1:{there.port}"),)
    grow()
    assert anchoring.anchor_due(at=NOW) == 0
    assert "no signature by the key" in caplog.text


@pytest.mark.parametrize("place", range(5))
def test_a_changed_signature_of_a_witness_is_none(witness: Witness, place: int) -> None:
    note = grow().note
    line = witness.line(note)
    assert notes.is_cosigned(note, line, verifier=witness.verifier)
    raw = bytearray(base64.b64decode(line.split(" ")[2]))
    raw[place * 15] ^= 1
    changed = f"{line.rpartition(' ')[0]} {base64.b64encode(raw).decode()}"
    assert not notes.is_cosigned(note, changed, verifier=witness.verifier)
    assert not notes.is_cosigned(note.replace("\n3\n", "\n4\n"), line, verifier=witness.verifier)


@pytest.mark.parametrize(
    "answer", [receiver.status(500), receiver.status(200, body=b"\xff no line"), receiver.says(b"")]
)
def test_whoever_does_not_answer_holds_up_nothing(witness: Witness, there: Receiver, answer: Any) -> None:
    there.answers[:] = [answer]
    grow()
    assert anchoring.anchor_due(at=NOW) == 0
    assert not CheckpointAnchor.objects.exists()


@needs_openssl
def test_a_time_stamp_is_verified_and_kept(there: Receiver, settings: Any, tmp_path: Path) -> None:
    authority = stamps(there, settings, tmp_path)
    head = grow()
    assert anchoring.anchor_due(at=NOW) == 1
    reply = base64.b64decode(head.anchors.get().data)
    assert "Verification: OK" in authority.check(head.note.encode(), reply)
    assert there.calls[0].headers["content-type"] == "application/timestamp-query"


@needs_openssl
def test_a_time_stamp_of_another_authority_is_not_kept(
    there: Receiver, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stamps(there, settings, tmp_path)
    settings.LEDGER_TSA_ROOTS = str(TimeStampAuthority(tmp_path / "other").root)
    grow()
    assert anchoring.anchor_due(at=NOW) == 0
    assert "The answer is not good" in caplog.text


@needs_openssl
def test_a_time_stamp_over_something_else_is_not_kept(there: Receiver, settings: Any, tmp_path: Path) -> None:
    authority = stamps(there, settings, tmp_path)
    grow()
    anchoring.anchor_due(at=NOW)
    old = authority.answer(there.calls[0].body)
    there.answers[:] = [receiver.status(200, body=old), receiver.status(200, body=b"garbage")]
    grow()
    assert [anchoring.anchor_due(at=NOW + HOUR) for _ in range(2)] == [0, 0]


def test_an_anchor_stands_for_ever(witness: Witness) -> None:
    grow()
    anchoring.anchor_due(at=NOW)
    with pytest.raises(IntegrityError):
        CheckpointAnchor.objects.update(data="x")


def stamps(there: Receiver, settings: Any, folder: Path) -> TimeStampAuthority:
    authority = TimeStampAuthority(folder / "tsa")
    serve(there, authority)
    settings.LEDGER_TSA_URL = f"http://127.0.0.1:{there.port}/"
    settings.LEDGER_TSA_ROOTS = str(authority.root)
    return authority
