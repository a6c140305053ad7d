"""The promise of the version in force governs the change: a class of tests for each regime of the sources."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from policies import authoring, clock, publishing
from policies.authoring import TierReading
from policies.models import Person, Policy, PromiseTier, Version
from policies.publishing import promise_check
from tests import factories, people

pytestmark = [pytest.mark.django_db]
QUOTE = "We tell you by e-mail 30 days before a material change takes effect."
PRIOR = PromiseTier.Prior.YES


def promising(*tiers: TierReading, policy: Policy | None = None, **reading: Any) -> Policy:
    """A policy whose version in force makes these promises."""
    version = factories.make_version(policy)
    authoring.record_promise(version=version, tiers=tiers, by=people.edith(), at=clock.now(), **reading)
    return version.policy


def check(policy: Policy, *, reached_in: timedelta = timedelta(hours=1), **fields: Any) -> promise_check.Check:
    at = clock.now()
    version = factories.make_draft(policy, **{"change_class": "material", **fields})
    return promise_check.check(version=version, at=at, reached_at=at + reached_in)


def codes(found: promise_check.Check, *, kept: bool | None = False) -> list[str]:
    return [line.code for line in found.lines if line.kept is kept]


def in_days(days: float) -> datetime:
    return factories.in_days(days)


def test_a_first_version_has_nothing_to_keep() -> None:
    assert check(factories.make_policy()).kept


def test_an_unread_promise_is_a_warning() -> None:
    found = check(factories.make_version().policy)
    assert found.kept
    assert codes(found, kept=None) == ["promise-unread"]


def test_the_promise_in_force_governs_and_not_the_next_one() -> None:
    policy = promising(TierReading("material", QUOTE, channels=["email"], notice_days=30))
    upcoming = factories.make_version(policy, effective_at=in_days(40))
    authoring.record_promise(
        version=upcoming, tiers=[TierReading("material", QUOTE)], by=people.edith(), at=clock.now()
    )
    assert codes(check(policy, effective_at=in_days(10))) == ["notice-period-too-short"]


class TestLostChannels:
    """MAI: the list of channels was lost; continued use after the effective date accepts."""

    def test_unknown_channels_warn_and_people_are_told_by_mail(self) -> None:
        found = check(promising(TierReading("material", QUOTE, channels_known=False)))
        assert codes(found, kept=None) == ["channels-unknown"]
        assert found.tells_people


class TestAnyOfTwoChannels:
    """ElevenMusic: significant changes by e-mail or service announcement; effective when posted."""

    TIER = TierReading("material", QUOTE, channels=["email", "in_app"], logic="any")

    def test_one_of_them_is_enough(self) -> None:
        assert check(promising(self.TIER)).kept

    def test_an_editorial_change_is_not_its_matter(self) -> None:
        found = check(promising(self.TIER), change_class="editorial")
        assert found.kept
        assert not found.tells_people

    def test_none_of_them_exists_without_accounts(self) -> None:
        found = check(promising(self.TIER, policy=factories.make_policy(has_accounts=False)))
        assert codes(found) == ["channel-missing", "channel-missing"]


class TestNeverRetroactive:
    """MixMasterAI: the date at the top changes; never acting back; no accounts exist."""

    def policy(self) -> Policy:
        tier = TierReading("material", QUOTE, channels=["date_bump", "post_page"])
        return promising(tier, policy=factories.make_policy(has_accounts=False), never_retroactive=True)

    def test_posting_keeps_it_and_nobody_is_mailed(self) -> None:
        found = check(self.policy())
        assert found.kept
        assert not found.tells_people

    def test_acting_back_is_refused(self) -> None:
        assert "never-retroactive" in codes(check(self.policy(), retroactive=True))


class TestTwoTiers:
    """Mozi: material changes are posted and dated, significant ones mailed or shown in the app."""

    def policy(self) -> Policy:
        policy = promising(
            TierReading("material", QUOTE, channels=["post_page", "date_bump"]),
            TierReading("significant", QUOTE, channels=["email", "in_app"], logic="any"),
        )
        policy.tiers.create(name="significant", change_class="material")
        return policy

    def test_material_is_posted_and_mails_nobody(self) -> None:
        assert not check(self.policy()).tells_people

    def test_significant_tells_people(self) -> None:
        assert check(self.policy(), tier="significant").tells_people


class TestNoticeBeforeEffect:
    """NeuroMix: e-mail or prominent notice, before it takes effect."""

    TIER = TierReading("material", QUOTE, channels=["email", "site_notice"], logic="any", prior=PRIOR)

    def test_at_once_is_refused(self) -> None:
        assert codes(check(promising(self.TIER))) == ["effective-not-after-notice"]

    def test_after_the_last_person_is_reached_keeps_it(self) -> None:
        assert check(promising(self.TIER), effective_at=in_days(1)).kept

    def test_the_period_runs_from_the_last_person_and_not_from_the_button(self) -> None:
        found = check(promising(self.TIER), effective_at=in_days(1), reached_in=timedelta(days=2))
        assert codes(found) == ["effective-not-after-notice"]

    def test_the_earliest_date_is_the_next_midnight_in_the_legal_zone(self) -> None:
        policy = promising(self.TIER, policy=factories.make_policy(time_zone="Pacific/Auckland"))
        earliest = check(policy).earliest_effective_at
        assert earliest is not None
        local = earliest.astimezone(policy.zone)
        assert (local.hour, local.minute) == (0, 0)
        assert clock.now() + timedelta(hours=1) < earliest <= clock.now() + timedelta(hours=26)


class TestNoticePeriod:
    TIER = TierReading("all", QUOTE, channels=["email"], notice_days=30)

    def test_a_day_too_few_is_refused_with_the_quote(self) -> None:
        found = check(promising(self.TIER), effective_at=in_days(29))
        assert (codes(found), found.broken[0].quote) == (["notice-period-too-short"], QUOTE)

    def test_the_whole_period_keeps_it(self) -> None:
        assert check(promising(self.TIER), effective_at=in_days(31)).kept


def test_ai_training_does_not_rest_on_continued_use() -> None:
    policy = factories.make_policy()
    for acceptance, expected in (("continued_use", ["needs-explicit-acceptance"]), ("explicit", [])):
        assert codes(check(policy, reasons=["ai-training"], acceptance=acceptance)) == expected


def test_a_blog_post_is_somebody_elses_to_keep() -> None:
    found = check(promising(TierReading("material", QUOTE, channels=["email", "blog"])))
    assert found.kept
    assert codes(found, kept=None) == ["channel-elsewhere"]


class TestPublishing:
    def policy(self) -> Policy:
        return promising(TierReading("material", QUOTE, channels=["email"], notice_days=30))

    def publish(self, version: Version) -> Version:
        return publishing.publish(version=version, by=people.edith(), at=clock.now())

    def test_a_broken_promise_is_refused_and_named(self) -> None:
        with pytest.raises(publishing.PromiseBroken, match="notice period is too short") as refused:
            self.publish(factories.make_approved(self.policy(), effective_at=in_days(3)))
        assert refused.value.code == "promise-violation"

    def test_two_people_override_it_and_the_record_says_so(self) -> None:
        reason: dict[str, Any] = {"override_reason": "A court order leaves us three days."}
        version = self.publish(factories.make_approved(self.policy(), effective_at=in_days(3), **reason))
        check = version.promise_checks.get()
        assert (check.kept, check.overridden) == (False, True)

    def test_a_slow_audience_makes_the_period_too_short(self, settings: Any) -> None:
        settings.NOTICE_RATE_PER_MINUTE = 1
        policy = self.policy()
        people_ = [Person(address=f"p{n}@example.org", joined_at=factories.days_ago(9)) for n in range(2 * 24 * 60)]
        Person.objects.bulk_create(people_)
        with pytest.raises(publishing.PromiseBroken):
            self.publish(factories.make_approved(policy, effective_at=in_days(31)))
