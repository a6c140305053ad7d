from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policies import acceptance, evidence, ledger
from policies.ledger import notes, sealing, tree
from policies.models import Act, Checkpoint, LedgerLeaf, LedgerNode, Person, Policy, Version
from tests.evidence import world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def crowd() -> list[Person]:
    return world.build()


@pytest.fixture
def first(crowd: list[Person]) -> Checkpoint:
    return Checkpoint.objects.earliest("size")


def codes(**chosen: Any) -> set[str]:
    return {finding.code for finding in evidence.verify(**chosen).findings}


def answer_later(person: Person) -> Act:
    """An act more, sealed."""
    at = world.START + 9 * world.DAY
    act = world.answer(acceptance.accept, person, Version.objects.get(number=2), at=at)
    ledger.seal(at=at)
    assert isinstance(act, Act)
    return act


def run(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        call_command("verify_ledger", since=str(path))
    except SystemExit as ended:
        return int(str(ended.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_a_daily_run_opens_what_is_new(crowd: list[Person], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "verified"
    code, said = run(path, capsys)
    whole = Checkpoint.objects.latest("size")
    assert (code, path.read_text()) == (0, whole.note)
    assert f"{whole.size} leaves, {whole.size} sealed under 2 signed heads" in said
    answer_later(crowd[1])
    code, said = run(path, capsys)
    assert (code, path.read_text()) == (0, Checkpoint.objects.latest("size").note)
    assert f"{whole.size} leaves were verified before and not opened again" in said
    assert f"1 leaves, {whole.size + 1} sealed under 2 signed heads, 0 closed by erasure: PASS" in said
    assert [each.name for each in tmp_path.iterdir()] == ["verified"]


def test_what_is_new_is_checked_and_what_was_opened_before_is_not(
    crowd: list[Person], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "verified"
    run(path, capsys)
    head, act = path.read_text(), answer_later(crowd[1])
    with world.behind_the_guards():
        Act.objects.filter(pk=act.pk).update(wording="I never")
        code, said = run(path, capsys)
        assert (code, path.read_text()) == (1, head), "a bad run leaves the head where it is"
        assert f"act-changed: act {act.subject_ref.hex}" in said
        Act.objects.filter(pk=act.pk).update(wording=act.wording)
        Act.objects.filter(pk=Act.objects.earliest("pk").pk).update(wording="I never")
        code, said = run(path, capsys)
        assert code == 0
        assert "not opened again" in said
        assert codes() == {"act-changed"}


@pytest.mark.parametrize("what", ["an act without a leaf", "a text", "a policy", "a row of an old leaf"])
def test_rows_are_looked_at_as_a_whole_where_they_are_few(first: Checkpoint, what: str) -> None:
    latest = Checkpoint.objects.latest("size").note
    with world.behind_the_guards():
        if what == "an act without a leaf":
            act = Act.objects.earliest("pk")
            LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).update(reference="0" * 32)
        elif what == "a text":
            Version.objects.get(number=1).texts.update(title="Other")
        elif what == "a policy":
            Policy.objects.update(time_zone="Asia/Tokyo")
        else:
            Checkpoint.objects.filter(pk=Checkpoint.objects.latest("size").pk).update(at=world.START)
        assert evidence.verify(since=latest).findings


def test_a_log_that_does_not_begin_with_the_head_is_named(first: Checkpoint) -> None:
    latest = Checkpoint.objects.latest("size")
    longer = notes.sign(size=latest.size + 1, root=b"r" * 32, at=latest.at)
    other = notes.sign(size=first.size, root=b"r" * 32, at=first.at)
    assert codes(since=longer) == {"rolled-back"}
    assert codes(since=other) == {"head-mismatch"}
    assert codes(since=first.note, kept=[longer]) == {"rolled-back"}
    assert codes(since=latest.note, kept=[first.note, latest.note]) == set()
    assert codes(since=latest.note, kept=[other]) == {"head-mismatch"}
    with world.behind_the_guards():
        LedgerLeaf.objects.filter(leaf_index=first.size - 1).update(leaf_hash=b"x" * 32)
        assert codes(since=first.note) == {"head-mismatch"}


def test_what_is_no_head_of_this_log_is_refused(
    crowd: list[Person], tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "verified"
    for content in ("", "x", Checkpoint.objects.latest("size").note.replace("\n25\n", "\n24\n")):
        path.write_text(content)
        with pytest.raises(CommandError, match="no head of this log"):
            run(path, capsys)
    with pytest.raises(CommandError, match="cannot be written"):
        run(tmp_path / "nowhere" / "verified", capsys)


def test_a_tree_goes_on_from_any_size(db: Any) -> None:
    at = world.START
    for size in (255, 2, 300, 500, 700):
        for number in range(size):
            ledger.append(kind="test", reference=f"{size}-{number}", body={}, at=at)
        ledger.seal(at=at + timedelta(seconds=size))
    hashes = [bytes(each) for each in LedgerLeaf.objects.order_by("leaf_index").values_list("leaf_hash", flat=True)]
    for size in (0, 1, 255, 256, 257, 511, 512, 768, 1000, 1024, 1757):
        grown = tree.Growing.after(size, sealing.stored_tree())
        assert grown.root() == tree.root_over(hashes[:size])
        for each in hashes[size:]:
            grown.add(each)
        assert grown.root() == tree.root_over(hashes)
        assert len(grown.tiles) == 1757 // 256 - size // 256
    for checkpoint in Checkpoint.objects.all():
        assert evidence.verify(since=checkpoint.note).findings == []
    with world.behind_the_guards():
        LedgerNode.objects.filter(index=5).update(node_hash=b"x" * 32)
        before, after = (Checkpoint.objects.get(size=size).note for size in (557, 1757))
        assert codes(since=before) == {"node-mismatch"}
        assert codes(since=after) == {"head-mismatch"}
