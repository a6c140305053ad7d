"""New code on old tables, or on none, says so wherever somebody looks."""

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from policies.operations import schema
from tests import factories


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def latest() -> str:
    name: str = MigrationRecorder.Migration.objects.filter(app="policies").latest("id").name
    return name


@pytest.mark.both_databases
@pytest.mark.django_db
def test_tables_of_this_code_are_all_there() -> None:
    assert schema.unapplied(connection) == []
    assert schema.problems(connection) == []
    call_command("check", databases=["default"])


@pytest.mark.both_databases
@pytest.mark.django_db
def test_what_is_missing_is_named_by_health_and_checks(client: Client) -> None:
    name = latest()
    MigrationRecorder.Migration.objects.filter(app="policies", name=name).delete()
    said = f"The database is behind this code: policies.{name} not applied. Run manage.py migrate."
    assert (client.get("/health/").status_code, client.get("/health/").json()) == (503, {"database": "behind"})
    assert client.get("/health/all/").json()["database"] == [said]
    assert [found.msg for found in checks.run_checks(databases=["default"]) if found.id == "policies.E003"] == [said]
    with pytest.raises(SystemCheckError, match="E003"):
        call_command("check", databases=["default"])


def test_pages_on_old_tables_say_that_it_is_for_a_while(fresh_database: str) -> None:
    factories.make_version(policy=factories.make_policy(slug="terms"))
    MigrationRecorder.Migration.objects.filter(app="policies", name=latest()).delete()
    run("ALTER TABLE policies_policy DROP COLUMN retired_at CASCADE")
    page = Client(raise_request_exception=False).get("/p/terms/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert "is being brought up to date" in page.content.decode()


def test_a_fault_on_the_right_tables_stays_a_fault(fresh_database: str) -> None:
    factories.make_version(policy=factories.make_policy(slug="terms"))
    run("ALTER TABLE policies_policy DROP COLUMN retired_at CASCADE")
    assert Client(raise_request_exception=False).get("/p/terms/").status_code == 500


def test_an_empty_database_passes_nowhere(fresh_database: str) -> None:
    run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    client = Client(raise_request_exception=False)
    assert (client.get("/health/").status_code, client.get("/health/").json()) == (503, {"database": "behind"})
    assert "and " in client.get("/health/all/").json()["database"][0]
    assert client.get("/").status_code == 503
    with pytest.raises(SystemCheckError, match="E003"):
        call_command("check", databases=["default"])


@pytest.mark.django_db
def test_a_squashed_migration_stands_for_those_it_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    here = schema._here()
    (squashed, *rest) = [migration for key, migration in here.items() if key[0] == "policies"]
    monkeypatch.setattr(squashed, "replaces", [(each.app_label, each.name) for each in rest])
    recorded = MigrationRecorder.Migration.objects.filter(app="policies")
    recorded.filter(name=squashed.name).delete()
    assert schema.unapplied(connection) == []
    recorded.all().delete()
    assert f"policies.{squashed.name}" in schema.unapplied(connection)
    MigrationRecorder(connection).record_applied("policies", squashed.name)
    assert schema.unapplied(connection) == []


@pytest.mark.django_db
def test_asking_for_health_is_cheap(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/health/")
    assert len(queries) <= 2
