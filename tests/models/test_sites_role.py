"""What the site's own role, set up as docs/operating.md says, can do to what is bound: nothing."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, models, transaction

from policies import ledger
from policies.models import (
    ActSubject,
    BoundRendering,
    BoundRows,
    Comparison,
    LedgerLeaf,
    Rendering,
    guards,
)
from scripts import postgresql
from tests.evidence import world
from tests.models.test_shadowed_guards import SITE, as_the_site

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles: whoever has its file has all"),
    pytest.mark.parametrize(
        "model", [BoundRendering, BoundRows, Rendering, Comparison, ActSubject, LedgerLeaf], ids=lambda m: m.__name__
    ),
]
# A bound page may go from nowhere; of these columns an answer's network is forgotten, and its receipt is still mailed.
MOVES = {"network_address", "user_agent", "receipt_due_at", "receipt_attempts", "receipt_taken_until"}
OTHER = {
    "BigAutoField": "id + 1000000",
    "BinaryField": "'\\x00'",
    "BooleanField": "NOT {name}",
    "CharField": "'x'",
    "DateTimeField": "now()",
    "JSONField": "'{{\"x\": 1}}'",
    "TextField": "'x'",
    "UUIDField": "gen_random_uuid()",
}
BY_ITS_OWNER = (
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
    "ALTER TABLE {table} ADD COLUMN other integer",
    "ALTER TABLE {table} RENAME TO other",
    "ALTER TABLE {table} OWNER TO {role}",
    "DROP TRIGGER {trigger} ON {table}",
    "DROP TABLE {table} CASCADE",
    "DROP FUNCTION {function}() CASCADE",
    "ALTER FUNCTION {function}() RENAME TO other",
    "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE RULE other AS ON DELETE TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER other BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
    "CREATE TABLE {table}_other (LIKE {table})",
    "SET session_replication_role = 'replica'",
    "SET ROLE {owner}",
    "COPY {table} FROM PROGRAM 'true'",
)


@pytest.fixture
def rows(fresh_database: str, model: type[models.Model]) -> Iterator[int]:
    """How many rows of the model are bound; the test works as the site."""
    world.build(people_count=1)
    ledger.bind(at=world.START + 60 * world.DAY)
    ledger.seal_all(at=world.START + 60 * world.DAY)
    name, owner = connection.settings_dict["NAME"], connection.settings_dict["USER"]
    with as_the_site(*postgresql.rights(database=name, owner=owner, role=SITE)):
        yield model._base_manager.count()


def refused(statement: str, *, by: type[DatabaseError] = IntegrityError) -> None:
    with pytest.raises(by) as said, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    wanted = ("policysite keeps",) if by is IntegrityError else ("permission denied", "must be", "has no privileges")
    assert any(words in str(said.value) for words in wanted), (statement, said.value)


def test_no_column_of_a_bound_row_changes(model: type[models.Model], rows: int) -> None:
    assert rows
    for field in model._meta.local_concrete_fields:
        other = OTHER.get(field.get_internal_type(), f"COALESCE({field.column}, 0) + 1000000").format(name=field.column)
        if field.null and field.column == "leaf_index":
            other = "NULL"
        if field.column not in MOVES:
            refused(f'UPDATE {model._meta.db_table} SET "{field.column}" = {other}')  # noqa: S608


def test_no_bound_row_goes(model: type[models.Model], rows: int) -> None:
    table, key = model._meta.db_table, model._meta.pk.column
    refused(f"DELETE FROM {table}")  # noqa: S608 - our own tables
    refused(f"WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone")  # noqa: S608
    refused(
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key} + 1000000"  # noqa: S608
    )
    assert model._base_manager.count() == rows


def test_what_takes_the_owner_is_refused_to_the_site(model: type[models.Model], rows: int) -> None:
    table = model._meta.db_table
    values = {
        "table": table,
        "function": f"{guards.PREFIX}{table}",
        "trigger": f"{guards.PREFIX}{table}_change",
        "role": SITE,
        "owner": postgresql.ROLE,
    }
    with connection.cursor() as cursor:  # PostgreSQL gives what it has to give, which is nothing, and only warns
        cursor.execute("GRANT TRUNCATE, TRIGGER ON {table} TO {role}".format(**values))
    for statement in BY_ITS_OWNER:
        refused(statement.format(**values), by=ProgrammingError)
    assert (model._base_manager.count(), guards.missing(connection)) == (rows, [])
