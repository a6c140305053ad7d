"""Bringing a date forward, or mending a wrong one, while nobody was told: by a row with a new promise check."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from policies import clock, evidence, ledger, publishing
from policies.models import (
    AuditEvent,
    Channel,
    DateChange,
    LedgerLeaf,
    Notice,
    Policy,
    Promise,
    PromiseCheck,
    User,
    Version,
    WebhookMessage,
)
from tests import factories, people
from tests.evidence import world
from tests.publishing.test_corrections import THIRD, approved
from tests.webhooks import listening

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def announced(policy: Policy | None = None, *, days: int = 40, **fields: Any) -> Version:
    """Published by the verb a moment ago, in effect in so many days."""
    draft = factories.make_approved(policy, effective_at=factories.in_days(days), **fields)
    return publishing.publish(version=draft, by=people.edith(), at=clock.now())


def bring_forward(version: Version, to: datetime, *, by: User | None = None, override_reason: str = "") -> DateChange:
    return publishing.bring_forward(
        version=version,
        effective_at=to,
        reason="The year was wrong.",
        override_reason=override_reason,
        by=by or people.edith(),
        at=clock.now(),
    )


def promising(days: int) -> Policy:
    """A policy whose text in force promises so many days of notice."""
    version = publishing.publish(version=factories.make_approved(), by=people.edith(), at=clock.now())
    promise = Promise.objects.create(version=version, read_by=people.edith(), read_at=clock.now())
    promise.tiers.create(
        applies_to="all", channels=[Channel.EMAIL], notice_days=days, prior="yes", quote="We tell you."
    )
    return version.policy


def test_it_is_a_row_with_a_leaf_and_a_check_of_its_own() -> None:
    version, sooner = announced(), factories.in_days(20)
    was = version.effective_at
    moved = bring_forward(version, sooner)
    assert (moved.was_effective_at, moved.effective_at, moved.untold, moved.is_earlier) == (was, sooner, True, True)
    assert Version.objects.get(pk=version.pk).effective_at == sooner
    assert [check.date_change for check in version.promise_checks.order_by("pk")] == [None, moved]
    leaf = LedgerLeaf.objects.get(kind="brought-forward", reference=str(moved.pk))
    body = json.loads(leaf.body)
    assert (body["version"], body["promise"]["kept"]) == (version.pk, True)
    assert body["was_effective_at"] == ledger.instant(moved.was_effective_at)
    event = AuditEvent.objects.get(verb="version.brought_forward")
    assert (event.version, event.data["reason"]) == (version, "The year was wrong.")


def test_programs_hear_of_it_as_what_it_is() -> None:
    version = announced()
    listening.endpoint()
    bring_forward(version, factories.in_days(20))
    assert list(WebhookMessage.objects.values_list("kind", flat=True)) == ["version.brought_forward"]


@pytest.mark.parametrize(
    ("days", "refusal"),
    [(40, publishing.OutOfOrder), (41, publishing.OutOfOrder), (-1, publishing.TooSoon), (4, publishing.OutOfOrder)],
)
def test_only_dates_that_lie_between_are_set(days: int, refusal: type[publishing.Refused]) -> None:
    policy = announced(days=5).policy
    version = announced(policy)
    to = version.effective_at if days == 40 else factories.in_days(days)
    assert to is not None
    with pytest.raises(refusal):
        bring_forward(version, to)
    assert not version.date_changes.exists()


def test_nobody_takes_effect_before_it_can_be_read() -> None:
    version = announced(visible_from=factories.in_days(10))
    with pytest.raises(publishing.TooSoon, match="before anybody could read it"):
        bring_forward(version, factories.in_days(9))
    bring_forward(version, factories.in_days(11))


def test_a_reason_is_needed() -> None:
    with pytest.raises(ValidationError):
        publishing.bring_forward(
            version=announced(), effective_at=factories.in_days(9), reason=" ", by=people.edith(), at=clock.now()
        )


def test_what_is_in_effect_or_withdrawn_stays() -> None:
    in_effect = factories.make_version()
    withdrawn = publishing.withdraw(version=announced(), reason="No.", by=people.edith(), at=clock.now())
    for version, refusal in ((in_effect, publishing.TooLate), (withdrawn, publishing.NotPublished)):
        with pytest.raises(refusal):
            bring_forward(version, factories.in_days(9))


def test_a_breach_is_refused_as_at_publication() -> None:
    version = announced(promising(30))
    with pytest.raises(publishing.PromiseBroken, match="30 days"):
        bring_forward(version, factories.in_days(20))
    # The author of the version cannot override it, whatever they write.
    with pytest.raises(publishing.PromiseBroken):
        bring_forward(version, factories.in_days(20), override_reason="We must.")
    assert version.promise_checks.count() == 1


def test_an_approver_who_did_not_write_it_may_override_with_a_reason() -> None:
    version = announced(promising(30))
    with pytest.raises(publishing.PromiseBroken):
        bring_forward(version, factories.in_days(20), by=people.ravi())
    moved = bring_forward(version, factories.in_days(20), by=people.ravi(), override_reason="A court said so.")
    check = version.promise_check
    assert check is not None
    assert (moved.override_reason, check.kept, check.overridden) == ("A court said so.", False, True)


def test_once_mails_began_to_go_out_it_is_only_postponed() -> None:
    version = announced()
    make_notice(version, begun_at=clock.now())
    with pytest.raises(publishing.AlreadyTold):
        bring_forward(version, factories.in_days(20))
    later = publishing.postpone(
        version=version, effective_at=factories.in_days(60), reason="Wait.", by=people.edith(), at=clock.now()
    )
    assert not later.untold


def make_notice(version: Version, **fields: Any) -> Notice:
    given = {"effective_at": version.effective_at, "state": "sending", "created_at": clock.now(), **fields}
    return Notice.objects.create(version=version, stream="legal", rate_per_minute=60, **given)


def execute(sql: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def row(version: Version, **fields: Any) -> DateChange:
    given = {"effective_at": factories.in_days(9), "untold": True, **fields}
    assert version.effective_at is not None
    return DateChange.objects.create(
        version=version, was_effective_at=version.effective_at, reason="x", by=people.edith(), at=clock.now(), **given
    )


def test_the_database_refuses_it_too_once_mails_began() -> None:
    version = announced()
    make_notice(version, begun_at=clock.now())
    for fields in ({}, {"untold": False}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row(version, **fields)


def test_the_database_begins_no_notice_that_names_another_date() -> None:
    version = announced()
    notice = make_notice(version)
    bring_forward(version, factories.in_days(20))
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(begun_at=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(effective_at=factories.in_days(20))


def test_what_began_stays_begun() -> None:
    notice = make_notice(announced(), begun_at=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(begun_at=None)


def test_an_old_change_of_date_leads_nowhere_again() -> None:
    version = announced()
    first = version.effective_at
    later = factories.in_days(60)
    publishing.postpone(version=version, effective_at=later, reason="Wait.", by=people.edith(), at=clock.now())
    assert first is not None
    bring_forward(version, first)
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(effective_at=later)


def test_corrections_go_along() -> None:
    version = announced(body=THIRD)
    draft = approved(version, THIRD.replace("adress", "address"))
    publishing.publish(version=draft, by=people.edith(), at=clock.now())
    sooner = factories.in_days(20)
    bring_forward(version, sooner)
    dates = version.policy.versions.standing().values_list("correction", "effective_at")
    assert set(dates) == {(0, sooner), (1, sooner)}
    assert LedgerLeaf.objects.filter(kind="brought-forward").count() == 2


class TestVerifying:
    def moved(self) -> DateChange:
        moved = bring_forward(announced(), factories.in_days(20))
        ledger.bind(at=clock.now())
        ledger.seal_all(at=clock.now())
        assert evidence.verify().findings == []
        return moved

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"reason": "Another."}, "brought-forward-changed"),
            ({"override_reason": "Another."}, "brought-forward-changed"),
            ({"untold": False}, "brought-forward-changed"),
        ],
    )
    def test_a_changed_row_is_found(self, change: dict[str, object], code: str) -> None:
        moved = self.moved()
        with transaction.atomic():
            with world.behind_the_guards():
                if connection.vendor == "postgresql":
                    execute(
                        "ALTER TABLE policies_postponement DROP CONSTRAINT brought_forward_only_where_nobody_was_told"
                    )
                DateChange.objects.filter(pk=moved.pk).update(**change)
            found = {finding.code for finding in evidence.verify().findings}
            transaction.set_rollback(True)
        assert code in found

    def test_a_changed_check_is_found(self) -> None:
        moved = self.moved()
        with transaction.atomic():
            with world.behind_the_guards():
                PromiseCheck.objects.filter(date_change=moved).update(lines=[])
            found = {finding.code for finding in evidence.verify().findings}
            transaction.set_rollback(True)
        assert {"brought-forward-changed", "row-changed"} <= found

    def test_a_row_without_a_leaf_is_found(self) -> None:
        version = announced()
        row(version)
        assert "postponement-unlisted" in {finding.code for finding in evidence.verify().findings}
