"""System checks: what would otherwise be found out too late."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from policies.models import guards


@checks.register(checks.Tags.database)
def guards_stand(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """Report every table that has lost the triggers which keep its rows for ever."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if "policies_version" in connection.introspection.table_names():
            found += [
                checks.Error(
                    f"The trigger {name} is missing.",
                    hint="Run manage.py migrate: it installs the guards again.",
                    id="policies.E001",
                )
                for name in guards.missing(connection)
            ]
    return found


@checks.register(checks.Tags.database, deploy=True)
def runs_with_few_rights(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """Warn where whoever breaks into the running site could lift the guards: as `check --deploy --database default`."""
    return [found for alias in databases or [] for found in _rights(connections[alias])]


def _rights(connection: BaseDatabaseWrapper) -> list[checks.CheckMessage]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
        # Whoever may act as a table's owner may drop its triggers.
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE %s"
            " AND pg_has_role(relowner, 'USAGE')",
            [r"policies\_%"],
        )
        (owned,) = cursor.fetchone()
    if is_superuser:
        return [
            checks.Warning(
                "The site connects to PostgreSQL as a superuser.",
                hint="Let it connect as a role that only reads and writes rows: docs/operating.md, “First deployment”.",
                id="policies.W001",
            )
        ]
    if owned:
        return [
            checks.Warning(
                f"The site connects to PostgreSQL as the owner of {owned} tables, who could lift their guards.",
                hint="Let another role own the tables and run migrate: docs/operating.md, “First deployment”.",
                id="policies.W002",
            )
        ]
    return []
