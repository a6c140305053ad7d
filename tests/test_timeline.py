"""The published versions of a policy, and where each of them stands."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from policies import timeline
from policies.models import Policy, Version
from tests import factories

pytestmark = pytest.mark.django_db


def read(policy: Policy) -> timeline.Timeline:
    found = timeline.of(policy, at=factories.days_ago(0))
    assert found
    return found


def test_each_version_says_where_it_stands() -> None:
    policy = factories.make_policy()
    factories.make_version(policy, published_at=factories.days_ago(90))
    factories.make_version(policy, published_at=factories.days_ago(60))
    factories.make_version(
        policy,
        published_at=factories.days_ago(9),
        effective_at=factories.in_days(9),
        withdrawn_at=factories.days_ago(5),
    )
    factories.make_version(policy, published_at=factories.days_ago(3), effective_at=factories.in_days(20))
    states = {entry.version.number: entry.state.value for entry in read(policy).entries}
    assert states == {4: "upcoming", 3: "withdrawn", 2: "in_force", 1: "superseded"}


def test_a_version_overtaken_before_its_day_says_so() -> None:
    policy, day = factories.make_policy(), factories.in_days(9)
    for _ in range(2):
        factories.make_version(policy, published_at=factories.days_ago(3), effective_at=day)
    assert read(policy).entries[1].sentence == "Replaced by version 2 before it took effect"


def test_a_month_stands_with_its_own_word() -> None:
    policy = factories.make_policy(date_precision="month")
    factories.make_version(policy, published_at=factories.days_ago(400))
    newer = factories.make_version(policy, published_at=factories.days_ago(100))
    month = f"{newer.published_at:%B %Y}"
    assert read(policy).entries[1].sentence == f"Superseded in {month} by version 2"


def test_nothing_published_is_no_record() -> None:
    draft = factories.make_draft()
    assert timeline.of(draft.policy, at=factories.days_ago(0)) is None
    assert timeline.of_all(at=factories.days_ago(0)) == []


def test_the_queries_do_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        policy = factories.make_policy()
        for days in (9, 8, 7):
            factories.make_version(policy, published_at=factories.days_ago(days))
    with django_assert_num_queries(1):
        assert len([entry for found in timeline.of_all(at=factories.days_ago(0)) for entry in found.entries]) == 9
    with django_assert_num_queries(1):
        assert len(read(policy).entries) == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=6), st.integers(-3, 25))
def test_the_state_agrees_with_the_query_for_what_is_in_force(steps: list[tuple[int, bool]], day: int) -> None:
    """Dates never decrease with the number; only what is not yet in effect is withdrawn."""
    policy, effect = factories.make_policy(), 0
    for gap, is_withdrawn in steps:
        effect += gap
        factories.make_version(
            policy,
            published_at=factories.days_ago(100 + len(steps)),
            effective_at=factories.days_ago(50 - effect),
            withdrawn_at=factories.days_ago(60) if is_withdrawn else None,
        )
    at = factories.days_ago(50 - day)
    found = timeline.of(policy, at=at)
    assert found
    in_force = Version.objects.filter(policy=policy).in_force(at).first()
    states = [entry.state for entry in found.entries]
    assert (found.in_force.version if found.in_force else None) == in_force
    assert states.count(timeline.State.IN_FORCE) == (1 if in_force else 0)
    assert found.announced == list(policy.versions.upcoming(at))
    assert {entry.version.pk for entry in found.upcoming} <= {version.pk for version in found.announced}
