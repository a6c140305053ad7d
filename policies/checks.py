"""System checks: what would otherwise be found out too late."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

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
