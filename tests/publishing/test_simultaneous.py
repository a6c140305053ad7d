"""Of twenty simultaneous publishes exactly one wins, and numbers stay gapless."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from policies import clock, publishing
from policies.models import User, Version
from tests import factories, people

pytestmark = [pytest.mark.both_databases]
AT_ONCE = 20


def race(versions: list[Version], by: User) -> list[str]:
    """Publish all at the same moment, each in a thread and connection of its own; what came of each."""
    ready = Barrier(len(versions))

    def publish(version: Version) -> str:
        ready.wait()
        try:
            publishing.publish(version=version, by=by, at=clock.now())
        except publishing.Refused as refused:
            return refused.code
        else:
            return "published"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(versions)) as threads:
        return list(threads.map(publish, versions))


def test_one_version_is_published_once(fresh_database: str) -> None:
    version = factories.make_approved()
    outcomes = race([version] * AT_ONCE, people.edith())
    assert sorted(set(outcomes)) == ["not-approved", "published"]
    assert outcomes.count("published") == 1
    assert [v.number for v in version.policy.versions.published()] == [1]


def test_of_many_drafts_one_wins_and_the_others_are_out_of_date(fresh_database: str) -> None:
    policy = factories.make_version().policy
    drafts = [factories.make_approved(policy, body=f"Draft {n}.\n") for n in range(AT_ONCE)]
    outcomes = race(drafts, people.edith())
    assert (outcomes.count("published"), outcomes.count("out-of-date")) == (1, AT_ONCE - 1)
    assert [v.number for v in policy.versions.published()] == [2, 1]
