"""An address is given once, and it is the database that says so: whoever writes, and however many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, connections, transaction

from policies import clock, publishing
from policies.models import Policy, PolicyAddress, guards
from tests import earlier, factories, people

pytestmark = pytest.mark.both_databases
AT_ONCE = 10


@pytest.fixture
def renamed(fresh_database: str) -> Policy:
    policy = factories.make_policy(slug="old")
    return publishing.rename(policy=policy, slug="new", by=people.edith(), at=clock.now())


def test_no_way_of_writing_takes_an_address_again(renamed: Policy) -> None:
    other = factories.make_policy()
    made = {"title": "Other", "contact": "legal@example.org"}
    for take in (
        lambda: Policy.objects.create(slug="old", **made),
        lambda: Policy.objects.filter(pk=other.pk).update(slug="old"),
        lambda: Policy.objects.bulk_create([Policy(slug="old", **made)], ignore_conflicts=True),
        lambda: Policy.objects.filter(pk=renamed.pk).update(slug="old"),
        lambda: PolicyAddress.objects.filter(slug="old").update(policy=other),
        lambda: PolicyAddress.objects.filter(slug="old").delete(),
        lambda: PolicyAddress.objects.create(slug="old", policy=other),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            take()
    assert Policy.objects.at_address("old") == renamed


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE exists on SQLite alone")
def test_replacing_takes_no_address_either(renamed: Policy) -> None:
    other = factories.make_policy()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE OR REPLACE policies_policy SET slug = 'old' WHERE id = %s", [other.pk])
    assert Policy.objects.at_address("old") == renamed


def at_once(*takes: Callable[[], object]) -> list[bool]:
    """Try all at the same moment, each in a connection of its own; which of them were let."""
    ready = Barrier(len(takes))

    def run(take: Callable[[], object]) -> bool:
        ready.wait()
        try:
            take()
        except (IntegrityError, publishing.SlugTaken):
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(takes)) as threads:
        return list(threads.map(run, takes))


def test_of_many_who_take_an_address_one_gets_it(fresh_database: str) -> None:
    edith, at = people.edith(), clock.now()
    others = [factories.make_policy() for _ in range(AT_ONCE)]
    takes = [
        lambda policy=policy: publishing.rename(policy=policy, slug="wanted", by=edith, at=at) for policy in others
    ]
    assert sum(at_once(*takes, *[lambda: factories.make_policy(slug="wanted")] * AT_ONCE)) == 1


def test_an_address_that_is_being_given_up_is_not_free(fresh_database: str) -> None:
    edith, at = people.edith(), clock.now()
    policy = factories.make_policy(slug="wanted")
    leave = lambda: publishing.rename(policy=policy, slug="elsewhere", by=edith, at=at)  # noqa: E731 - as those beside it
    assert at_once(leave, *[lambda: factories.make_policy(slug="wanted")] * AT_ONCE) == [True] + [False] * AT_ONCE


def test_what_was_given_while_no_guard_stood_is_written_down(renamed: Policy) -> None:
    lift()
    Policy.objects.filter(pk=renamed.pk).update(slug="newest")
    call_command("migrate", verbosity=0)
    assert {address.slug for address in renamed.addresses.all()} == {"old", "new", "newest"}


def test_migrate_takes_former_addresses_over(fresh_database: str) -> None:
    policy = factories.make_policy(slug="new")
    as_before(("old", policy.pk))
    call_command("migrate", verbosity=0)
    assert {address.slug for address in policy.addresses.all()} == {"old", "new"}
    assert guards.missing(connection) == []


def test_migrate_says_which_policies_share_an_address(fresh_database: str) -> None:
    first, second = factories.make_policy(slug="new"), factories.make_policy(slug="shared", title="Terms")
    as_before(("shared", first.pk))
    with pytest.raises(CommandError, match=f"“shared” once was .*now is that of “Terms”.*id = {second.pk};"):
        call_command("migrate", verbosity=0)
    assert not {name for name in guards.missing(connection) if "versiontext" in name}  # what stood before stands again
    Policy.objects.filter(pk=second.pk).update(slug="terms")
    call_command("migrate", verbosity=0)
    assert Policy.objects.at_address("shared") == first


def as_before(*former: tuple[str, int]) -> None:
    """The database as it was before it knew every address, with these former ones of these policies."""
    earlier.before("0007")
    before = earlier.model("OldSlug", at="0006_lean_index_of_what_is_due").objects  # type: ignore[attr-defined]
    for slug, policy in former:
        before.create(slug=slug, policy_id=policy, retired_at=clock.now())


def lift() -> None:
    with connection.cursor() as cursor:
        for name in guards.names(connection.vendor):
            if name.startswith(guards.ADDRESSES):
                on = " ON policies_policy" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{on}")
