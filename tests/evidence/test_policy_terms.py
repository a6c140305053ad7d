"""Terms behind the ledger's back, and a database of before there was a record of them."""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command

from policies import clock, evidence, ledger, publishing
from policies.models import AuditEvent, Policy, PolicyTerms, Version
from tests import earlier, factories, people
from tests.acceptance.asking import NOW
from tests.evidence import world

pytestmark = pytest.mark.both_databases


def altered(**values: object) -> Callable[[], object]:
    return lambda: PolicyTerms.objects.filter(number=2).update(**values)


BEHIND = {
    "another grace": (altered(grace_period_days=1), {"terms-changed", "policy-changed"}),
    "another approver": (altered(approved_by=None), {"terms-changed"}),
    "another reason": (altered(reason="Because."), {"terms-changed"}),
    "another day": (altered(at=NOW + world.DAY), {"terms-changed"}),
    "removed": (lambda: PolicyTerms.objects.filter(number=2).delete(), {"terms-changed", "policy-changed"}),
    "the old ones": (lambda: PolicyTerms.objects.filter(number=1).update(solo=True), {"terms-changed"}),
    "the policy alone": (lambda: Policy.objects.update(is_optional=True), {"policy-changed"}),
    "its zone": (lambda: Version.objects.filter(number=1).update(time_zone="Asia/Tokyo"), {"version-changed"}),
    "its id": (lambda: Policy.objects.update(uid="0" * 32), {"terms-changed", "version-changed"}),
    "invented": (
        lambda: factories.change_terms(Policy.objects.get(), audiences=("pilots",)),
        {"terms-unlisted"},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BEHIND)
def test_terms_altered_behind_the_guards_are_named(what: str) -> None:
    world.build()
    terms = {"grace_period_days": 30}
    proposal = publishing.propose_terms(
        policy=Policy.objects.get(), terms=terms, reason="Fair.", by=people.edith(), at=NOW
    )
    publishing.approve_terms(proposal=proposal, by=people.ravi(), at=NOW)
    assert evidence.verify().findings == []
    alter, codes = BEHIND[what]
    with world.behind_the_guards():
        alter()
    assert {finding.code for finding in evidence.verify().findings} == codes


def test_migrate_puts_the_terms_of_before_on_record(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.sealing_as_before(monkeypatch):
        world.build()
    policy = Policy.objects.get()
    approved = factories.make_approved(policy, at=NOW)
    world.bind_no_pages()
    world.unseal(without=("terms", "rendering"))
    earlier.before("0009")
    call_command("migrate", verbosity=0)
    ledger.seal_all(at=clock.now())
    assert evidence.verify().findings == []
    row = PolicyTerms.objects.get()
    assert {json.loads(version.manifest)["format"] for version in Version.objects.published()} == {1}
    assert (row.number, row.terms, row.reason) == (1, policy.terms, "as found at an upgrade")
    assert set(Version.objects.published().values_list("time_zone", flat=True)) == {"UTC"}
    approved.refresh_from_db()
    assert (approved.status, approved.manifest) == ("in_review", "")
    assert AuditEvent.objects.filter(verb="version.to_approve_again", version=approved).exists()
    with world.behind_the_guards():
        Version.objects.filter(number=2).update(time_zone="Asia/Tokyo")
    assert {finding.code for finding in evidence.verify().findings} == {"version-changed"}
