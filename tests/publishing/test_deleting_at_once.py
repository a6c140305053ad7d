"""Deleting a policy as the site's own role, and at the moment in which somebody publishes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, connections, transaction

from policies import clock, publishing
from policies.models import Policy
from tests import factories, people
from tests.models.test_shadowed_guards import as_the_site
from tests.publishing.test_deleting import delete, with_a_past

pytestmark = [pytest.mark.both_databases]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")
@pytest.mark.parametrize("table", ["policy", "policyaddress", "review"])
def test_the_sites_own_role_deletes_one_and_nothing_more(fresh_database: str, table: str) -> None:
    policy, published = with_a_past(), factories.make_version().policy
    with as_the_site():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM policies_{table}")  # noqa: S608
        delete(policy)
    assert list(Policy.objects.all()) == [published]


def test_of_publishing_and_deleting_one_comes_first(fresh_database: str) -> None:
    draft, by, ready = factories.make_approved(), people.edith(), Barrier(2)

    def at_once(verb: Callable[[], object]) -> str:
        ready.wait()
        try:
            verb()
        except (publishing.Refused, Policy.DoesNotExist) as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "done"

    verbs = (
        lambda: publishing.publish(version=draft, by=by, at=clock.now()),
        lambda: publishing.delete_policy(policy=draft.policy, by=by, at=clock.now()),
    )
    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(at_once, verbs))
    assert outcomes.count("done") == 1
    assert Policy.objects.exists() == (outcomes[0] == "done")
