import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from policies import acceptance, ledger
from policies.acceptance import leaving, receipts
from policies.ledger import notes
from policies.models import ActSubject
from tests import c2sp, people
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of, uma

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def act() -> Any:
    version = asking_version(asking_policy(slug="terms"), effective_at=NOW - timedelta(days=9))
    return acceptance.accept(
        person=uma(), version=version, showing=screen_of(version, wording="I agree."), how=BY_FORM, at=NOW
    )


def test_a_receipt_waits_for_the_log_and_brings_its_proof(act: Any) -> None:
    assert receipts.mail_due(at=NOW) == 0
    ledger.seal(at=NOW)
    assert receipts.mail_due(at=NOW) == 1
    (sent,) = mail.outbox
    assert sent.to == ["uma@example.org"]
    assert "Receipt: you accepted the Terms of Service, version 1" in sent.subject
    assert act.text_sha256 in sent.body
    assert "127.0.0.1:8000/policy-log" in sent.body


def test_a_receipt_brings_the_text_and_the_signed_file(act: Any) -> None:
    ledger.seal(at=NOW)
    receipts.mail_due(at=NOW)
    files = {name: content for name, content, _type in mail.outbox[0].attachments}
    page = files["terms-version-1-en.html"]
    assert "<h2" in page
    assert "Your name and your address, when you open an account." in page
    assert f"sha256 {act.text_sha256}" in page
    receipt = json.loads(files["receipt.json"])
    assert receipt["receipt"]["record"]["wording"] == "I agree."
    assert receipt["proof"]["tree_size"] == 1


def test_a_receipt_is_mailed_once(act: Any) -> None:
    ledger.seal(at=NOW)
    assert [receipts.mail_due(at=NOW), receipts.mail_due(at=NOW)] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_receipt_is_tried_again_while_no_server_answers(act: Any, settings: Any) -> None:
    ledger.seal(at=NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert receipts.mail_due(at=NOW) == 0
    assert ActSubject.objects.get().receipt_due_at == NOW + timedelta(minutes=1)


def test_a_receipt_that_the_log_keeps_waiting_goes_out_without_proof(act: Any) -> None:
    assert receipts.mail_due(at=NOW + receipts.WAIT_FOR_SEAL) == 1


def test_the_receipt_file_is_for_its_giver(act: Any) -> None:
    client = Client()
    client.force_login(people.uma())
    page = client.get(f"/account/receipts/{act.subject_ref}.json")
    assert page.json()["receipt"]["record"]["reference"] == act.subject_ref.hex
    client.force_login(people.oscar())
    assert b"record" not in client.get(f"/account/receipts/{act.subject_ref}.json").content


def test_the_proof_is_a_file_that_tools_of_others_take(act: Any) -> None:
    client, address = Client(), f"/account/receipts/{act.subject_ref}.tlog-proof"
    client.force_login(people.uma())
    assert client.get(address).status_code == 404
    assert ".tlog-proof" not in client.get(f"/account/receipts/{act.subject_ref}/").content.decode()
    ledger.seal(at=NOW)
    assert address in client.get(f"/account/receipts/{act.subject_ref}/").content.decode()
    receipts.mail_due(at=NOW)
    files = {name: content for name, content, _type in mail.outbox[0].attachments}
    text = client.get(address).content.decode()
    assert files["receipt.tlog-proof"] == text
    proof = c2sp.read_proof(text)
    c2sp.verify_log(c2sp.read_checkpoint(proof.checkpoint), notes.verifier())
    c2sp.verify_inclusion(proof, c2sp.record_hash(proof.extra), c2sp.read_checkpoint(proof.checkpoint))
    assert json.loads(proof.extra[32:])["wording"] == "I agree."
    client.force_login(people.oscar())
    assert b"tlog-proof@v1" not in client.get(address).content


def test_a_request_to_be_deleted_is_mailed_to_the_contact_once(act: Any) -> None:
    leaving.ask_for_deletion(person=uma(), policy=act.version.policy, at=NOW)
    assert [leaving.mail_due(at=NOW), leaving.mail_due(at=NOW)] == [1, 0]
    (sent,) = mail.outbox
    assert sent.to == ["privacy@example.org"]
    assert "2026-07-01" in sent.subject
    assert not re.search("uma", str(sent.body), re.IGNORECASE)
