"""Whose act it was goes with its closing leaf, in one transaction, and never comes back; as the site's own role."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from policies import acceptance, ledger
from policies.acceptance import erasing
from policies.models import ActSubject, LedgerLeaf, Person, Version
from tests import factories
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of, uma
from tests.models.test_shadowed_guards import as_the_site

pytestmark = pytest.mark.both_databases
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer, who sees all that was written before"
)


def make_asking() -> Version:
    return asking_version(asking_policy(), effective_at=NOW)


def agree(person: Person, version: Version) -> None:
    acceptance.accept(person=person, version=version, showing=screen_of(version), how=BY_FORM, at=NOW)


@pytest.fixture
def subject(fresh_database: str) -> Iterator[ActSubject]:
    agree(uma(), make_asking())
    with as_the_site():
        yield ActSubject.objects.get()


def close(subject: ActSubject) -> None:
    ledger.append(kind=erasing.CLOSED, reference=subject.subject_ref.hex, body={"ground": "request"}, at=NOW)


def refused_to_delete() -> None:
    with pytest.raises(IntegrityError, match="policysite keeps"), transaction.atomic():
        ActSubject.objects.all()._raw_delete("default")
    assert ActSubject.objects.count() == 1


def test_no_leaf_no_deletion(subject: ActSubject) -> None:
    refused_to_delete()


def test_a_closing_leaf_takes_it_along_and_what_is_undone_brings_it_back(subject: ActSubject) -> None:
    with transaction.atomic():
        close(subject)
        assert not ActSubject.objects.exists()
        transaction.set_rollback(True)
    refused_to_delete()
    close(subject)
    assert not ActSubject.objects.exists()


def test_it_is_not_given_to_somebody_else_afterwards(subject: ActSubject) -> None:
    close(subject)
    subject.pk, subject.person = None, factories.make_person()
    with pytest.raises(IntegrityError, match="policysite keeps"), transaction.atomic():
        subject.save(force_insert=True)
    assert not ActSubject.objects.exists()


def test_erasing_closes_it(subject: ActSubject) -> None:
    assert erasing.erase(person=subject.person, ground="request", by=None, at=NOW) == 1
    assert LedgerLeaf.objects.filter(kind=erasing.CLOSED).count() == 1
    assert not ActSubject.objects.exists()


@contextmanager
def older_transaction() -> Iterator[psycopg.Connection]:
    """Another connection of the site's, in a transaction that goes on seeing what there is now."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as elsewhere:
        elsewhere.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        elsewhere.execute("SELECT count(*) FROM policies_act")
        yield elsewhere


@on_postgresql
def test_a_leaf_of_another_transaction_opens_nothing_not_even_when_it_gets_its_place(fresh_database: str) -> None:
    """A transaction that began before the act sees none to take along: its leaf stands beside the subject."""
    version, person = make_asking(), uma()
    with as_the_site(), older_transaction() as elsewhere:
        agree(person, version)
        reference = ActSubject.objects.get().subject_ref.hex
        elsewhere.execute(
            "INSERT INTO policies_ledgerleaf (kind, reference, leaf_hash, body, at)"
            " VALUES ('closed', %s, '', '', now())",
            [reference],
        )
        elsewhere.commit()
        refused_to_delete()
        with transaction.atomic():
            LedgerLeaf.objects.filter(kind="closed").update(leaf_index=LedgerLeaf.objects.count())
            refused_to_delete()
        refused_to_delete()
