"""Deleting a policy that never published anything: it goes as a whole, the audit record stays, the address is free."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from policies import authoring, clock, evidence, ledger, publishing
from policies.authoring import TierReading
from policies.models import (
    AuditEvent,
    DeletionRequest,
    Policy,
    PolicyAddress,
    Promise,
    PromiseTier,
    Review,
    Revision,
    Version,
)
from policies.notices.upkeep import desk_mail
from tests import factories, people
from tests.evidence import world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def with_a_past(slug: str = "terms") -> Policy:
    """A policy whose draft was edited, sent back, approved and read; people at the desk know it, nobody else does."""
    policy = factories.make_policy(slug=slug, title="Terms of Use")
    draft = factories.make_approved(policy)
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    quote = draft.texts.get().body.split("\n\n")[1]
    tier = TierReading(applies_to="all", quote=quote, channels=["email"])
    authoring.record_promise(version=draft, tiers=[tier], by=people.edith(), at=clock.now())
    Policy.objects.filter(pk=policy.pk).update(slug=f"{slug}-of-use")
    policy.tiers.create(name="significant")
    people.vera(policy)
    return policy


def delete(policy: Policy) -> None:
    publishing.delete_policy(policy=policy, by=people.edith(), at=clock.now())


def execute(sql: str, *parameters: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        # What refers to what is gone is otherwise looked at with the end of the test.
        connection.check_constraints()


def test_everything_of_it_goes_and_its_events_stay() -> None:
    policy = with_a_past()
    before = set(AuditEvent.objects.filter(policy=policy.pk).values_list("pk", flat=True))
    reviewed = Review.objects.get()
    delete(policy)
    assert not any(
        model.objects.exists() for model in (Policy, PolicyAddress, Version, Revision, Review, Promise, PromiseTier)
    )
    events = AuditEvent.objects.filter(policy=policy.pk)
    assert before < set(events.values_list("pk", flat=True))
    said = events.get(verb="policy.deleted").data
    assert (said["title"], said["uid"]) == ("Terms of Use", policy.uid.hex)
    assert said["addresses"] == ["terms", "terms-of-use"]
    assert [(each["answer"], each["manifest_sha256"]) for each in said["reviews"]] == [
        ("approved", reviewed.manifest_sha256)
    ]
    connection.check_constraints()


def test_its_addresses_are_free_again_and_the_log_stays_whole() -> None:
    for _again in range(2):
        policy = with_a_past()
        ledger.bind(at=clock.now())
        delete(policy)
        ledger.seal_all(at=clock.now())
        assert evidence.verify().findings == []
    kept = factories.make_policy(slug="terms")
    assert evidence.verify().findings == []
    ledger.bind(at=clock.now())
    ledger.seal_all(at=clock.now())
    assert Policy.objects.at_address("terms") == kept
    assert evidence.verify().findings == []


def test_an_address_that_came_back_is_bound_as_what_it_is_now() -> None:
    policy = with_a_past()
    ledger.bind(at=clock.now())
    delete(policy)
    factories.make_policy(slug="terms")
    other = factories.make_policy()
    ledger.bind(at=clock.now())
    with transaction.atomic():
        with world.behind_the_guards():
            PolicyAddress.objects.filter(slug="terms").update(policy=other)
        found = {finding.where for finding in evidence.verify().findings}
        transaction.set_rollback(True)
    assert "policyaddress terms" in found


@pytest.mark.parametrize("how", ["in force", "announced", "withdrawn", "imported", "under embargo"])
def test_what_was_ever_published_is_kept_by_verb_and_database(how: str) -> None:
    policy = factories.make_policy()
    make: dict[str, Callable[[], object]] = {
        "in force": lambda: factories.make_version(policy),
        "announced": lambda: factories.make_version(policy, effective_at=factories.in_days(9)),
        "withdrawn": lambda: publishing.withdraw(
            version=factories.make_version(policy, effective_at=factories.in_days(9)),
            reason="No.",
            by=people.edith(),
            at=clock.now(),
        ),
        "imported": lambda: publishing.record_past(
            policy=policy,
            source=b"# Terms\n\nOld.\n",
            filename="old.md",
            published_at=factories.days_ago(9),
            effective_at=factories.days_ago(9),
            by=people.edith(),
            at=clock.now(),
        ),
        "under embargo": lambda: publishing.publish(
            version=factories.make_approved(
                policy, visible_from=factories.in_days(2), effective_at=factories.in_days(9)
            ),
            by=people.edith(),
            at=clock.now(),
        ),
    }
    make[how]()
    with pytest.raises(publishing.EverPublished, match="Retire it instead"):
        delete(policy)
    with pytest.raises(DatabaseError):
        execute("DELETE FROM policies_policy WHERE id = %s", policy.pk)
    assert Policy.objects.filter(pk=policy.pk).exists()


def test_whoever_asked_to_be_deleted_keeps_it() -> None:
    policy = with_a_past()
    DeletionRequest.objects.create(
        person=factories.make_person(), policy=policy, asked_at=clock.now(), due_on=clock.now().date()
    )
    with pytest.raises(publishing.EverPublished, match="asked to be deleted"):
        delete(policy)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM policies_review",
        "DELETE FROM policies_promisetier",
        "DELETE FROM policies_promise",
        "DELETE FROM policies_policyaddress",
        "DELETE FROM policies_policy",
        "DELETE FROM policies_auditevent",
    ],
)
def test_no_part_of_it_goes_alone(sql: str) -> None:
    with_a_past()
    with pytest.raises(DatabaseError):
        execute(sql)


def test_a_reviewed_draft_does_not_go_with_its_reviews() -> None:
    """A request for changes cannot be made undone by taking the draft first."""
    draft = Version.objects.get(policy=with_a_past())
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DELETE FROM policies_version WHERE id = %s", [draft.pk])
        with pytest.raises(DatabaseError, match="policies_review"):
            cursor.execute("DELETE FROM policies_review WHERE version_id = %s", [draft.pk])
        transaction.set_rollback(True)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE exists on SQLite alone")
def test_no_other_is_put_in_its_place() -> None:
    policy = with_a_past()
    columns = ", ".join(str(field.column) for field in Policy._meta.local_concrete_fields)
    other = columns.replace("uid", f"'{'0' * 32}'", 1)
    with pytest.raises(DatabaseError):
        execute(f"INSERT OR REPLACE INTO policies_policy ({columns}) SELECT {other} FROM policies_policy")  # noqa: S608
    assert Policy.objects.get().uid == policy.uid


def test_the_desk_is_not_mailed_about_what_is_gone() -> None:
    policy = with_a_past()
    assert AuditEvent.objects.filter(verb__in=desk_mail.WHOM, policy=policy.pk).exists()
    delete(policy)
    assert desk_mail.tell(at=clock.now()) == 0
