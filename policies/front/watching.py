"""
Which tables the pages that know no reader are made of, and the triggers that note each change of them.

A trigger only adds a row (`PublicChange`), so that nobody waits for anybody; the row is there with the change it notes
or not at all, whoever made it and by whatever way. How many there are and which is the last tells a process whether it
has to look anew: two transactions that end in another order than they began in cannot hide one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from policies.models import (
    Appearance,
    BoundRendering,
    Comparison,
    DateChange,
    Policy,
    PolicyAddress,
    PolicyReview,
    PublicChange,
    Rendering,
    Version,
    VersionText,
    guards,
)

# Rows beyond these are of no use: a process compares what it sees with what it saw a second ago.
CHANGES_KEPT = 1_000
EVENTS = ("insert", "update", "delete")

_OF_A_PUBLISHED = (
    "EXISTS (SELECT 1 FROM {home}policies_version v WHERE v.published_at IS NOT NULL AND v.id = {row}.version_id)"
)
_OF_A_PUBLISHED_TEXT = (
    "EXISTS (SELECT 1 FROM {home}policies_versiontext t JOIN {home}policies_version v ON v.id = t.version_id"
    " WHERE v.published_at IS NOT NULL AND t.id = {row}."
)


@dataclass(frozen=True)
class Watched:
    """A table that public pages read, and the rows of it that count: SQL over `{row}`; drafts are nobody's page."""

    model: type[models.Model]
    counts: str = "TRUE"

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def condition(self, row: str, home: str) -> str:
        return self.counts.format(row=row, home=home)


WATCHED = (
    Watched(Policy),
    Watched(PolicyAddress),
    Watched(PolicyReview),
    Watched(Version, "{row}.published_at IS NOT NULL"),
    Watched(VersionText, _OF_A_PUBLISHED),
    Watched(DateChange),
    Watched(BoundRendering),
    Watched(Rendering, f"{_OF_A_PUBLISHED_TEXT}text_id)"),
    Watched(Comparison, f"{_OF_A_PUBLISHED_TEXT}after_id)"),
    Watched(Appearance, "{row}.at IS NOT NULL"),
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger, replacing what stands. What was changed while one was missing counts as one change."""
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should stand and do not."""
    if connection.vendor == "postgresql":
        standing = (
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relnamespace::regnamespace::text || '.' = %s"
        )
        given = [guards.home_of(connection)]
    else:
        standing, given = "SELECT name FROM sqlite_master WHERE type = 'trigger'", []
    with connection.cursor() as cursor:
        cursor.execute(standing, given)
        return sorted(set(names(connection.vendor)) - {name for (name,) in cursor.fetchall()})


def names(vendor: str) -> list[str]:
    """Name every trigger that stands on a database of this vendor."""
    events = ("change",) if vendor == "postgresql" else EVENTS
    return [f"{_name(watched)}_{event}" for watched in WATCHED for event in events]


def forget_old() -> None:
    """Delete rows that nobody compares with any more."""
    newest = PublicChange.objects.aggregate(newest=models.Max("pk"))["newest"] or 0
    PublicChange.objects.filter(pk__lte=newest - CHANGES_KEPT).delete()


def _name(watched: Watched) -> str:
    return f"{guards.PREFIX}front_{watched.table}"


def _statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    table = PublicChange._meta.db_table
    if connection.vendor == "postgresql":
        home = guards.home_of(connection)
        note = f"INSERT INTO {home}{table} DEFAULT VALUES"
        for watched in WATCHED:
            yield from _on_postgresql(watched, home, note)
    else:
        # The same; a trigger of SQLite takes no other way to write it.
        note = f"INSERT INTO {table} (id) VALUES (NULL)"  # noqa: S608 - ours
        for watched in WATCHED:
            yield from _on_sqlite(watched, note)
    yield note


def _on_postgresql(watched: Watched, home: str, note: str) -> Iterator[str]:
    name, table = _name(watched), f"{home}{watched.table}"
    old, new = (watched.condition(row, home) for row in ("OLD", "NEW"))
    # Which of the two rows there is depends on the event; PL/pgSQL looks at a condition only where it comes to it.
    yield (
        f"CREATE OR REPLACE FUNCTION {home}{name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = {guards.SEARCH_PATH} AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN IF {old} THEN {note}; RETURN NULL; END IF; END IF;"
        f" IF TG_OP <> 'DELETE' THEN IF {new} THEN {note}; END IF; END IF;"
        " RETURN NULL; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name}_change ON {table}"
    yield (
        f"CREATE TRIGGER {name}_change AFTER INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {home}{name}()"
    )


def _on_sqlite(watched: Watched, note: str) -> Iterator[str]:
    old, new = (f"({watched.condition(row, '')})" for row in ("OLD", "NEW"))
    for event, condition in (("insert", new), ("update", f"{old} OR {new}"), ("delete", old)):
        name = f"{_name(watched)}_{event}"
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {watched.table} FOR EACH ROW WHEN {condition}"
            f" BEGIN {note}; END"
        )
