"""Whose answer it was, tried as somebody would who wants it to be another's."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from policies import acceptance, evidence, ledger
from policies.acceptance import erasing
from policies.evidence.pack import packing, standalone
from policies.models import Act, ActSubject, LedgerLeaf, Person, Standing
from tests.acceptance.asking import NOW
from tests.evidence import world
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def subject() -> ActSubject:
    world.build()
    return ActSubject.objects.order_by("id")[0]


def older(subjects: Any) -> None:
    """These acts as they stood before their leaves bound the person, with nothing said about it since."""
    Act.objects.filter(subject_ref__in=subjects.values("subject_ref")).update(binding=1, rendering=None)
    world.hash_again(subjects)


def execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def checked(person: Person) -> tuple[list[str], list[str]]:
    """What verify.py finds and remarks in the pack about this person."""
    archive = zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(person), at=NOW)))
    pack = standalone.Pack({name: archive.read(name) for name in archive.namelist()}, None)
    return list(pack.problems()), pack.remarks


def test_nobody_gives_an_answer_to_another(subject: ActSubject) -> None:
    values = {"person_id": make_person().pk, "acted_by_id": make_person().pk, "salt": b"0" * 32, "remark": "guardian"}
    values |= {"subject_ref": "0" * 32, "network_address": "192.0.2.0", "user_agent": "Other/1"}
    for name, value in values.items():
        with pytest.raises(IntegrityError, match="keeps policies_actsubject for ever"), transaction.atomic():
            execute(f"UPDATE policies_actsubject SET {name} = %s WHERE id = %s", value, subject.pk)  # noqa: S608


def test_nobody_removes_whose_an_answer_was_unless_the_ledger_says_so(subject: ActSubject) -> None:
    other = ActSubject.objects.exclude(pk=subject.pk)[0]
    ledger.append(kind="closed", reference=other.subject_ref.hex, body={}, at=NOW)
    with pytest.raises(IntegrityError, match="keeps policies_actsubject for ever"), transaction.atomic():
        execute("DELETE FROM policies_actsubject WHERE id = %s", subject.pk)
    assert not ActSubject.objects.filter(pk=other.pk).exists()
    for standing in Standing.objects.filter(person=other.person_id):
        acceptance.rebuild_standing(standing)
    assert evidence.verify().findings == []


def test_what_the_network_told_is_forgotten_and_receipts_go_out(subject: ActSubject) -> None:
    told = {"network_address": "192.0.2.0", "user_agent": "Unmistakable/1"}
    with world.behind_the_guards():
        ActSubject.objects.filter(pk=subject.pk).update(**told)
    assert erasing.forget_networks(at=NOW.replace(year=2035)) == 1
    ActSubject.objects.filter(pk=subject.pk).update(receipt_due_at=NOW, receipt_attempts=2)
    assert evidence.verify().is_good


@pytest.mark.parametrize("name", ["person_id", "acted_by_id"])
def test_behind_the_guards_it_is_found_and_no_pack_passes(subject: ActSubject, name: str) -> None:
    other = make_person()
    with world.behind_the_guards():
        ActSubject.objects.filter(pk=subject.pk).update(**{name: other.pk})
    found = {(finding.code, finding.where) for finding in evidence.verify().findings}
    stands = {("standing-changed", f"person {other.pk}")} if name == "person_id" else set()
    assert found == {("act-changed", f"act {subject.subject_ref.hex}"), *stands}
    problems, _remarks = checked(other if name == "person_id" else subject.person)
    assert any("the log does not have it" in problem for problem in problems)


def test_a_pack_cannot_name_another_than_the_log(subject: ActSubject) -> None:
    archive = zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(subject.person), at=NOW)))
    entry = json.loads(archive.read("05-events.json"))[0]
    entry["person"]["id"] += 1
    (problem,) = standalone.Pack({}, None)._whose(entry, 0, b"")
    assert "it is not the act of the person named" in problem


def test_erasing_a_guardian_leaves_what_they_answered_for_others_bound(subject: ActSubject) -> None:
    guardian = make_person()
    with world.behind_the_guards():
        ActSubject.objects.filter(pk=subject.pk).update(acted_by=guardian)
        LedgerLeaf.objects.filter(kind="act", reference=subject.subject_ref.hex).delete()
    act = Act.objects.get(subject_ref=subject.subject_ref)
    ledger.append_act(act=act, subject=ActSubject.objects.get(pk=subject.pk), at=act.at)
    before = len(evidence.verify().findings)
    erasing.erase(person=guardian, ground="request", by=None, at=NOW)
    assert ActSubject.objects.get(pk=subject.pk).acted_by_id == guardian.pk
    assert len(evidence.verify().findings) == before


def test_an_act_of_before_without_its_second_leaf_is_found(subject: ActSubject) -> None:
    with world.behind_the_guards():
        older(ActSubject.objects.filter(pk=subject.pk))
    assert "belonging-unlisted" in {finding.code for finding in evidence.verify().findings}
