"""A database whose acts were made before their leaves bound the person is brought along."""

import pytest
from django.core.management import call_command

from policies import clock, evidence, ledger
from policies.acceptance import erasing
from policies.models import Act, ActSubject, LedgerLeaf
from tests import earlier
from tests.evidence import world
from tests.evidence.test_whose_answer import checked, older

pytestmark = pytest.mark.both_databases


def as_before_0008() -> None:
    """The database as migrate finds it, with nothing sealed: every act there is under the older binding."""
    world.unseal(without=("terms", "rendering"))
    with world.behind_the_guards():
        older(ActSubject.objects.all())
    earlier.before("0008")


def test_migrate_says_whose_the_acts_of_before_are(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.sealing_as_before(monkeypatch):
        people = world.build()
    as_before_0008()
    call_command("migrate", verbosity=0)
    ledger.seal_all(at=clock.now())
    assert (evidence.verify().findings, set(Act.objects.values_list("binding", flat=True))) == ([], {1})
    assert LedgerLeaf.objects.filter(kind="belonging").count() == Act.objects.count() > 0
    problems, remarks = checked(people[0])
    assert problems == []
    assert sum("older binding; whose it was is on record since" in remark for remark in remarks) == 2
    assert "05-events.json: 2 events are of an older binding" in remarks[-1]
    erasing.erase(person=people[0], ground="request", by=None, at=clock.now())
    assert (evidence.verify().findings, evidence.verify().closed) == ([], 4)
    given = ActSubject.objects.filter(person=people[1])
    with world.behind_the_guards():
        given.update(person=people[2])
    assert {finding.code for finding in evidence.verify().findings} == {"belonging-changed", "standing-changed"}
    problems, _remarks = checked(people[2])
    assert sum("whose it was: the log does not have it" in problem for problem in problems) == 2
