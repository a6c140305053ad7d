import dataclasses
import threading
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from policies import acceptance
from policies.acceptance import outstanding
from policies.models import Act, ActSubject, GateEpoch, LedgerLeaf, Standing, Version
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of, uma
from tests.factories import make_draft, make_person, make_version

pytestmark = pytest.mark.both_databases

MONTH = timedelta(days=30)


def answer(verb: Any, version: Version, *, person: Any = None, at: Any = NOW, **showing: Any) -> Any:
    return verb(person=person or uma(), version=version, showing=screen_of(version, **showing), how=BY_FORM, at=at)


@pytest.fixture
def version(db: Any) -> Any:
    return asking_version(asking_policy(), effective_at=NOW - MONTH)


def test_an_acceptance_is_an_act_a_subject_a_standing_and_a_leaf(version: Version) -> None:
    act = answer(acceptance.accept, version)
    assert (act.kind, act.version, act.text_sha256) == ("agreed", version, version.text_in("en").sha256)
    assert ActSubject.objects.get(subject_ref=act.subject_ref).person == uma()
    assert Standing.objects.get(person=uma(), policy=version.policy).agreed_number == 1
    assert LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).exists()


def test_a_double_click_is_one_act(version: Version) -> None:
    first = answer(acceptance.accept, version, render_id="one-screen")
    assert answer(acceptance.accept, version, render_id="one-screen") == first
    assert Act.objects.count() == 1


def test_a_second_tab_is_told_that_the_answer_stands(version: Version) -> None:
    first = answer(acceptance.accept, version, render_id="first-tab")
    with pytest.raises(acceptance.AlreadyAgreed) as refusal:
        answer(acceptance.accept, version, render_id="second-tab")
    assert refusal.value.act == first


def test_a_decline_after_an_acceptance_is_refused_aloud(version: Version) -> None:
    answer(acceptance.accept, version, render_id="first-tab")
    with pytest.raises(acceptance.AlreadyAgreed, match="your decline was not recorded"):
        answer(acceptance.decline, version, render_id="second-tab")
    assert [act.kind for act in Act.objects.all()] == ["agreed"]


def test_nothing_was_shown_before_it_was_published(version: Version) -> None:
    early = version.published_at - timedelta(seconds=1) if version.published_at else None
    with pytest.raises(acceptance.NotOpen, match="published later than it is said to have been shown"):
        answer(acceptance.accept, version, displayed_at=early)
    assert not Act.objects.exists()


def test_an_answer_about_an_overtaken_version_is_refused_and_names_the_newer(version: Version) -> None:
    newer = asking_version(version.policy, effective_at=NOW)
    with pytest.raises(acceptance.Superseded) as refusal:
        answer(acceptance.accept, version)
    assert refusal.value.current == newer
    assert not Act.objects.exists()


def test_a_forged_fingerprint_is_refused(version: Version) -> None:
    for forged in ({"manifest_sha256": "0" * 64}, {"text_sha256": "0" * 64}):
        with pytest.raises(acceptance.StaleScreen):
            answer(acceptance.accept, version, **forged)
    assert not Act.objects.exists()


@pytest.mark.django_db
def test_the_fingerprint_is_that_of_the_language_shown() -> None:
    version = make_version(
        asking_policy(), acceptance="explicit", published_at=NOW, translations={"de": "Wir zählen mit.\n"}
    )
    german, english = version.text_in("de").sha256, version.text_in("en").sha256
    screen = screen_of(version)
    shown = [
        ("de", german, True),
        ("en", english, True),
        ("fr", english, True),
        ("de", english, False),
        ("fr", german, False),
    ]
    for number, (language, text_sha256, is_right) in enumerate(shown):
        showing = dataclasses.replace(screen, language=language, text_sha256=text_sha256)
        refused = nullcontext() if is_right else pytest.raises(acceptance.StaleScreen)
        with refused:
            acceptance.accept(person=make_person(), version=version, showing=showing, how=BY_FORM, at=NOW)
        assert Act.objects.count() == min(number + 1, 3)


def test_an_answer_asks_two_questions_and_writes_four_rows(version: Version, django_assert_num_queries: Any) -> None:
    """The rest is the transaction's beginning and end, and the row of somebody who has no standing yet."""
    new, known = make_person(), make_person()
    Standing.objects.create(person=known, policy=version.policy)
    for person, queries in ((new, 9), (known, 8)):
        showing = screen_of(version, render_id=f"screen-{person.pk}")
        with django_assert_num_queries(queries):
            acceptance.accept(person=person, version=version, showing=showing, how=BY_FORM, at=NOW)


def test_drafts_and_what_was_withdrawn_or_retired_cannot_be_answered(version: Version) -> None:
    draft = make_draft(asking_policy())
    withdrawn = asking_version(asking_policy(), effective_at=NOW + MONTH, withdrawn_at=NOW)
    retired = asking_version(asking_policy(retired_at=NOW), effective_at=NOW - MONTH)
    for closed in (draft, withdrawn, retired):
        with pytest.raises(acceptance.NotOpen):
            answer(acceptance.accept, closed)


def test_a_version_cannot_be_answered_before_it_was_published(version: Version) -> None:
    with pytest.raises(acceptance.NotOpen):
        answer(acceptance.accept, version, at=NOW - 2 * MONTH)


def test_people_whom_the_policy_does_not_bind_cannot_answer(version: Version) -> None:
    gone = make_person(closed_at=NOW)
    with pytest.raises(acceptance.NotTheirs):
        answer(acceptance.accept, version, person=gone)


def test_an_acceptance_can_be_undone_for_a_day(version: Version) -> None:
    act = answer(acceptance.accept, version)
    acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=NOW + timedelta(hours=23))
    assert [question.version for question in outstanding(person=uma(), at=NOW + timedelta(hours=24))] == [version]
    assert GateEpoch.objects.get().number == 1


def test_undoing_returns_to_what_was_agreed_before(version: Version) -> None:
    answer(acceptance.accept, version)
    second = answer(acceptance.accept, asking_version(version.policy, effective_at=NOW))
    acceptance.withdraw(act=second, person=uma(), how=BY_FORM, at=NOW)
    assert Standing.objects.get().agreed_number == 1


def test_undoing_twice_is_one_act(version: Version) -> None:
    act = answer(acceptance.accept, version)
    first = acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=NOW)
    assert acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=NOW) == first


def test_undoing_is_over_after_a_day(version: Version) -> None:
    act = answer(acceptance.accept, version)
    with pytest.raises(acceptance.TooLate):
        acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=NOW + timedelta(hours=24))


def test_nobody_undoes_the_act_of_somebody_else(version: Version) -> None:
    act = answer(acceptance.accept, version)
    with pytest.raises(acceptance.NotTheirs):
        acceptance.withdraw(act=act, person=make_person(), how=BY_FORM, at=NOW)


def test_an_act_stands_for_ever(version: Version) -> None:
    act = answer(acceptance.accept, version)
    with pytest.raises(IntegrityError):
        Act.objects.filter(pk=act.pk).update(kind="declined")


@pytest.mark.parametrize(
    ("verb", "render_ids"),
    [(acceptance.accept, [f"tab-{tab}" for tab in range(12)]), (acceptance.decline, ["one-screen"] * 12)],
    ids=["tabs", "clicks"],
)
def test_of_twelve_answers_that_come_together_one_is_recorded(
    fresh_database: Any, verb: Any, render_ids: list[str]
) -> None:
    version = asking_version(asking_policy(), effective_at=NOW - MONTH)
    person = uma()
    outcomes = []

    def click(render_id: str) -> None:
        try:
            outcomes.append(answer(verb, version, person=person, render_id=render_id).pk)
        except acceptance.AlreadyAgreed as refusal:
            outcomes.append(refusal.act.pk if refusal.act else None)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(render_id,)) for render_id in render_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 12
    assert len(set(outcomes)) == Act.objects.count() == 1


def test_a_standing_can_be_made_anew_from_the_acts(version: Version) -> None:
    answer(acceptance.accept, version)
    answer(acceptance.decline, make_and_ask_again(version))
    before = Standing.objects.values().get()
    Standing.objects.update(agreed_number=0, agreed_at=None, declined_number=7)
    acceptance.rebuild_standing(Standing.objects.get())
    assert Standing.objects.values().get() == before


def make_and_ask_again(version: Version) -> Any:
    make_version(version.policy, published_at=NOW)
    return asking_version(version.policy, effective_at=NOW)
