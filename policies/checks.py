"""System checks: what would otherwise be found out too late."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from policies.front import watching
from policies.models import AuditEvent, Version, guards
from policies.models.audit import DEMO_LOADED
from policies.operations import schema

# Characters of a secret.
LONG_ENOUGH = 16


@checks.register(checks.Tags.security, deploy=True)
def callers_are_told_apart(**kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """Behind a proxy that nobody counted, all limits are shared by everybody."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        return [
            checks.Warning(
                "BEHIND_TLS_PROXY is on and TRUSTED_PROXIES is 0: everybody is one caller, and shares all limits.",
                hint="Set TRUSTED_PROXIES to how many proxies stand in front: docs/configuration.md.",
                id="policies.W005",
            )
        ]
    return []


@checks.register(checks.Tags.security, deploy=True)
def addresses_have_a_long_key(**kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """A short one may have been in use for years: changing it would lose the suppression list."""
    if len(settings.ADDRESS_KEY) < LONG_ENOUGH:
        return [
            checks.Warning(
                f"ADDRESS_KEY has fewer than {LONG_ENOUGH} characters: hashes of addresses can be guessed.",
                hint="Where nothing is suppressed yet, set another one; else keep it (docs/operating.md, keys).",
                id="policies.W006",
            )
        ]
    return []


def exposes_the_real() -> str:
    """
    Why this process must not start; empty where it may.

    The demo shows everybody's mail and asks for no second factor, and DEBUG shows settings to whoever meets an error:
    neither is for a database in which something was published in earnest.
    """
    if not (settings.DEMO or settings.DEBUG) or "policies_version" not in connection.introspection.table_names():
        return ""
    is_made_up = AuditEvent.objects.filter(verb=DEMO_LOADED).exists()
    if is_made_up or not Version.objects.filter(published_at__isnull=False).exists():
        return ""
    name = "POLICYSITE_DEMO" if settings.DEMO else "DEBUG"
    return f"{name} is on, and the database holds publications that the demo did not make. Set {name} to 0."


@checks.register(checks.Tags.database, deploy=True)
def demo_is_apart(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """The same as an error of `check --deploy --database default`; the site's processes look before they start."""
    why = exposes_the_real() if databases else ""
    return [checks.Error(why, id="policies.E002")] if why else []


@checks.register(checks.Tags.database)
def schema_is_there(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """Report a database that this code cannot work with: `manage.py check --database default`."""
    return [
        checks.Error(problem, id="policies.E003")
        for alias in databases or []
        for problem in schema.problems(connections[alias])
    ]


@checks.register(checks.Tags.database)
def guards_stand(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's signature
    """Report every table that has lost the triggers which keep its rows for ever."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if "policies_version" in connection.introspection.table_names():
            found += [
                checks.Error(
                    f"The trigger {name} is missing, or is not what it should be.",
                    hint="Run manage.py migrate: it installs them again.",
                    id="policies.E001",
                )
                for name in (*guards.missing(connection), *watching.missing(connection))
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
        # What it makes may answer in place of what is meant, wherever a name is looked up.
        cursor.execute(
            "SELECT has_database_privilege(current_database(), 'TEMPORARY'),"
            " array(SELECT name FROM unnest(current_schemas(false)) AS name WHERE has_schema_privilege(name, 'CREATE'))"
        )
        may_shadow, schemas = cursor.fetchone()
    if is_superuser:
        return [
            _right(
                "The site connects to PostgreSQL as a superuser.",
                do="Let it connect as a role that only reads and writes rows",
                number="W001",
            )
        ]
    if owned:
        return [
            _right(
                f"The site connects to PostgreSQL as the owner of {owned} tables, who could lift their guards.",
                do="Let another role own the tables and run migrate",
                number="W002",
            )
        ]
    found = []
    if may_shadow:
        found.append(
            _right(
                "The site's role may create temporary tables, which stand before those of the record.",
                do=f"REVOKE TEMPORARY ON DATABASE {connection.settings_dict['NAME']} FROM PUBLIC",
                number="W003",
            )
        )
    if schemas:
        found.append(
            _right(
                f"The site's role may create tables, functions and operators in {', '.join(schemas)}.",
                do=f"REVOKE CREATE ON SCHEMA {', '.join(schemas)} FROM PUBLIC",
                number="W004",
            )
        )
    return found


def _right(problem: str, *, do: str, number: str) -> checks.CheckMessage:
    return checks.Warning(problem, hint=f"{do}: docs/operating.md, “First deployment”.", id=f"policies.{number}")
