"""What says that it is older than it can be: whoever has the site's role can add rows, but of the present alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from policies import acceptance, evidence, ledger
from policies.ledger import sealing
from policies.models import Act, AuditEvent, Checkpoint, Person, Review, Version
from policies.publishing import verbs
from scripts import postgresql
from tests import factories
from tests.evidence import world
from tests.models.test_shadowed_guards import SITE, as_the_site

pytestmark = pytest.mark.both_databases
# The last head of `build_whole` is of the tenth day.
LONG_AGO, TODAY = world.START + 2 * world.DAY, world.START + 20 * world.DAY


@pytest.fixture
def crowd(db: None) -> list[Person]:
    return world.build_whole()


def found(**chosen: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in evidence.verify(**chosen).findings]


def answered_long_ago(person: Person) -> Act:
    """As the product writes an answer, with its leaf; only the instant is another."""
    act = world.answer(acceptance.accept, person, Version.objects.get(number=1), at=LONG_AGO)
    assert isinstance(act, Act)
    return act


def test_an_answer_of_long_ago_that_the_site_adds_is_named(fresh_database: str) -> None:
    world.build_whole()
    somebody, head = factories.make_person(), Checkpoint.objects.latest().note
    name, owner = connection.settings_dict["NAME"], connection.settings_dict["USER"]
    with as_the_site(*postgresql.rights(database=name, owner=owner, role=SITE)):
        act = answered_long_ago(somebody)
        where = ("leaf-time", f"act {act.subject_ref.hex}")
        assert where in found(), "while it waits for its place in the log"
        ledger.seal_all(at=TODAY)
        assert where in found()
        assert where in found(since=head)


def test_a_leaf_of_the_future_is_named(crowd: list[Person]) -> None:
    ledger.append(kind="test", reference="x", body={}, at=TODAY + timedelta(hours=2))
    ledger.seal_all(at=TODAY)
    assert found() == [("leaf-time", "test x")]


def test_a_leaf_that_waited_and_clocks_that_differ_a_little_are_not(crowd: list[Person]) -> None:
    """The sealer was down for days; of two machines one is half an hour late, the other as much ahead."""
    last = Checkpoint.objects.latest().at
    for minutes in (-30, 0, 30):
        ledger.append(kind="test", reference=str(minutes), body={}, at=last + timedelta(minutes=minutes))
    ledger.seal_all(at=TODAY)
    ledger.append(kind="test", reference="ahead", body={}, at=TODAY + timedelta(minutes=30))
    ledger.seal_all(at=TODAY)
    assert found() == []


def test_what_waited_behind_a_full_head_is_not(crowd: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    """The sealer was down for days, and more waited than one head takes."""
    monkeypatch.setattr(sealing, "AT_ONCE", 2)
    last = Checkpoint.objects.latest()
    for days in range(1, 6):
        ledger.append(kind="test", reference=str(days), body={}, at=last.at + days * world.DAY)
    for minute in range(3):  # two, two, and the last one
        ledger.seal(at=TODAY + timedelta(minutes=minute), at_once=2)
    assert found() == []
    assert found(since=last.note) == []
    ledger.append(kind="test", reference="late", body={}, at=last.at + world.DAY)
    assert found() == [("leaf-time", "test late")]


def test_a_row_of_long_ago_is_named_also_after_a_batch_took_it(crowd: list[Person]) -> None:
    AuditEvent.record("policy.reviewed", by=None, at=LONG_AGO)
    review = Review.objects.latest("pk")
    review.pk, review.at, review._state.adding = None, LONG_AGO, True
    review.save(force_insert=True)
    ledger.bind(at=TODAY)
    ledger.seal_all(at=TODAY)
    event = AuditEvent.objects.latest("pk")
    assert sorted(found()) == [("row-back-dated", f"auditevent {event.pk}"), ("row-back-dated", f"review {review.pk}")]


def test_a_publication_of_long_ago_is_named(crowd: list[Person]) -> None:
    """What was brought in from elsewhere may be older than its leaf: it says that nobody here witnessed it."""
    policy = Version.objects.get(number=1).policy
    version = factories.make_version(policy, published_at=LONG_AGO, effective_at=LONG_AGO)
    verbs._append_publication(version, at=TODAY)
    ledger.seal_all(at=TODAY)
    said = [finding for finding in evidence.verify().findings if finding.where == f"publication {version.pk}"]
    assert [(finding.code, "published_at" in finding.message) for finding in said] == [("publication-changed", True)]
