import random
from dataclasses import astuple

import pytest
from django.db import DataError, IntegrityError, transaction

from policies import evidence, ledger
from policies.evidence import derived, leaf_opening, sound_acts
from policies.models import Act, ActSubject, Checkpoint, LedgerLeaf, Standing
from tests.evidence import test_verifying, world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found_with_care() -> set[tuple[str, ...]]:
    """What opening every leaf with care finds."""
    leaves = list(LedgerLeaf.objects.all())
    opener = leaf_opening.Opener(leaves)
    return {finding for leaf in leaves for finding in opener.open(leaf).findings}


def test_all_acts_are_found_sound_and_nothing_else() -> None:
    world.build()
    leaves = list(sound_acts.leaves())
    doubtful = set(sound_acts.SoundActs().doubtful(leaves))
    assert {leaf[2] for leaf in leaves if leaf[0] not in doubtful} == {"act"}
    assert not [leaf for leaf in leaves if leaf[0] in doubtful and leaf[2] == "act"]


def test_acts_after_a_head_are_found_sound_without_those_before() -> None:
    world.build()
    first = Checkpoint.objects.earliest("size").size
    leaves = list(sound_acts.leaves(after=first))
    assert len(leaves) == LedgerLeaf.objects.count() - first
    acts = [leaf for leaf in leaves if leaf[2] == "act"]
    assert len(acts) == 4
    assert sound_acts.SoundActs(after=first).doubtful(acts) == []


def test_of_all_acts_those_without_a_leaf_are_left_to_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world.build()
    with world.behind_the_guards():
        gone = LedgerLeaf.objects.filter(kind="act").latest("pk")
        gone.delete()
        everything = sound_acts.SoundActs()
        everything.doubtful(list(sound_acts.leaves()))
        assert [reference.hex for reference in everything.left() or ()] == [gone.reference]
        assert ("act-unlisted", f"act {gone.reference}") in {each[:2] for each in leaf_opening.unlisted()}
        monkeypatch.setattr(sound_acts, "MOST_LEFT", 0)
        many = sound_acts.SoundActs()
        many.doubtful(list(sound_acts.leaves()))
        assert many.left() is None
        assert sound_acts.SoundActs(after=Checkpoint.objects.earliest("size").size).left() is None
        assert "act-unlisted" in {finding.code for finding in evidence.verify().findings}


@pytest.mark.parametrize("kind", ["agreed", "declined"])
def test_a_standing_is_of_the_latest_act_about_its_version(kind: str) -> None:
    world.build()
    standing = Standing.objects.exclude(**{f"{kind}_at": None}).first() or Standing.objects.all()[0]
    at, number = f"{kind}_at", f"{kind}_number"
    changes = ({at: world.START}, {number: 7}, {at: None, number: 0}, {at: world.START, number: 1})
    assert list(derived.standings_differ()) == []
    with world.behind_the_guards():
        for changed in changes:
            with transaction.atomic():
                before = {at: getattr(standing, at), number: getattr(standing, number)}
                Standing.objects.filter(pk=standing.pk).update(**changed)
                assert bool(list(derived.standings_differ())) == (before != before | changed), changed
                transaction.set_rollback(True)


def test_an_instant_is_written_as_records_have_it() -> None:
    world.build()
    for act, at, displayed in Act.objects.values_list("pk", sound_acts.Said("at"), sound_acts.Said("displayed_at")):
        row = Act.objects.get(pk=act)
        assert at == ledger.instant(row.at)
        assert displayed == (ledger.instant(row.displayed_at) if row.displayed_at else None)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_fast_is_what_is_found_with_care(seed: int) -> None:
    """Acts, whose they were and their leaves, changed, removed and swapped behind the guards."""
    world.build_whole()
    chance, done = random.Random(seed), 0  # noqa: S311 - which row is tampered with is no secret
    with world.behind_the_guards():
        while done < 15:
            try:
                with transaction.atomic():
                    what = chance.choice(test_verifying.TAMPERINGS)(chance)
                    careful = found_with_care() | set(leaf_opening.unlisted())
                    found = {astuple(finding) for finding in evidence.verify().findings}
                    transaction.set_rollback(True)
            except (IntegrityError, DataError):
                continue  # the database itself refused it, even to its owner
            done += 1
            assert careful <= found, what


def test_acts_that_lie_far_from_their_leaves_are_opened_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    world.build()
    monkeypatch.setattr(sound_acts, "AHEAD", 2)
    monkeypatch.setattr(sound_acts, "CHUNK", 2)
    with world.behind_the_guards():
        first = ActSubject.objects.earliest("pk")
        ActSubject.objects.filter(pk=first.pk)._raw_delete("default")
        first.pk = 10_000
        first.save(force_insert=True)
        assert evidence.verify().findings == []
