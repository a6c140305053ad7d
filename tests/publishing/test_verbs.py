"""Publishing, postponing, withdrawing, renaming, retiring, confirming and recording the past."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from policies import clock, publishing
from policies.models import AuditEvent, LedgerLeaf, Person, Version
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def publish(version: Version, at: datetime | None = None) -> Version:
    return publishing.publish(version=version, by=people.edith(), at=at or clock.now())


def postpone(version: Version, to: datetime, reason: str = "The partner is late.") -> None:
    publishing.postpone(version=version, effective_at=to, reason=reason, by=people.edith(), at=clock.now())


def withdraw(version: Version) -> Version:
    return publishing.withdraw(version=version, reason="It was a mistake.", by=people.edith(), at=clock.now())


def test_publishing_gives_the_next_number_and_records_everything() -> None:
    at = clock.now()
    version = publish(factories.make_approved(factories.make_version().policy), at)
    assert (version.number, version.published_at, version.effective_at) == (2, at, at)
    assert version.promise_checks.get().lines
    assert AuditEvent.objects.filter(verb="version.published", version=version).exists()
    assert LedgerLeaf.objects.filter(kind="publication", reference=str(version.pk)).exists()


def test_a_stated_instant_is_kept() -> None:
    later = factories.in_days(20)
    version = publish(factories.make_approved(effective_at=later))
    assert version.effective_at == later
    assert not Version.objects.in_force(clock.now()).filter(policy=version.policy).exists()
    assert Version.objects.in_force(later).get(policy=version.policy) == version


def test_only_what_was_approved_is_published() -> None:
    version = factories.make_approved()
    Version.objects.filter(pk=version.pk).update(change_class="editorial")
    with pytest.raises(publishing.NotApproved, match="What was approved"):
        publish(version)
    version.refresh_from_db()
    assert version.number is None


def test_a_draft_is_not_published() -> None:
    with pytest.raises(publishing.NotApproved, match="Only an approved version"):
        publish(factories.make_draft())


def test_what_was_shown_has_to_be_what_is_published() -> None:
    with pytest.raises(publishing.NotApproved, match="after you opened this page"):
        publishing.publish(version=factories.make_approved(), by=people.edith(), at=clock.now(), seen_manifest="0" * 64)


def test_publishing_twice_publishes_once() -> None:
    version = factories.make_approved()
    publish(version)
    with pytest.raises(publishing.NotApproved):
        publish(version)
    assert version.policy.versions.published().count() == 1


def test_an_overtaken_draft_is_refused() -> None:
    policy = factories.make_version().policy
    slow, fast = factories.make_approved(policy), factories.make_approved(policy)
    publish(fast)
    with pytest.raises(publishing.OutOfDate, match="Version 2 was published since"):
        publish(slow)


def test_an_effective_date_that_passed_since_approval_is_refused() -> None:
    version = factories.make_approved(effective_at=factories.in_days(1))
    with pytest.raises(publishing.TooSoon):
        publish(version, factories.in_days(2))


def test_a_later_number_never_takes_effect_first() -> None:
    policy = factories.make_policy()
    first = publish(factories.make_approved(policy, effective_at=factories.in_days(5)))
    second = factories.make_approved(policy, effective_at=factories.in_days(10))
    later, by = factories.in_days(20), people.edith()
    publishing.postpone(version=first, effective_at=later, reason="Not ready.", by=by, at=clock.now())
    with pytest.raises(publishing.OutOfOrder, match="earlier number"):
        publish(second)


def test_a_retired_policy_publishes_nothing() -> None:
    version = factories.make_approved()
    publishing.retire(policy=version.policy, by=people.edith(), at=clock.now())
    with pytest.raises(publishing.PolicyRetired):
        publish(version)


def test_material_tells_people_where_the_promise_is_silent() -> None:
    assert publish(factories.make_approved()).tells_people
    assert not publish(factories.make_approved(change_class="minor")).tells_people


def test_without_accounts_nobody_is_told_by_mail() -> None:
    Person.objects.all().delete()
    assert not publish(factories.make_approved(factories.make_policy(has_accounts=False))).tells_people


def test_postponing_keeps_what_was_announced_before() -> None:
    version = publish(factories.make_approved(effective_at=factories.in_days(10)))
    later = factories.in_days(20)
    postpone(version, later)
    moved = version.date_changes.get()
    assert (moved.was_effective_at, Version.objects.get(pk=version.pk).effective_at) == (version.effective_at, later)
    assert LedgerLeaf.objects.filter(kind="postponement", reference=str(moved.pk)).exists()


def test_postponing_is_to_later_only() -> None:
    version = publish(factories.make_approved(effective_at=factories.in_days(10)))
    with pytest.raises(publishing.OutOfOrder, match="only be postponed"):
        postpone(version, factories.in_days(5))


def test_postponing_needs_a_reason_and_is_then_whole_or_not_at_all() -> None:
    version = publish(factories.make_approved(effective_at=factories.in_days(10)))
    with pytest.raises(ValidationError):
        postpone(version, factories.in_days(20), reason=" ")
    assert not version.date_changes.exists()


def test_a_version_in_effect_is_neither_postponed_nor_withdrawn() -> None:
    version = publish(factories.make_approved(), factories.days_ago(1))
    with pytest.raises(publishing.TooLate):
        postpone(version, factories.in_days(20))
    with pytest.raises(publishing.TooLate):
        withdraw(version)


def test_a_lower_number_is_not_postponed_behind_a_higher_one() -> None:
    policy = factories.make_policy()
    first = publish(factories.make_approved(policy, effective_at=factories.in_days(10)))
    publish(factories.make_approved(policy, effective_at=factories.in_days(15)))
    with pytest.raises(publishing.OutOfOrder, match="higher number"):
        postpone(first, factories.in_days(20))


def test_a_withdrawn_version_never_takes_effect_and_keeps_its_number() -> None:
    policy = factories.make_version().policy
    withdrawn = withdraw(publish(factories.make_approved(policy, effective_at=factories.in_days(10))))
    assert withdrawn.withdrawn_at is not None
    assert Version.objects.in_force(factories.in_days(11)).get(policy=policy).number == 1
    assert publish(factories.make_approved(policy)).number == 3


def test_withdrawing_twice_is_refused() -> None:
    version = withdraw(publish(factories.make_approved(effective_at=factories.in_days(10))))
    with pytest.raises(publishing.NotPublished):
        withdraw(version)


def test_an_old_address_stays_taken_for_ever() -> None:
    policy, other = factories.make_policy(slug="terms"), factories.make_policy()
    publishing.rename(policy=policy, slug="terms-of-use", by=people.edith(), at=clock.now())
    assert {address.slug for address in policy.addresses.all()} == {"terms", "terms-of-use"}
    for renamed, taken in ((other, "terms"), (other, "terms-of-use"), (policy, "terms")):
        with pytest.raises(publishing.SlugTaken):
            publishing.rename(policy=renamed, slug=taken, by=people.edith(), at=clock.now())


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        publishing.rename(policy=factories.make_policy(), slug="a b/c", by=people.edith(), at=clock.now())


def test_a_retired_policy_keeps_its_address_and_nobody_confirms_it() -> None:
    policy = factories.make_version().policy
    publishing.retire(policy=policy, by=people.edith(), at=clock.now())
    with pytest.raises(publishing.PolicyRetired, match="address stays"):
        publishing.rename(policy=policy, slug="another", by=people.edith(), at=clock.now())
    with pytest.raises(publishing.PolicyRetired, match="nothing to confirm"):
        publishing.confirm_unchanged(policy=policy, by=people.edith(), at=clock.now())
    policy.refresh_from_db()
    assert (policy.slug == "another", policy.reviews.exists()) == (False, False)


def test_nobody_confirms_what_is_not_in_force() -> None:
    policy = factories.make_version(effective_at=factories.in_days(30)).policy
    with pytest.raises(publishing.NotPublished, match="Nothing of this policy is in force"):
        publishing.confirm_unchanged(policy=policy, by=people.edith(), at=clock.now())
    assert not policy.reviews.exists()


def test_confirming_moves_last_reviewed_and_not_last_updated() -> None:
    version = factories.make_version()
    publishing.confirm_unchanged(policy=version.policy, by=people.edith(), at=clock.now())
    assert version.policy.reviews.latest().by == people.edith()
    assert version.policy.versions.count() == 1


class TestRecordingThePast:
    SOURCE = b"# Privacy Policy\n\n_Last updated: August 2025_\n\n## Data\n\nWe keep little.\n"
    AUGUST = datetime(2025, 8, 1, tzinfo=UTC)

    def record(self, published_at: datetime = AUGUST, **options: Any) -> Version:
        given: dict[str, Any] = {
            "policy": options.pop("policy", None) or factories.make_policy(),
            "source": self.SOURCE,
            **options,
        }
        effective_at = given.pop("effective_at", published_at)
        dates: dict[str, Any] = {"published_at": published_at, "effective_at": effective_at}
        return publishing.record_past(filename="old.md", by=people.edith(), at=clock.now(), **dates, **given)

    def test_it_is_marked_and_keeps_the_precision_of_its_date(self) -> None:
        version = self.record()
        assert (version.number, version.imported, version.tells_people) == (1, True, False)
        assert (version.last_updated_on, version.date_precision) == (date(2025, 8, 1), "month")

    def test_it_never_tells_anybody(self) -> None:
        self.record()
        assert not Version.objects.awaiting_notice(clock.now()).exists()

    def test_old_versions_come_in_ascending_order(self) -> None:
        policy = self.record().policy
        with pytest.raises(publishing.OutOfOrder, match="ascending"):
            self.record(self.AUGUST - timedelta(days=90), policy=policy)
        assert self.record(self.AUGUST + timedelta(days=90), policy=policy).number == 2

    def test_the_future_is_not_past(self) -> None:
        with pytest.raises(publishing.OutOfOrder, match="in the future"):
            self.record(factories.in_days(3))
