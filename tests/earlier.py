"""A database as an earlier release left it: what newer migrations made is taken back for `migrate` to make."""

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from policies.front import watching
from policies.models import Act, PolicyAddress, VersionText, guards


def before(number: str) -> None:
    """
    Take back every migration from `number` on, the newest first; rows are left.

    Of the guards only those stand afterwards that read another table, as they did when `migrate` found them.
    """
    _lift_guards()
    MigrationExecutor(connection).migrate([("policies", "0008_whose_answer_it_was")])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'policies' AND name >= %s", [number])
    with connection.schema_editor() as editor:
        for added in sorted(_TAKEN_BACK, reverse=True):
            if added >= number:
                _TAKEN_BACK[added](editor)
    with connection.cursor() as cursor:
        for statement in guards.statements(connection):
            if f" ON {VersionText._meta.db_table} " in statement or f"{VersionText._meta.db_table}()" in statement:
                cursor.execute(statement)


def model(name: str, *, at: str) -> type[Model]:
    """A model as it was after migration `at`."""
    found: type[Model] = MigrationLoader(connection).project_state(("policies", at)).apps.get_model("policies", name)
    return found


def _lift_guards() -> None:
    """On PostgreSQL each stands on a table; SQLite knows them by name."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
            for name, table in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
        else:
            for name in [*guards.names("sqlite"), *watching.names("sqlite")]:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _0008(editor: BaseDatabaseSchemaEditor) -> None:
    editor.remove_field(Act, Act._meta.get_field("binding"))


def _0007(editor: BaseDatabaseSchemaEditor) -> None:
    editor.delete_model(PolicyAddress)
    editor.create_model(model("OldSlug", at="0006_lean_index_of_what_is_due"))


_TAKEN_BACK = {"0007": _0007, "0008": _0008}
