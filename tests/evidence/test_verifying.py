import json
import os
import random
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, models, transaction

from policies import acceptance, evidence, ledger, rendering
from policies.ledger import rows
from policies.models import (
    TERMS,
    Act,
    ActSubject,
    BoundRendering,
    Checkpoint,
    Comparison,
    DateChange,
    LedgerLeaf,
    LedgerNode,
    Policy,
    PolicyTerms,
    Rendering,
    Screen,
    Standing,
    Version,
    VersionText,
)
from tests import factories
from tests.acceptance.asking import NOW
from tests.evidence import world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# What the ledger binds of each table.
BOUND: dict[type[models.Model], tuple[str, ...]] = {
    LedgerLeaf: ("kind", "reference", "leaf_hash", "body", "leaf_index", "at"),
    Checkpoint: ("size", "root", "note", "at"),
    Act: (
        "kind", "version_id", "language", "text_sha256", "manifest_sha256", "subject_ref", "on_behalf", "imported",
        "method", "strength", "source", "wording", "locale", "render_id", "client_time", "at", "binding",
        "rendering_id",
    ),
    ActSubject: ("subject_ref", "person_id", "acted_by_id", "salt", "remark"),
    Version: (
        "policy_id", "number", "change_class", "tier", "written_reason", "what_changed", "why", "impact", "acceptance",
        "what_you_can_do", "effective_at", "published_at", "withdrawn_at", "manifest", "manifest_sha256", "imported",
        "time_zone",
    ),
    Policy: ("uid", *TERMS),
    PolicyTerms: ("number", "reason", "proposed_by_id", "approved_by_id", "alone", "at", *TERMS),
    VersionText: (
        "language", "title", "body", "short_version", "sha256", "authoritative", "what_changed", "why", "impact",
        "what_you_can_do",
    ),
    BoundRendering: ("text_id", "before_id", "text_sha256", "before_sha256", "renderer", "sha256", "parts", "at"),
    Rendering: ("text_id", "renderer", "html", "plain", "contents"),
    Comparison: (
        "before_id", "after_id", "renderer", "inline_html", "side_html", "changes_html", "mail_html", "plain",
        "summary", "sections", "facts",
    ),
    DateChange: ("version_id", "effective_at", "was_effective_at", "reason", "at"),
}  # fmt: skip


# Of what is bound in batches: every column that is.
for _table in rows.IN_BATCHES:
    BOUND[_table.model] = tuple(dict.fromkeys([*BOUND.get(_table.model, ()), *_table.columns]))

REMOVABLE: list[type[models.Model]] = [LedgerLeaf, ActSubject, Act, *(table.model for table in rows.IN_BATCHES)]


def changed(value: object, chance: random.Random) -> object:
    """The value with one byte, digit, instant or entry different."""
    if isinstance(value, list | dict):
        return [*value, "x"]
    if isinstance(value, int):
        return not value if isinstance(value, bool) else value + chance.choice([1, 7, 1000])
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=value.int ^ (1 << chance.randrange(128)))
    if isinstance(value, bytes | memoryview):
        flipped = bytearray(value)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if isinstance(value, str):
        place = chance.randrange(len(value) + 1)
        letter = "x" if value[place : place + 1] != "x" else "y"
        return value[:place] + letter + value[place + 1 :]
    return value + world.DAY if isinstance(value, datetime) else NOW


def forged(row: models.Model, name: str, chance: random.Random) -> object:
    """What a column is changed to; where it is empty, something of its kind."""
    field, value = row._meta.get_field(name), getattr(row, name)
    if isinstance(value, tuple):  # audiences
        return (*value, "forged")
    if value is not None:
        return changed(value, chance)
    if isinstance(field, models.JSONField):
        return ["x"]
    return NOW if isinstance(field, models.DateField) else 1


def flip(chance: random.Random) -> str:
    model = chance.choice(list(BOUND))
    row = chance.choice(list(model._base_manager.order_by("pk")))
    name = chance.choice(BOUND[model])
    model._base_manager.filter(pk=row.pk).update(**{name: forged(row, name, chance)})
    return f"{model.__name__}.{name} of {row.pk}"


def remove(chance: random.Random) -> str:
    model = chance.choice(REMOVABLE)
    row = chance.choice(list(model._base_manager.order_by("pk")))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [row.pk])  # noqa: S608 - our own names
    return f"{model.__name__} {row.pk} removed"


def swap(chance: random.Random) -> str:
    name = chance.choice(["leaf_index", "leaf_hash", "body"])
    kinds = ["act"] if name == "leaf_hash" else ["publication", "postponement", "withdrawal"]
    one, two = chance.sample(list(LedgerLeaf.objects.filter(kind__in=kinds).order_by("pk")), 2)
    values = getattr(one, name), getattr(two, name)
    LedgerLeaf.objects.filter(pk=one.pk).update(**{name: None if name == "leaf_index" else values[1]})
    LedgerLeaf.objects.filter(pk=two.pk).update(**{name: values[0]})
    LedgerLeaf.objects.filter(pk=one.pk).update(**{name: values[1]})
    return f"{name} of {one.pk} and {two.pk} swapped"


def add(chance: random.Random) -> str:
    act = chance.choice(list(Act.objects.order_by("pk")))
    act.pk, act.subject_ref, act.undoes, act._state.adding = None, uuid.uuid4(), None, True
    act.save(force_insert=True)
    return f"Act {act.pk} added"


TAMPERINGS: tuple[Callable[[random.Random], str], ...] = (flip, flip, flip, remove, swap, add)


def test_what_the_product_recorded_verifies() -> None:
    world.build()
    report = evidence.verify()
    assert report.findings == []
    assert (report.leaves, report.sealed, report.checkpoints) == (25, 25, 2)


def test_random_tamperings_are_found_and_named() -> None:
    """TAMPERINGS=500 for as many as were promised; a few in every run."""
    wanted = int(os.environ.get("TAMPERINGS", "30"))
    world.build_whole()
    chance = random.Random(os.environ.get("TAMPERING_SEED", "20260601"))  # noqa: S311 - no secret
    missed, done = [], 0
    with world.behind_the_guards():
        while done < wanted:
            try:
                with transaction.atomic():
                    what = chance.choice(TAMPERINGS)(chance)
                    findings = evidence.verify().findings
                    transaction.set_rollback(True)
            except (IntegrityError, DataError):
                continue  # the database itself refused it, even to its owner
            done += 1
            if not any(finding.where and finding.message for finding in findings):
                missed.append(what)
    assert missed == []


def test_an_answer_changed_in_any_language_is_found_and_named() -> None:
    world.build()
    for language, code in (("de", "text-changed"), ("fr", "translation-changed")):
        with world.behind_the_guards(), transaction.atomic():
            VersionText.objects.filter(version__number=2, language=language).update(impact="Nothing at all.")
            (finding,) = evidence.verify().findings
            transaction.set_rollback(True)
        assert finding.code == code


def test_a_translation_recorded_before_there_were_answers_verifies_until_it_gets_some() -> None:
    version = world.publish(factories.make_policy(), factories.BODY, at=world.START)
    text = factories.make_text(version, language="es", title="Términos")
    rendering.bind(version, at=world.START)
    leaf = {"version": version.pk, "title": text.title, "sha256": text.sha256}
    ledger.append(kind="translation", reference=f"{version.pk}/es", body=leaf, at=world.START)
    ledger.seal(at=NOW)
    assert evidence.verify().is_good
    with world.behind_the_guards():
        VersionText.objects.filter(pk=text.pk).update(why="Porque sí.")
    assert [finding.code for finding in evidence.verify().findings] == ["translation-changed"]


def test_a_finding_names_the_act() -> None:
    world.build()
    act = Act.objects.order_by("pk")[0]
    with world.behind_the_guards():
        Act.objects.filter(pk=act.pk).update(kind="declined")
    person = ActSubject.objects.get(subject_ref=act.subject_ref).person_id
    assert {(finding.code, finding.where) for finding in evidence.verify().findings} == {
        ("act-changed", f"act {act.subject_ref.hex}"),
        ("standing-changed", f"person {person}"),
    }


def test_stored_parts_of_the_tree_are_checked() -> None:
    for number in range(300):
        ledger.append(kind="test", reference=str(number), body={}, at=NOW)
    ledger.seal(at=NOW)
    assert evidence.verify().is_good
    with world.behind_the_guards():
        LedgerNode.objects.update(node_hash=b"0" * 32)
    assert [finding.code for finding in evidence.verify().findings] == ["node-mismatch"]


def test_a_changed_screen_is_found() -> None:
    Screen.objects.create(sha256="0" * 64, template="x", source='{"files":[]}', wording={}, first_used_at=NOW)
    assert [finding.code for finding in evidence.verify().findings] == ["screen-changed"]


def test_a_database_that_was_rolled_back_is_found_with_a_kept_checkpoint() -> None:
    world.build()
    kept = Checkpoint.objects.latest().note
    with world.behind_the_guards():
        Checkpoint.objects.filter(size=13).delete()
        LedgerLeaf.objects.filter(leaf_index__gte=6).delete()
        Act.objects.filter(pk__gt=Act.objects.order_by("pk")[2].pk).order_by("-pk")._raw_delete("default")
    codes = {finding.code for finding in evidence.verify(kept=[kept]).findings}
    assert "rolled-back" in codes


def test_a_rewritten_history_is_found_with_a_kept_checkpoint(settings: Any) -> None:
    world.build()
    kept = Checkpoint.objects.latest().note
    with world.behind_the_guards():
        act = Act.objects.order_by("pk")[0]
        Act.objects.filter(pk=act.pk).update(kind="declined")
        act.refresh_from_db()
        LedgerLeaf.objects.filter(reference=act.subject_ref.hex).delete()
        subject = ActSubject.objects.get(subject_ref=act.subject_ref)
        ledger.append_act(act=act, subject=subject, at=act.at)
        acceptance.rebuild_standing(Standing.objects.get(person=subject.person_id, policy=act.version.policy_id))
        Checkpoint.objects.all().delete()
        LedgerLeaf.objects.update(leaf_index=None)
    ledger.seal(at=NOW)
    assert evidence.verify().is_good
    assert [finding.code for finding in evidence.verify(kept=[kept]).findings] == ["head-mismatch"]


def test_a_page_is_compared_with_nothing() -> None:
    world.build()
    page = BoundRendering.objects.filter(before=None).earliest("pk")
    with world.behind_the_guards():
        BoundRendering.objects.filter(pk=page.pk).update(before_sha256="1" * 64)
    (finding,) = evidence.verify().findings
    assert (finding.code, finding.where) == ("rendering-changed", f"rendering {page.pk}")
    assert "before_sha256" in finding.message


def test_the_command_names_what_it_finds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    world.build()
    kept = tmp_path / "checkpoint"
    kept.write_text(Checkpoint.objects.latest().note)
    call_command("verify_ledger", checkpoint=[str(kept)])
    assert "25 leaves, 25 sealed under 2 signed heads, 0 closed by erasure: PASS" in capsys.readouterr().out
    with world.behind_the_guards():
        VersionText.objects.filter(version__number=1).update(body="Other words.\n")
    with pytest.raises(SystemExit):
        call_command("verify_ledger", json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["findings"][0]["code"] == "text-changed"


def test_growing_the_world_does_not_change_what_was_signed() -> None:
    world.build(people_count=2)
    notes = [checkpoint.note for checkpoint in Checkpoint.objects.all()]
    ledger.append(kind="test", reference="more", body={}, at=NOW)
    ledger.seal(at=NOW)
    assert evidence.verify(kept=notes).is_good


def test_versions_published_without_the_ledger_are_found() -> None:
    world.build()
    with world.behind_the_guards():
        LedgerLeaf.objects.filter(kind="publication", reference=str(Version.objects.order_by("pk")[0].pk)).delete()
    codes = {finding.code for finding in evidence.verify().findings}
    assert codes == {"publication-unlisted", "leaf-missing", "head-mismatch"}
