"""What others make of our heads and proofs: Go's packages for logs, and a reader written from the standard's words."""

import base64
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from policies import anchoring, ledger
from policies.ledger import notes, proofs
from policies.models import Checkpoint, CheckpointAnchor, LedgerLeaf
from tests import c2sp
from tests.acceptance.asking import NOW
from tests.anchoring import authorities

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PROGRAM = Path(__file__).with_name("interoperability") / "main.go"
GO_PATH = Path("/usr/share/gocode")  # where Debian puts what it has of Go: golang-golang-x-mod-dev
needs_go = pytest.mark.skipif(
    not shutil.which("go") or not (GO_PATH / "src/golang.org/x/mod/sumdb/note").is_dir(),
    reason="apt-get install golang-go golang-golang-x-mod-dev",
)


@pytest.fixture
def witness() -> c2sp.Witness:
    """Who signed the second of three heads, over 3, 10 and 14 leaves."""
    found = authorities.witness()
    for count in (3, 7, 4):
        for _ in range(count):
            ledger.append(kind="test", reference=str(LedgerLeaf.objects.count()), body={"of": "ä"}, at=NOW)
        head = ledger.seal(at=NOW)
        assert head is not None
        if head.size == 10:
            line = found.line(head.note)
            CheckpointAnchor.objects.create(checkpoint=head, kind="witness", name=found.name, data=line, at=NOW)
    return found


def proof_of(client: Client, index: int) -> str:
    return client.get(f"/.well-known/policy-log/proof/inclusion.tlog-proof?index={index}").content.decode()


def test_every_head_and_every_proof_is_read_by_the_words_of_the_standard(witness: c2sp.Witness, client: Client) -> None:
    for checkpoint in Checkpoint.objects.all():
        head = c2sp.read_checkpoint(checkpoint.note)
        c2sp.verify_log(head, notes.verifier())
        assert (head.size, head.root) == (checkpoint.size, bytes(checkpoint.root))
    for leaf in LedgerLeaf.objects.order_by("leaf_index"):
        proof = c2sp.read_proof(proof_of(client, leaf.leaf_index or 0))
        assert proof.extra == leaf.body.encode()
        head = c2sp.read_checkpoint(proof.checkpoint)
        c2sp.verify_log(head, notes.verifier())
        c2sp.verify_inclusion(proof, c2sp.record_hash(proof.extra), head)
        assert head.size == (10 if proof.index < 10 else 14)
        if head.size == 10:
            assert c2sp.verify_cosignature(head, witness.verifier) == witness.at


@needs_go
@pytest.mark.parametrize("change", [None, "proof", "older", "between"])
def test_gos_own_packages_take_them(witness: c2sp.Witness, client: Client, tmp_path: Path, change: str | None) -> None:
    between = [base64.b64encode(step).decode() for step in proofs.consistency(first=3, second=10)]
    files = {"proof": proof_of(client, 6), "older": Checkpoint.objects.get(size=3).note, "between": "\n".join(between)}
    for name, text in files.items():
        place = 60 if name == change else len(text)
        (tmp_path / name).write_text(text[:place] + ("" if place == len(text) else "B") + text[place + 1 :])
    command = ["go", "run", str(PROGRAM), notes.verifier(), witness.verifier, *(str(tmp_path / name) for name in files)]
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOFLAGS": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0, done.stdout) == ((True, "good\n") if change is None else (False, "")), done.stderr


def test_what_is_not_in_the_log_yet_has_no_proof(witness: c2sp.Witness, client: Client) -> None:
    ledger.append(kind="test", reference="new", body={}, at=NOW)
    assert anchoring.proof_of(LedgerLeaf.objects.get(reference="new")) is None
    for index in ("14", "x", ""):
        answer = client.get(f"/.well-known/policy-log/proof/inclusion.tlog-proof?index={index}")
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note + note.splitlines()[-1][:-4] + "AAA=\n",  # a second line in our name that is not ours
        lambda note: note.replace("\u2014 ", "\u2014 \u2014 "),
        lambda note: note[:-6] + "\n",
        lambda note: note.partition("\n\n")[0],
        lambda note: note.rpartition(" ")[0] + " %%%\n",
    ],
)
def test_a_note_with_a_line_in_our_name_that_we_did_not_sign_is_refused(witness: Any, change: Any) -> None:
    note = Checkpoint.objects.latest("size").note
    notes.read(note, verifiers=proofs.verifiers())
    with pytest.raises(notes.NotSigned):
        notes.read(change(note), verifiers=proofs.verifiers())


@pytest.mark.parametrize(
    "text", ["x\n03\nROOT", "x\n+3\nROOT", "x\n3\nAAAA", "x\n3\nROOT\n", "\n3\nROOT", "x\n3_0\nROOT"]
)
def test_what_is_no_checkpoint_is_none_although_we_signed_it(text: str) -> None:
    ours = notes.Verifier.of(notes.verifier())
    signed = text.replace("ROOT", base64.b64encode(b"r" * 32).decode()) + "\n"
    given = base64.b64encode(ours.key_id + base64.b64decode(notes.sign_text(signed))).decode()
    with pytest.raises(notes.NotSigned):
        notes.read(f"{signed}\n\u2014 {ours.name} {given}\n", verifiers=proofs.verifiers())
