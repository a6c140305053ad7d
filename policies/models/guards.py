"""
Published is forever: triggers that refuse to change or delete what must stand, on PostgreSQL and SQLite alike.

They guard against accidents and against every way round the ORM: raw SQL, upsert, TRUNCATE, `INSERT OR REPLACE`. The
owner of a database can lift them; what such an owner does then is found by the ledger's checkpoints.

What they read is named with its schema, and PostgreSQL looks for nothing in the path of whoever writes: a temporary
table or an operator of the writer's own would otherwise answer in place of the record. SQLite's triggers see their own
database alone.

On SQLite every table remake drops the table's triggers, so the `migrate` command installs all of them again each time,
and a system check reports any that is missing or is not as written here.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import DatabaseError, models
from django.db.backends.base.base import BaseDatabaseWrapper

from policies.models.acts import Act, ActSubject, Screen
from policies.models.audit import AuditEvent
from policies.models.ledger import BoundRows, Checkpoint, CheckpointAnchor, LedgerLeaf, LedgerNode
from policies.models.notices import Delivery, DeliveryAttempt, DeliveryFact, MailTemplate, Notice
from policies.models.policies import TERMS, Policy, PolicyAddress, PolicyReview, PolicyTerms
from policies.models.promises import Promise, PromiseCheck, PromiseTier
from policies.models.renderings import Appearance, BoundRendering, Comparison, Rendering
from policies.models.versions import DateChange, Review, Version, VersionText

PREFIX = "guard_"
MESSAGE = "policysite keeps {table} for ever: this row cannot be changed or deleted"
# Attempts are kept for half a year at least; the retention job may delete older ones.
ATTEMPTS_KEPT_DAYS = 180
# Named last, the writer's temporary tables are looked for last; unnamed they would come before all others.
SEARCH_PATH = "pg_catalog, pg_temp"


@dataclass(frozen=True)
class Guard:
    """
    What one table refuses. The conditions are SQL over OLD and NEW; `{differs}` is the database's null-safe "is not",
    and `{home}` what stands before the name of every other table.

    `insert` is refused where it is named. `unique_when` adds a condition over NEW and `t` under which writing NEW would
    replace the row `t` (primary keys and plain unique constraints are found by themselves). Where a row may be deleted,
    `replaced` says whether REPLACE, which exists on SQLite, may still put no other in its place. `first` is what
    PostgreSQL does before it looks at a new row: SQLite has one writer at a time.
    """

    model: type[models.Model]
    insert: str = ""
    update: str = "TRUE"
    delete: str = "TRUE"
    replaced: str = ""
    first: str = ""
    unique_when: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table


def _all_columns_but(model: type[models.Model], *names: str) -> list[str]:
    return [str(field.column) for field in model._meta.local_concrete_fields if field.column not in names]


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f'NEW."{column}" {{differs}} OLD."{column}"' for column in columns) + ")"


_PUBLISHED = "OLD.published_at IS NOT NULL"
_OF_A_PUBLISHED = (
    "EXISTS (SELECT 1 FROM {home}policies_version v WHERE v.id = OLD.version_id AND v.published_at IS NOT NULL)"
)
# By the last of its changes of date alone: an older one would lead back to where it was, once it was brought forward.
_MOVED = (
    "EXISTS (SELECT 1 FROM {home}policies_postponement p WHERE p.version_id = OLD.id"
    " AND p.was_effective_at = OLD.effective_at AND p.effective_at = NEW.effective_at"
    " AND p.id = (SELECT max(q.id) FROM {home}policies_postponement q WHERE q.version_id = OLD.id))"
)
# The first try and a change of date wait for each other at the version's row. Whoever comes second sees what the first
# one did: the try that the notice names another date by now, the change that somebody may have been told.
_NAMES_ANOTHER_DATE = (
    "NEW.effective_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {home}policies_version v"
    " WHERE v.id = NEW.version_id AND v.effective_at = NEW.effective_at{share})"
)
_WAS_BEGUN = (
    "EXISTS (SELECT 1 FROM {home}policies_notice n WHERE n.version_id = NEW.version_id AND n.begun_at IS NOT NULL)"
)
_WAIT_FOR_TRIES = "PERFORM 1 FROM {home}policies_version v WHERE v.id = NEW.version_id FOR NO KEY UPDATE;"
# The reference of a leaf is the act's as hex: SQLite keeps UUIDs so, PostgreSQL writes them with dashes.
_CLOSED = (
    "EXISTS (SELECT 1 FROM {{home}}policies_ledgerleaf l WHERE l.kind = 'closed'"
    " AND l.reference = replace(CAST({row}.subject_ref AS text), '-', ''){which})"
)
# A published policy has the terms that were last put on record. Free are those of one with nothing published.
_ON_RECORD = " AND ".join(f't."{name}" = NEW."{name}"' for name in TERMS)
_NOT_ON_RECORD = (
    "EXISTS (SELECT 1 FROM {home}policies_version v WHERE v.policy_id = OLD.id AND v.published_at IS NOT NULL)"
    f" AND NOT EXISTS (SELECT 1 FROM {{home}}policies_policyterms t WHERE t.policy_id = OLD.id AND {_ON_RECORD}"
    " AND t.number = (SELECT max(n.number) FROM {home}policies_policyterms n WHERE n.policy_id = OLD.id))"
)
# A stored page stays as it is once a row says what it has to be; a draft's goes with the draft.
_BOUND = "EXISTS (SELECT 1 FROM {{home}}policies_boundrendering b WHERE b.renderer = OLD.renderer AND {pair})"
_BOUND_RENDERING = _BOUND.format(pair="b.text_id = OLD.text_id AND b.before_id IS NULL")
_BOUND_COMPARISON = _BOUND.format(pair="b.text_id = OLD.after_id AND b.before_id = OLD.before_id")
# A policy that never published anything may go as a whole: what stands on record of it goes after it, and only so.
_EVER_PUBLISHED = (
    "EXISTS (SELECT 1 FROM {home}policies_version v WHERE v.policy_id = OLD.id AND v.published_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM {home}policies_policyterms n WHERE n.policy_id = OLD.id)"
)
_POLICY_STANDS = "EXISTS (SELECT 1 FROM {home}policies_policy p WHERE p.id = OLD.policy_id)"
# Of a draft that is gone already it cannot be said whose it was: then they stay, and so does the draft.
_OF_A_POLICY_THAT_STANDS = (
    "NOT EXISTS (SELECT 1 FROM {{home}}policies_version v WHERE v.id = {version}"
    " AND NOT EXISTS (SELECT 1 FROM {{home}}policies_policy p WHERE p.id = v.policy_id))"
)
_DRAFT_STANDS = _OF_A_POLICY_THAT_STANDS.format(version="OLD.version_id")
_READING_STANDS = _OF_A_POLICY_THAT_STANDS.format(
    version="(SELECT r.version_id FROM {home}policies_promise r WHERE r.id = OLD.promise_id)"
)
GUARDS = (
    Guard(
        Policy,
        update=f"{_differ('id', 'uid')} OR ({_differ(*TERMS)} AND {_NOT_ON_RECORD})",
        delete=_EVER_PUBLISHED,
        replaced="TRUE",
    ),
    Guard(PolicyAddress, delete=_POLICY_STANDS, replaced="TRUE"),
    *(Guard(model, delete=_DRAFT_STANDS, replaced="TRUE") for model in (Promise, Review)),
    Guard(PromiseTier, delete=_READING_STANDS, replaced="TRUE"),
    Guard(
        Version,
        update=(
            f"{_PUBLISHED} AND ({_differ(*_all_columns_but(Version, 'effective_at', 'withdrawn_at'))}"
            " OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at {differs} OLD.withdrawn_at)"
            f" OR (NEW.effective_at {{differs}} OLD.effective_at AND NOT {_MOVED}))"
        ),
        delete=_PUBLISHED,
    ),
    Guard(
        VersionText,
        update=_OF_A_PUBLISHED,
        delete=_OF_A_PUBLISHED,
        unique_when="NEW.version_id = t.version_id AND NEW.authoritative AND t.authoritative",
    ),
    Guard(
        LedgerLeaf,
        update=(
            f"{_differ(*_all_columns_but(LedgerLeaf, 'leaf_index'))}"
            " OR OLD.leaf_index IS NOT NULL OR NEW.leaf_index IS NULL"
        ),
    ),
    Guard(
        Act,
        unique_when=(
            "(NEW.render_id <> '' AND NEW.render_id = t.render_id AND NEW.kind = t.kind) OR NEW.undoes_id = t.undoes_id"
        ),
    ),
    # What the network told may be forgotten, and what is still to be mailed changes. The rest goes as a whole, with the
    # leaf that says so, and does not come back.
    Guard(
        ActSubject,
        insert=_CLOSED.format(row="NEW", which=""),
        update=(
            f"{_differ('id', 'subject_ref', 'person_id', 'acted_by_id', 'salt', 'remark')}"
            f" OR ({_differ('network_address')} AND NEW.network_address IS NOT NULL)"
            f" OR ({_differ('user_agent')} AND NEW.user_agent <> '')"
        ),
        delete=f"NOT {_CLOSED.format(row='OLD', which='{added_now}')}",
    ),
    # What a mail server says may repeat an address: erasing a person empties it, and nothing else can be written there.
    Guard(
        DeliveryAttempt,
        update=f"{_differ(*_all_columns_but(DeliveryAttempt, 'reply'))} OR NEW.reply <> ''",
        delete="OLD.ended_at > {attempts_kept_since}",
    ),
    Guard(DeliveryFact, update=f"{_differ(*_all_columns_but(DeliveryFact, 'text'))} OR NEW.text <> ''"),
    Guard(Rendering, update=_BOUND_RENDERING, delete=_BOUND_RENDERING),
    Guard(Comparison, update=_BOUND_COMPARISON, delete=_BOUND_COMPARISON),
    Guard(
        BoundRendering,
        unique_when="NEW.before_id IS NULL AND t.before_id IS NULL AND NEW.text_id = t.text_id"
        " AND NEW.renderer = t.renderer",
    ),
    # A look is prepared freely; what was put into use was seen by people.
    Guard(Appearance, update="OLD.at IS NOT NULL", delete="OLD.at IS NOT NULL"),
    Guard(Delivery, update=_differ("id", "notice_id", "recipient_id", "channel")),
    Guard(
        Notice,
        update=(
            f"{_differ('id', 'version_id', 'stream', 'kind', 'occasion', 'effective_at', 'deliverability')}"
            f" OR ({_differ('begun_at')} AND (OLD.begun_at IS NOT NULL OR {_NAMES_ANOTHER_DATE}))"
        ),
    ),
    Guard(DateChange, insert=f"NEW.untold AND {_WAS_BEGUN}", first=_WAIT_FOR_TRIES),
    *(
        Guard(model)
        for model in (
            Screen,
            AuditEvent,
            BoundRows,
            Checkpoint,
            CheckpointAnchor,
            LedgerNode,
            MailTemplate,
            PolicyReview,
            PolicyTerms,
            PromiseCheck,
        )
    ),
)


# Every address that a policy gets is written down by the database itself, where its key lets each be given once.
ADDRESSES = f"{PREFIX}{Policy._meta.db_table}_address"
WRITE_DOWN = f"INSERT INTO {{home}}{PolicyAddress._meta.db_table} (slug, policy_id)"
# A closing leaf takes along whose act it was: there is no transaction in which one goes without the other.
CLOSING = f"{PREFIX}{LedgerLeaf._meta.db_table}_closing"
TAKE_ALONG = f"DELETE FROM {{home}}{ActSubject._meta.db_table} WHERE subject_ref = {{reference}}"
# Of a row that is seen, the transaction that added it is over, or it is this one. A leaf without a place is as it was
# added: it can be changed once only, into one with a place.
_ADDED_NOW = (
    " AND l.leaf_index IS NULL AND pg_xact_status("
    "((pg_current_xact_id()::text::bigint >> 32 << 32) + l.xmin::text::bigint)::text::xid8) = 'in progress'"
)


# When a trigger of PostgreSQL's fires, as its catalog writes it (pg_trigger.tgtype).
_ROW, _BEFORE, _ADDS, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 4, 8, 16, 32
_CHANGES, _EMPTIES = _ROW | _BEFORE | _UPDATE | _DELETE, _BEFORE | _TRUNCATE
_GIVES_ADDRESSES, _CLOSES = _ROW | _ADDS | _UPDATE, _ROW | _ADDS


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every guard, replacing what stands, and write down the addresses given while none stood. Idempotent."""
    with connection.cursor() as cursor:
        for statement in statements(connection):
            cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """
    Take every guard away on SQLite: it remakes a table by dropping it, which a trigger elsewhere that names it forbids.

    Whoever does so installs them afterwards; what fails gets those of before back. On PostgreSQL they stay, since a
    table is altered where it stands.
    """
    stood = [] if connection.vendor == "postgresql" else _standing_on_sqlite(connection)
    with connection.cursor() as cursor:
        for name, _statement in stood:
            cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    except BaseException:
        with connection.cursor() as cursor:
            for _name, statement in stood:
                with suppress(DatabaseError):  # its table may be gone by now; a check names what is missing
                    cursor.execute(statement)
        raise


def _standing_on_sqlite(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
        return list(cursor.fetchall())


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should stand as they are written here, and do not."""
    if connection.vendor != "postgresql":
        written = [statement for statement in statements(connection) if statement.startswith("CREATE TRIGGER ")]
        stands = dict(_standing_on_sqlite(connection))
        named = {statement.split()[2]: statement for statement in written}
        return sorted(name for name, statement in named.items() if stands.get(name) != statement)
    home = home_of(connection)
    with connection.cursor() as cursor:
        # One that fires for replicas alone, for some columns or on a condition of somebody's own stands for show.
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
            " AND t.tgattr::text = '' AND (t.tgqual IS NOT NULL) = (t.tgname = %s)"
            " AND c.relnamespace::regnamespace::text || '.' = %s AND p.proconfig = ARRAY['search_path=' || %s]",
            [CLOSING, home, SEARCH_PATH],
        )
        standing = set(cursor.fetchall())
    wanted = {
        (name, guard.table, fires, _body(guard, home))
        for guard in GUARDS
        for name, fires in zip(
            _names(guard, connection.vendor), (_CHANGES | _ADDS * bool(guard.insert), _EMPTIES), strict=True
        )
    }
    wanted.add((ADDRESSES, Policy._meta.db_table, _GIVES_ADDRESSES, _body_of_addresses(home)))
    wanted.add((CLOSING, LedgerLeaf._meta.db_table, _CLOSES, _body_of_closing(home)))
    return sorted(name for name, *_as_written in wanted - standing)


def names(vendor: str) -> Iterator[str]:
    """Name every trigger that stands on a database of this vendor."""
    for guard in GUARDS:
        yield from _names(guard, vendor)
    yield from [ADDRESSES] if vendor == "postgresql" else [f"{ADDRESSES}_insert", f"{ADDRESSES}_update"]
    yield CLOSING


def _names(guard: Guard, vendor: str) -> list[str]:
    events = ("change", "truncate") if vendor == "postgresql" else ("insert", "update", "delete")
    return [f"{PREFIX}{guard.table}_{event}" for event in events]


def statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield the SQL that installs every guard."""
    if connection.vendor == "postgresql":
        home = home_of(connection)
        for guard in GUARDS:
            yield from _postgresql(guard, home)
        yield from _addresses_on_postgresql(home)
        yield from _closing_on_postgresql(home)
    else:
        home = ""
        for guard in GUARDS:
            yield from _sqlite(guard)
        yield from _addresses_on_sqlite()
        yield from _closing_on_sqlite()
    yield (
        f"{WRITE_DOWN.format(home=home)} SELECT p.slug, p.id FROM {home}policies_policy p"
        f" WHERE NOT EXISTS (SELECT 1 FROM {home}policies_policyaddress a WHERE a.slug = p.slug)"
    )


def home_of(connection: BaseDatabaseWrapper) -> str:
    """The schema in which the tables stand, with its dot. Nobody's temporary table counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(place.name) || '.'"
            " FROM unnest(current_schemas(false)) WITH ORDINALITY AS place(name, turn)"
            " JOIN pg_class c ON c.relnamespace = quote_ident(place.name)::regnamespace AND c.relname = %s"
            " ORDER BY place.turn LIMIT 1",
            [Version._meta.db_table],
        )
        (home,) = cursor.fetchone()
    return str(home)


def _postgresql(guard: Guard, home: str) -> Iterator[str]:
    name = f"{PREFIX}{guard.table}"
    yield _function(name, _body(guard, home), home)
    change = "INSERT OR UPDATE OR DELETE" if guard.insert else "UPDATE OR DELETE"
    for event, when in (("change", change), ("truncate", "TRUNCATE")):
        level = "ROW" if event == "change" else "STATEMENT"
        yield f"DROP TRIGGER IF EXISTS {name}_{event} ON {home}{guard.table}"
        yield (
            f"CREATE TRIGGER {name}_{event} BEFORE {when} ON {home}{guard.table}"
            f" FOR EACH {level} EXECUTE FUNCTION {home}{name}()"
        )


def _body(guard: Guard, home: str) -> str:
    """What PostgreSQL runs for this guard."""
    words = {
        "home": home,
        "differs": "IS DISTINCT FROM",
        "share": " FOR SHARE",
        "attempts_kept_since": f"now() - interval '{ATTEMPTS_KEPT_DAYS} days'",
        "added_now": _ADDED_NOW,
    }
    # 23001 is restrict_violation, which Django reports as IntegrityError.
    refuse = f"RAISE EXCEPTION '{MESSAGE.format(table=guard.table)}' USING ERRCODE = '23001';"
    return f"""
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN {refuse} END IF;
            IF TG_OP = 'INSERT' THEN
                {guard.first.format(**words)}
                IF {guard.insert.format(**words) or "FALSE"} THEN {refuse} END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                IF {guard.update.format(**words)} THEN {refuse} END IF;
                RETURN NEW;
            END IF;
            IF {guard.delete.format(**words)} THEN {refuse} END IF;
            RETURN OLD;
        END """


def _function(name: str, body: str, home: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {home}{name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = {SEARCH_PATH} AS $${body}$$"
    )


def _addresses_on_postgresql(home: str) -> Iterator[str]:
    table = f"{home}{Policy._meta.db_table}"
    yield _function(ADDRESSES, _body_of_addresses(home), home)
    yield f"DROP TRIGGER IF EXISTS {ADDRESSES} ON {table}"
    yield (
        f"CREATE TRIGGER {ADDRESSES} AFTER INSERT OR UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {home}{ADDRESSES}()"
    )


def _body_of_addresses(home: str) -> str:
    return f"""
        BEGIN
            IF TG_OP = 'INSERT' OR NEW.slug <> OLD.slug THEN
                {WRITE_DOWN.format(home=home)} VALUES (NEW.slug, NEW.id);
            END IF;
            RETURN NULL;
        END """


def _addresses_on_sqlite() -> Iterator[str]:
    for event, condition in (("insert", "TRUE"), ("update", "NEW.slug <> OLD.slug")):
        yield f"DROP TRIGGER IF EXISTS {ADDRESSES}_{event}"
        yield (
            f"CREATE TRIGGER {ADDRESSES}_{event} AFTER {event.upper()} ON {Policy._meta.db_table} FOR EACH ROW"
            f" WHEN {condition} BEGIN {WRITE_DOWN.format(home='')} VALUES (NEW.slug, NEW.id); END"
        )


def _closing_on_postgresql(home: str) -> Iterator[str]:
    table = f"{home}{LedgerLeaf._meta.db_table}"
    yield _function(CLOSING, _body_of_closing(home), home)
    yield f"DROP TRIGGER IF EXISTS {CLOSING} ON {table}"
    yield (
        f"CREATE TRIGGER {CLOSING} AFTER INSERT ON {table}"
        f" FOR EACH ROW WHEN (NEW.kind = 'closed') EXECUTE FUNCTION {home}{CLOSING}()"
    )


def _body_of_closing(home: str) -> str:
    return f"""
        BEGIN
            {TAKE_ALONG.format(home=home, reference="NEW.reference::uuid")};
            RETURN NULL;
        END """


def _closing_on_sqlite() -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {CLOSING}"
    yield (
        f"CREATE TRIGGER {CLOSING} AFTER INSERT ON {LedgerLeaf._meta.db_table} FOR EACH ROW"
        f" WHEN NEW.kind = 'closed' BEGIN {TAKE_ALONG.format(home='', reference='NEW.reference')}; END"
    )


def _sqlite(guard: Guard) -> Iterator[str]:
    words = {
        # A trigger looks for tables in its own database alone, and may not name one.
        "home": "",
        "differs": "IS NOT",
        "share": "",
        "attempts_kept_since": f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-{ATTEMPTS_KEPT_DAYS} days')",
        # Nothing is left to delete once there is such a leaf: it takes along whose act it was.
        "added_now": "",
    }
    name, message = f"{PREFIX}{guard.table}", MESSAGE.format(table=guard.table)
    update, delete = guard.update.format(**words), guard.delete.format(**words)
    key = guard.model._meta.pk.column
    kept = guard.replaced or delete.replace("OLD.", "t.")
    replaces = f"EXISTS (SELECT 1 FROM {guard.table} t WHERE ({_same_key(guard)}) AND ({kept})"
    conditions = {
        # REPLACE deletes the old row without firing its DELETE trigger, in INSERT and in UPDATE alike.
        "insert": f"({guard.insert.format(**words) or 'FALSE'}) OR {replaces})",
        "update": f"({update}) OR {replaces} AND t.{key} <> OLD.{key})",
        "delete": delete,
    }
    for event, condition in conditions.items():
        yield f"DROP TRIGGER IF EXISTS {name}_{event}"
        yield (
            f"CREATE TRIGGER {name}_{event} BEFORE {event.upper()} ON {guard.table} FOR EACH ROW WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _same_key(guard: Guard) -> str:
    """Build the condition under which NEW has the key of a standing row `t`."""
    meta = guard.model._meta
    keys = [[field.column] for field in meta.local_concrete_fields if field.unique]
    keys += [
        [meta.get_field(name).column for name in constraint.fields]  # type: ignore[union-attr]
        for constraint in meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None
    ]
    same = [" AND ".join(f'NEW."{column}" = t."{column}"' for column in key) for key in keys]
    return " OR ".join(f"({condition})" for condition in [*same, guard.unique_when] if condition)
