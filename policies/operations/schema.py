"""Whether the tables are those that this code works with: migrations that are here and were not applied there."""

from functools import cache

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder


def unapplied(connection: BaseDatabaseWrapper) -> list[str]:
    """Name the migrations that `manage.py migrate` would apply, such as `policies.0002_people`."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    # A squashed migration stands for those it replaces, and they for it.
    for key, migration in _here().items():
        replaced = {(app, name) for app, name in migration.replaces}
        if replaced and (key in applied or replaced <= applied):
            applied |= {key, *replaced}
    return sorted(".".join(key) for key in _here() if key not in applied)


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What is to be said of it: nothing, or one sentence."""
    missing = unapplied(connection)
    if not missing:
        return []
    rest = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return [f"The database is behind this code: {missing[0]}{rest} not applied. Run manage.py migrate."]


@cache
def _here() -> dict[tuple[str, str], Migration]:
    """Read once: files do not change under a process that runs."""
    return dict(MigrationLoader(None).disk_migrations)
