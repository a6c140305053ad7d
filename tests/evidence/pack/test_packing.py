import ast
import base64
import io
import json
import random
import re
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policies import acceptance, evidence, ledger, publishing
from policies.acceptance import consent_screens
from policies.evidence.pack import cover, packing, standalone, writing
from policies.ledger import notes, proofs, tree
from policies.models import Checkpoint, CheckpointAnchor, Person, Version
from tests import c2sp, people
from tests.acceptance.asking import BY_FORM, NOW, screen_of
from tests.anchoring import authorities
from tests.evidence import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The unpacked evidence about one person, with a screen among it."""
    person = world.build()[0]
    version = Version.objects.get(number=1)
    screen = consent_screens.keep_screen(template="t", sources=[("t", "<b>")], wording={"accept": "Accept"}, at=NOW)
    shown = screen_of(version, screen=screen, render_id="r1")
    later = acceptance.note_displayed(
        person=person, version=version, showing=shown, how=BY_FORM, at=world.START + 9 * world.DAY
    )
    assert later.screen == screen
    ledger.seal(at=NOW)
    zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(person), at=NOW))).extractall(tmp_path / "pack")
    return tmp_path / "pack"


def verify(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run verify.py in a bare Python: nothing installed, nothing in the environment."""
    done = subprocess.run(
        [str(shutil.which("python3")), "-I", "-S", "verify.py", *arguments],
        check=False,
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_a_pack_verifies_in_a_bare_python(pack: Any) -> None:
    code, said = verify(pack, "--key", notes.verifier())
    assert said.startswith("PASS: ")
    assert code == 0
    assert notes.verifier() in said


def test_verify_py_asks_for_no_more_than_python_3_9(pack: Any) -> None:
    """By such a Python where there is one; by its grammar everywhere."""
    assert ast.parse((pack / "verify.py").read_text(), feature_version=(3, 9))
    python = str(shutil.which("python3.9"))
    if python != "None" and subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
        command = [python, "-I", "-S", "verify.py", "--key", notes.verifier()]
        done = subprocess.run(command, check=False, cwd=pack, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    assert "Python 3.9 or later" in (pack / "00-README.txt").read_text()


def test_a_pack_quotes_what_readers_of_each_language_were_told(pack: Any) -> None:
    entries = json.loads((pack / "01-publications.json").read_text())
    assert [sorted(entry["told"]) for entry in entries] == [["de", "en"], ["de", "en", "fr"], ["de", "en"]]
    told = entries[1]["told"]
    assert {told[language]["language"]: told[language]["why"] for language in told} == {
        "en": "As the text says.",
        "de": "Wie der Text sagt.",
        "fr": "Comme le texte le dit.",
    }
    (late,) = entries[1]["translations"]
    assert json.loads((pack / late["sealed_file"]).read_text())["summary"]["why"] == "Comme le texte le dit."
    assert "As the text says." in (pack / "00-cover.html").read_text()


def signed_anew(folder: Path, **changed: bytes) -> list[str]:
    """What is found wrong where whoever holds the log's key changed files and signed the list of them again."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files |= changed
    listed = {name: ledger.sha256_hex(data) for name, data in files.items() if not name.startswith("manifest.")}
    files["manifest.json"] = json.dumps({"files": listed}).encode()
    files["manifest.sig"] = notes.sign_text(files["manifest.json"].decode()).encode()
    return list(standalone.Pack(files, None).problems())


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_readers_were_told_is_held_against_what_was_sealed(pack: Any, language: str) -> None:
    assert signed_anew(pack) == []
    entries = json.loads((pack / "01-publications.json").read_text())
    entries[1]["told"][language]["impact"] = "Nothing at all."
    (problem,) = signed_anew(pack, **{"01-publications.json": json.dumps(entries).encode()})
    assert f"readers of {language} were told something else" in problem


def test_a_late_translation_is_held_against_its_entry_in_the_log(pack: Any) -> None:
    entries = json.loads((pack / "01-publications.json").read_text())
    (late,) = entries[1]["translations"]
    sealed = (pack / late["sealed_file"]).read_text().replace("Bref.", "Long.").encode()
    assert signed_anew(pack, **{late["sealed_file"]: sealed}) == [f"{late['sealed_file']}: it is not what was added"]
    entries[1]["translations"] = []
    unlisted = signed_anew(pack, **{"01-publications.json": json.dumps(entries).encode()})
    assert "01-terms-v2.fr.md: it was neither published with the version nor added later" in unlisted
    entries[1] |= {"translations": [{**late, "body": {**late["body"], "title": "Autres"}}]}
    (problem,) = signed_anew(pack, **{"01-publications.json": json.dumps(entries).encode()})
    assert "the log does not have it" in problem


def test_a_pack_from_before_translations_were_listed_still_verifies(pack: Any) -> None:
    entries = json.loads((pack / "01-publications.json").read_text())
    for entry in entries:
        del entry["translations"], entry["told"]
    assert signed_anew(pack, **{"01-publications.json": json.dumps(entries).encode()}) == []


def test_one_flipped_byte_in_any_file_is_named(pack: Any) -> None:
    chance = random.Random(7)  # noqa: S311 - which byte is flipped is no secret
    files = {path.relative_to(pack).as_posix(): path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    for name, content in files.items():
        assert content, name
        place = chance.randrange(len(content))
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        problems = list(standalone.Pack({**files, name: flipped}, None).problems())
        assert any(name in problem for problem in problems), (name, place, problems)


def test_the_cover_tells_the_story_to_whoever_opens_no_json(pack: Any) -> None:
    page = (pack / "00-cover.html").read_text()
    person = Person.objects.earliest("pk")
    assert all(word in page for word in (str(person), "I agree", "python3 verify.py", notes.verifier()))
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="', page), "nothing is loaded from anywhere"


def test_the_cover_is_printed_where_that_is_installed(pack: Any) -> None:
    pytest.importorskip("weasyprint", reason="the extra “pdf” is not installed")
    assert (pack / "00-cover.pdf").read_bytes().startswith(b"%PDF-")


def test_of_a_crowd_the_cover_tells_the_numbers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world.build()
    monkeypatch.setattr(cover, "MOST_TOLD", 2)
    files = zipfile.ZipFile(io.BytesIO(packing.build(packing.of_version(Version.objects.get(number=1)), at=NOW)))
    assert "too many people" in files.read("00-cover.html").decode()


def anchored_pack(folder: Path, settings: Any) -> c2sp.Witness:
    """A pack whose log a witness signed and an authority stamped before it grew further."""
    person, witness = world.build()[0], authorities.witness()
    settings.LEDGER_WITNESSES = ((witness.verifier, "https://witness.example"),)
    early = Checkpoint.objects.earliest("size")
    for kind, name, data in (
        ("witness", witness.name, witness.line(early.note)),
        ("timestamp", "https://stamps.example", base64.b64encode(b"stamp").decode()),
    ):
        CheckpointAnchor.objects.create(checkpoint=early, kind=kind, name=name, data=data, at=NOW)
    zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(person), at=NOW))).extractall(folder)
    return witness


def test_what_others_vouched_for_is_in_the_pack_and_checked(tmp_path: Path, settings: Any) -> None:
    witness = anchored_pack(tmp_path, settings)
    code, said = verify(tmp_path, "--key", notes.verifier())
    assert code == 0, said
    assert f"the witness {witness.verifier} signed the head over" in said
    assert "openssl ts -verify -data checkpoint-anchored.txt -in checkpoint-anchored-1.tsr" in said
    assert (tmp_path / "checkpoint-anchored-1.tsr").read_bytes() == b"stamp"


@pytest.mark.parametrize("field", ["consistency", "cosignatures"])
def test_a_pack_that_does_not_extend_what_was_vouched_for_fails(tmp_path: Path, settings: Any, field: str) -> None:
    """Even where whoever holds the log's key signed the list of files anew."""
    anchored_pack(tmp_path, settings)
    described = json.loads((tmp_path / "checkpoint-anchored.json").read_text())
    wrong = {
        "consistency": described["consistency"][::-1],
        "cosignatures": [described["cosignatures"][0][:-8] + "AAAAAAA="],
    }
    changed = json.dumps({**described, field: wrong[field]}).encode()
    problems = signed_anew(tmp_path, **{"checkpoint-anchored.json": changed})
    assert [problem for problem in problems if problem.startswith("checkpoint-anchored.json")] == problems
    assert problems


def test_the_bare_verifier_knows_which_log_extends_which() -> None:
    leaves = [bytes([number]) * 32 for number in range(20)]
    found = tree.Tree(
        lambda level, first, count: [
            tree.root_over(leaves[i << level : (i + 1) << level]) for i in range(first, first + count)
        ]
    )
    for first in range(1, 20):
        for second in range(first, 20):
            path, roots = (
                found.consistency(first, second),
                (tree.root_over(leaves[:first]), tree.root_over(leaves[:second])),
            )
            assert standalone.extends(first, roots[0], second, roots[1], path)
            assert not standalone.extends(first, b"x" * 32, second, roots[1], path)
            assert not standalone.extends(first, roots[0], second, b"x" * 32, path)


def test_a_removed_and_an_added_file_are_named(pack: Any) -> None:
    (pack / "05-story.txt").unlink()
    (pack / "06-more.txt").write_text("more")
    code, said = verify(pack)
    assert code == 1
    assert "05-story.txt is missing" in said
    assert "06-more.txt was added" in said


def test_a_pack_signed_anew_by_somebody_else_is_found_by_the_published_key(pack: Any, settings: Any) -> None:
    published = notes.verifier()
    settings.LEDGER_KEY = b"k" * 32
    (pack / "key.txt").write_text(notes.verifier())
    assert verify(pack, ".", "--key", published)[0] == 1


def test_a_pack_is_not_proven_where_nobody_names_the_key(pack: Any) -> None:
    code, said = verify(pack)
    assert code == standalone.NOT_PROVEN
    assert said.startswith("NOT PROVEN: ")
    assert "PASS" not in said
    assert "CAUTION" in said.splitlines()[1]


def test_packs_stand_when_the_logs_key_is_changed(pack: Any, tmp_path: Path, settings: Any) -> None:
    """Those of before, by the keys that are published from then on, and those that follow, by the new one."""
    former = notes.verifier()
    settings.LEDGER_OLD_VERIFIERS, settings.LEDGER_KEY = (former,), b"n" * 32
    published = "\n".join(proofs.verifiers())
    assert verify(pack, "--key", published)[0] == 0
    early, witness = Checkpoint.objects.earliest("size"), authorities.witness()
    settings.LEDGER_WITNESSES = ((witness.verifier, "https://witness.example"),)
    line = witness.line(early.note)
    CheckpointAnchor.objects.create(checkpoint=early, kind="witness", name=witness.name, data=line, at=NOW)
    packed = packing.build(packing.of_person(Person.objects.earliest("pk")), at=NOW)
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "later")
    code, said = verify(tmp_path / "later", "--key", published)
    assert code == 0, said
    assert f"an earlier key of the log signed checkpoint-anchored.txt: {former}" in said
    assert verify(tmp_path / "later", "--key", former)[0] == 1


def test_the_pack_holds_the_exact_texts_redlines_and_acts(pack: Any) -> None:
    version = Version.objects.get(number=2)
    assert (pack / "01-terms-v2.en.md").read_text() == version.text_in("en").body
    assert "two years" in (pack / "02-redline-terms-v1-v2.en.txt").read_text()
    events = json.loads((pack / "05-events.json").read_text())
    assert [event["body"]["act"] for event in events] == ["agreed", "agreed", "displayed"]
    assert {event["person"]["address"] for event in events} == {Person.objects.earliest("pk").address}


def test_the_pack_says_how_the_promise_stood_and_how_records_are_made(pack: Any) -> None:
    promises = json.loads((pack / "07-promise.json").read_text())
    assert [promise["version"][-1] for promise in promises] == ["1", "2", "3"]
    assert "Declaration" in (pack / "08-process.md").read_text()
    records = json.loads((pack / "09-consent-27560.jsonld").read_text())["records"]
    assert records[0]["events"][0]["event_state"] == "dpv:ConsentGiven"


def test_the_same_evidence_gives_the_same_bytes() -> None:
    person = world.build()[0]
    scope = packing.of_person(person)
    assert packing.build(scope, at=NOW) == packing.build(packing.of_person(person), at=NOW)


def test_a_pack_about_a_version_holds_everybodys_acts() -> None:
    world.build()
    scope = packing.of_version(Version.objects.get(number=1))
    assert (len(scope.people), len(scope.acts)) == (3, 3)


def test_the_command_writes_and_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = world.build()[0]
    for about in (["--user", str(person.external_id)], ["--version", "terms/1"], ["--version-of", "terms/1"]):
        call_command("evidence", *about, output=str(tmp_path / "pack.zip"))
        assert standalone.main([str(tmp_path / "pack.zip"), "--key", notes.verifier()]) == 0
    for wrong in ({"user": "nobody"}, {"version_of": "terms/9"}, {"version_of": "terms"}, {"cohort": "none"}):
        with pytest.raises(CommandError):
            call_command("evidence", output=str(tmp_path / "other.zip"), **wrong)
    assert not (tmp_path / "other.zip").exists()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_no_cell_is_taken_for_a_formula(text: Any) -> None:
    assert writing.csv_of([[text]]).decode().strip('\r\n"').startswith("'")


def test_before_the_first_head_there_is_nothing_to_prove(tmp_path: Path) -> None:
    with pytest.raises(packing.NothingSealed):
        packing.build(packing.Scope("nothing", [], [], []), at=NOW)


def test_signatures_of_the_bare_verifier_are_those_of_the_library() -> None:
    key = standalone.key_of(notes.verifier())
    for number in range(8):
        message = bytes([number]) * number
        signature = base64.b64decode(notes.sign_text(message.decode()))
        assert standalone.verify_ed25519(key, message, signature)
        assert not standalone.verify_ed25519(key, message + b"x", signature)
        assert not standalone.verify_ed25519(key, message, bytes([signature[0] ^ 1]) + signature[1:])


def test_the_terms_on_record_are_in_the_pack_and_held_against_what_was_sealed(pack: Any) -> None:
    (terms,) = json.loads((pack / "07-terms.json").read_text())
    policy = Version.objects.get(number=1).policy
    assert terms["body"]["terms"]["time_zone"] == policy.time_zone
    assert terms["versions"] == [str(version.pk) for version in policy.versions.published().order_by("number")]
    body = terms["body"]
    for changed, said in (
        ([{**terms, "body": {**body, "terms": {**body["terms"], "grace_days": 99}}}], "the log does not have it"),
        ([{**terms, "body": {**body, "number": 2}}], "others before it are missing"),
        ([terms, terms], "others before it are missing"),
        ([], "not those on record then"),
        ([{**terms, "proof": None}], "it was not in the log yet"),
    ):
        problems = signed_anew(pack, **{"07-terms.json": json.dumps(changed).encode()})
        assert any(said in problem for problem in problems), said
    assert "07-terms.json" in (pack / "00-README.txt").read_text()


def test_terms_that_were_changed_are_in_the_pack_with_those_before(pack: Any) -> None:
    version, at = Version.objects.get(number=2), NOW + timedelta(days=1)
    proposed = publishing.propose_terms(
        policy=version.policy, terms={"grace_period_days": 3}, reason="More time.", by=people.edith(), at=at
    )
    publishing.approve_terms(proposal=proposed, by=people.ravi(), at=at)
    ledger.seal(at=at)
    archive = zipfile.ZipFile(io.BytesIO(packing.build(packing.of_version(version), at=at)))
    files = {name: archive.read(name) for name in archive.namelist()}
    found = json.loads(files["07-terms.json"])
    assert [entry["body"]["terms"]["grace_days"] for entry in found][1:] == [3]
    assert (found[1]["proposed_by"], found[1]["approved_by"]) == (str(people.edith()), str(people.ravi()))
    checked = standalone.Pack(files, None)
    assert list(checked.problems()) == []
    # Without the newest nothing is missing between: that no later ones follow, a pack alone cannot say.
    files |= {"07-terms.json": json.dumps(found[1:]).encode()}
    assert any("others before it are missing" in problem for problem in standalone.Pack(files, None)._records())


def test_proofs_lie_in_the_pack_as_files_that_tools_of_others_take(tmp_path: Path, settings: Any) -> None:
    witness = anchored_pack(tmp_path, settings)
    found = sorted((tmp_path / "proofs").iterdir())
    assert [path.name.split("-")[0] for path in found] == [
        "act",
        "act",
        "postponement",
        "publication",
        "publication",
        "publication",
        "terms",
    ]
    seen = set()
    for path in found:
        proof = c2sp.read_proof(path.read_text())
        checkpoint = c2sp.read_checkpoint(proof.checkpoint)
        c2sp.verify_log(checkpoint, notes.verifier())
        c2sp.verify_inclusion(proof, c2sp.record_hash(proof.extra), checkpoint)
        if c2sp.signatures_of(checkpoint, witness.verifier):
            seen.add(c2sp.verify_cosignature(checkpoint, witness.verifier))
    assert seen == {witness.at}, "what a witness saw is proven under its head"


def test_a_proof_file_is_held_against_the_head_of_the_pack(pack: Any) -> None:
    path = next((pack / "proofs").glob("publication-*"))
    name, text = path.relative_to(pack).as_posix(), path.read_text()
    first, extra, index, *rest = text.split("\n")
    other = base64.b64encode(base64.b64decode(extra[6:]).replace(b"terms", b"germs") + b" ").decode()
    for changed in (
        "\n".join([first, f"extra {other}", index, *rest]),
        "\n".join([first, extra, f"index {int(index[6:]) ^ 1}", *rest]),
        text.replace("policy-log\n", "policy-log\n1"),
        "\n".join([first, index, *rest]),
        "x",
    ):
        (problem,) = signed_anew(pack, **{name: changed.encode()})
        assert problem.startswith(f"{name}: ")


def test_everything_still_verifies_after_a_pack_was_made(pack: Any) -> None:
    assert evidence.verify().is_good
