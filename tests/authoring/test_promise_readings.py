"""Readings of a promise: anchored by a quote, amended and never edited."""

import pytest
from django.core.exceptions import ValidationError

from policies import authoring, clock, publishing
from policies.authoring import TierReading
from policies.models import Promise, Version
from tests import factories, people

pytestmark = [pytest.mark.django_db]
QUOTE = "We tell you by e-mail 30 days before a material change takes effect."


def read(version: Version, *tiers: TierReading) -> Promise:
    return authoring.record_promise(version=version, tiers=tiers, by=people.edith(), at=clock.now())


def test_a_reading_is_attributed() -> None:
    promise = read(factories.make_version(), TierReading("material", QUOTE, channels=["email"], notice_days=30))
    assert (promise.read_by, promise.tiers.get().channels) == (people.edith(), ["email"])


def test_what_was_withdrawn_promises_nothing() -> None:
    version = factories.make_version(effective_at=factories.in_days(30))
    publishing.withdraw(version=version, reason="A mistake.", by=people.ravi(), at=clock.now())
    with pytest.raises(ValidationError, match="was withdrawn"):
        read(version, TierReading("material", QUOTE))
    assert not version.promises.exists()


def test_a_later_reading_replaces_and_keeps_the_earlier() -> None:
    version = factories.make_version()
    first, second = read(version, TierReading("material", QUOTE)), read(version, TierReading("all", QUOTE))
    assert list(version.promises.standing()) == [second]
    assert second.replaces == first


def test_a_quote_has_to_stand_in_the_text() -> None:
    with pytest.raises(ValidationError, match="does not stand in the text"):
        read(factories.make_version(), TierReading("material", "We tell you by telegram."))


def test_an_invented_channel_is_refused() -> None:
    with pytest.raises(ValidationError, match="pigeon"):
        read(factories.make_version(), TierReading("material", QUOTE, channels=["pigeon"]))


def test_unknown_channels_cannot_be_named() -> None:
    with pytest.raises(ValidationError, match="none can be named"):
        read(factories.make_version(), TierReading("material", QUOTE, channels=["email"], channels_known=False))


def test_a_quote_may_leave_out_what_stands_between() -> None:
    body = f"# Privacy\n\n## Changes\n\n{QUOTE} See [our page](https://example.org/changes). It is **never** sold.\n"
    version = factories.make_version(body=body)
    read(version, TierReading("material", f"{QUOTE} … It is never sold."))
    read(version, TierReading("material", f"{QUOTE} See our page."))
    with pytest.raises(ValidationError, match="does not stand in the text"):
        read(version, TierReading("material", f"{QUOTE} It is never sold."))
    with pytest.raises(ValidationError, match="does not stand in the text"):
        read(version, TierReading("material", " … "))


def test_two_parts_for_the_same_changes_are_refused() -> None:
    version = factories.make_version()
    with pytest.raises(ValidationError, match="Two parts are for changes that are “material”"):
        read(version, TierReading("material", QUOTE), TierReading("material", QUOTE, channels=["email"]))
    assert not version.promises.exists()
