"""What the site's own role can put in front of the record's tables and operators: the guards look past all of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from policies import checks
from policies.models import TERMS, Version, guards
from scripts import postgresql
from tests import factories
from tests.services import databases

pytestmark = pytest.mark.both_databases
IS_POSTGRESQL = connection.vendor == "postgresql"
HOME = "public" if IS_POSTGRESQL else "main"
SITE = postgresql.SITE_ROLE
on_postgresql = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no roles, schemas or operators of one's own")

SHADOW = "CREATE TEMP TABLE {table} AS SELECT * FROM {home}.{table} WHERE 1 = 0"
POSTPONED = (
    "INSERT INTO {shadow}policies_postponement (version_id, was_effective_at, effective_at)"
    " SELECT id, effective_at, published_at FROM {home}.policies_version"
)
# Terms that were never put on record, newer than all that were.
MOVED = ", ".join("'America/New_York'" if name == "time_zone" else name for name in TERMS)
ON_RECORD = (
    "INSERT INTO {shadow}policies_policyterms (policy_id, number, {terms})"
    " SELECT id, 1000, {moved} FROM {home}.policies_policy"
)
ATTACKS = (
    "UPDATE {home}.policies_versiontext SET body = 'x'",
    "DELETE FROM {home}.policies_versiontext",
    "UPDATE {home}.policies_version SET effective_at = published_at",
    "UPDATE {home}.policies_policy SET time_zone = 'America/New_York'",
)
# As guards were installed before they named their schema.
OLD = """
    CREATE OR REPLACE FUNCTION guard_policies_versiontext() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP IN ('UPDATE', 'DELETE') AND EXISTS (
            SELECT 1 FROM policies_version v WHERE v.id = OLD.version_id AND v.published_at IS NOT NULL
        ) THEN RAISE EXCEPTION 'kept' USING ERRCODE = '23001'; END IF;
        RETURN COALESCE(NEW, OLD);
    END $$"""


@pytest.fixture
def version(fresh_database: str) -> Version:
    return factories.make_version(effective_at=factories.in_days(30))


@contextmanager
def as_the_site(*rights: str) -> Iterator[None]:
    """Work in this database as the role that only reads and writes rows, with more rights where they are named."""
    if not IS_POSTGRESQL:
        yield
        # Whatever was made beside the record goes with the connection.
        databases.leave()
        return
    execute(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SITE}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SITE}",
        *rights,
    )
    with databases.signed_in_as(SITE):
        yield


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def read_by_guards() -> list[str]:
    """Every table whose name is in a guard, whoever's it is."""
    said = set(re.findall(r"\w+", " ".join(guards.statements(connection))))
    return sorted(said & set(connection.introspection.table_names()))


def shadow(*tables: str) -> None:
    """The attacker's own, empty tables of these names; every version was postponed there."""
    for table in tables:
        execute(SHADOW.format(table=table, home=HOME))
    temporary = "pg_temp." if IS_POSTGRESQL else "temp."
    values = {"shadow": temporary, "home": HOME, "terms": ", ".join(TERMS), "moved": MOVED}
    execute(POSTPONED.format(**values), ON_RECORD.format(**values))


def refused(attack: str) -> None:
    with pytest.raises(IntegrityError, match="policysite keeps"), transaction.atomic():
        execute(attack.format(home=HOME))


def test_a_temporary_table_does_not_answer_for_the_records(version: Version) -> None:
    tables = read_by_guards()
    assert {"policies_version", "policies_postponement"} <= set(tables)
    with as_the_site():
        shadow(*tables)
        for attack in ATTACKS:
            refused(attack)
    assert version.texts.get().body == factories.BODY


@on_postgresql
def test_an_operator_of_the_sites_own_is_not_asked(version: Version) -> None:
    with as_the_site(f"GRANT CREATE ON SCHEMA public TO {SITE}"):
        execute(
            "CREATE FUNCTION public.same(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.same)",
        )
        refused("UPDATE {home}.policies_version SET manifest_sha256 = 'x'")
    assert Version.objects.get().manifest_sha256 == version.manifest_sha256


@on_postgresql
def test_migrate_brings_the_guards_of_before_along(version: Version) -> None:
    execute(OLD)
    names = ["guard_policies_versiontext_change", "guard_policies_versiontext_truncate"]
    assert guards.missing(connection) == names
    with as_the_site():
        shadow("policies_version", "policies_postponement", "policies_policyterms")
        execute("UPDATE public.policies_versiontext SET title = 'It was rewritten.'")
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    with as_the_site():
        shadow("policies_version", "policies_postponement", "policies_policyterms")
        refused("UPDATE {home}.policies_versiontext SET title = ''")
    assert version.texts.get().title == "It was rewritten."


@on_postgresql
def test_guards_know_tables_of_another_schema(version: Version) -> None:
    name = connection.settings_dict["NAME"]
    execute('CREATE SCHEMA "Legal texts"', f'ALTER DATABASE "{name}" SET search_path TO public, "Legal texts"')
    for table in connection.introspection.table_names():
        execute(f'ALTER TABLE public.{table} SET SCHEMA "Legal texts"')
    connection.close()
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    with pytest.raises(IntegrityError, match="policysite keeps"):
        version.texts.update(body="x")
    factories.make_draft(version.policy).texts.update(body="Another text.\n")


@on_postgresql
def test_what_the_sites_role_may_make_is_reported(fresh_database: str) -> None:
    with as_the_site(f"GRANT CREATE ON SCHEMA public TO {SITE}"):
        found = checks.runs_with_few_rights(databases=["default"])
    assert [message.id for message in found] == ["policies.W003", "policies.W004"]
    name, owner = connection.settings_dict["NAME"], connection.settings_dict["USER"]
    with as_the_site(
        f"REVOKE CREATE ON SCHEMA public FROM {SITE}", *postgresql.rights(database=name, owner=owner, role=SITE)
    ):
        assert checks.runs_with_few_rights(databases=["default"]) == []
        with pytest.raises(Exception, match="permission denied to create temporary tables"):
            execute("CREATE TEMP TABLE policies_version (id integer)")
