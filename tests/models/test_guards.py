"""Published is forever: every way to change or delete what stands is refused, on PostgreSQL and on SQLite."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError

from policies.models import ANSWERS, Act, AuditEvent, Delivery, LedgerLeaf, Version, VersionText, guards
from policies.models.notices import Notice
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REFUSED = (IntegrityError, ProtectedError, RestrictedError)


@pytest.fixture
def version() -> Version:
    return factories.make_version()


def execute(sql: str, *parameters: int | str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def make_act(version: Version) -> Act:
    return Act.objects.create(
        kind="agreed", version=version, language="en", text_sha256="a" * 64, manifest_sha256="b" * 64,
        method="form", strength="code", at=factories.days_ago(1),
    )  # fmt: skip


def test_all_guards_stand() -> None:
    assert guards.missing(connection) == []


def test_a_lifted_guard_is_reported() -> None:
    name = f"guard_policies_act_{'change' if connection.vendor == 'postgresql' else 'delete'}"
    execute(f"DROP TRIGGER {name}" + (" ON policies_act" if connection.vendor == "postgresql" else ""))
    assert guards.missing(connection) == [name]
    with pytest.raises(SystemCheckError, match=name):
        call_command("check", databases=["default"])
    # With its checks, as from a shell: what the report tells the operator to run must not stumble over the report.
    call_command("migrate", skip_checks=False, verbosity=0)
    assert guards.missing(connection) == []


REPLACED = (
    "CREATE OR REPLACE TRIGGER {name} BEFORE %s ON policies_act FOR EACH ROW %s EXECUTE FUNCTION guard_policies_act()"
)
FOR_SHOW = {
    "postgresql": (
        "ALTER TABLE policies_act ENABLE REPLICA TRIGGER {name}",
        REPLACED % ("UPDATE OR DELETE", "WHEN (OLD.id < 0)"),
        REPLACED % ("UPDATE OF id OR DELETE", ""),
        REPLACED % ("UPDATE", ""),
    ),
    "sqlite": ("CREATE TRIGGER {name} BEFORE UPDATE ON policies_act FOR EACH ROW WHEN 0 BEGIN SELECT 1; END",),
}


@pytest.mark.parametrize("attack", FOR_SHOW[connection.vendor])
def test_a_guard_that_stands_for_show_is_reported(attack: str) -> None:
    """What only the owner can do, and leaves a trigger of the right name."""
    name = f"guard_policies_act_{'change' if connection.vendor == 'postgresql' else 'update'}"
    if connection.vendor == "sqlite":
        execute(f"DROP TRIGGER {name}")
    execute(attack.format(name=name))
    assert guards.missing(connection) == [name]
    guards.install(connection)
    assert guards.missing(connection) == []


def test_save_is_refused(version: Version) -> None:
    version.what_changed = "Nothing, really."
    with pytest.raises(REFUSED), transaction.atomic():
        version.save()


def test_update_is_refused(version: Version) -> None:
    with pytest.raises(REFUSED), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(manifest_sha256="0" * 64)


def test_bulk_update_is_refused(version: Version) -> None:
    text = version.texts.get()
    text.body = "Something else."
    with pytest.raises(REFUSED), transaction.atomic():
        VersionText.objects.bulk_update([text], ["body"])


def test_delete_is_refused(version: Version) -> None:
    with pytest.raises(REFUSED), transaction.atomic():
        version.delete()
    with pytest.raises(REFUSED), transaction.atomic():
        Version.objects.filter(pk=version.pk).delete()


def test_raw_delete_and_update_are_refused(version: Version) -> None:
    for sql in (
        "UPDATE policies_version SET number = 7 WHERE id = %s",
        "DELETE FROM policies_version WHERE id = %s",
        "UPDATE policies_versiontext SET body = 'x' WHERE version_id = %s",
        "DELETE FROM policies_versiontext WHERE version_id = %s",
        "UPDATE policies_version SET manifest = '{}' WHERE id = %s",
        "UPDATE policies_version SET published_at = NULL, number = NULL, status = 'draft' WHERE id = %s",
    ):
        with pytest.raises(REFUSED):
            execute(sql, version.pk)


def test_a_date_moves_only_with_its_postponement(version: Version) -> None:
    with pytest.raises(REFUSED), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(effective_at=factories.in_days(5))


@pytest.mark.parametrize("table", [guard.table for guard in guards.GUARDS])
def test_truncate_is_refused(table: str) -> None:
    if connection.vendor == "sqlite":
        # SQLite has no TRUNCATE; emptying a table there is a DELETE, which the row trigger sees.
        assert f"guard_{table}_delete" in set(guards.names("sqlite"))
        return
    with pytest.raises(REFUSED):
        execute(f"TRUNCATE {table} CASCADE")


def test_a_translations_answers_are_frozen() -> None:
    version = factories.make_version(translations={"de": "Kurz.\n"})
    for statement in ("UPDATE policies_versiontext SET why = 'x'", "DELETE FROM policies_versiontext"):
        with pytest.raises(REFUSED):
            execute(f"{statement} WHERE version_id = %s AND language = 'de'", version.pk)
    assert version.texts.get(language="de").why == ""


def test_upsert_is_refused(version: Version) -> None:
    text = version.texts.get()
    text.body = "Something else."
    with pytest.raises(REFUSED), transaction.atomic():
        VersionText.objects.bulk_create([text], update_conflicts=True, unique_fields=["id"], update_fields=["body"])


def test_insert_or_replace_is_refused(version: Version) -> None:
    text = version.texts.get()
    replace = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    conflict = (
        ""
        if connection.vendor == "sqlite"
        else " ON CONFLICT (version_id, language) DO UPDATE SET body = EXCLUDED.body"
    )
    answers = ", ".join(ANSWERS)
    columns = f"version_id, language, authoritative, title, body, short_version, sha256, {answers}"
    with pytest.raises(REFUSED):
        execute(
            f"{replace} INTO policies_versiontext ({columns})"
            f" VALUES (%s, %s, TRUE, 't', 'x', '', 'y', '', '', '', ''){conflict}",
            version.pk, text.language,
        )  # fmt: skip
    assert version.texts.get().body == text.body


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="UPDATE OR REPLACE exists on SQLite alone")
def test_update_or_replace_cannot_push_a_published_row_out(version: Version) -> None:
    draft = factories.make_draft(version.policy)
    with pytest.raises(REFUSED):
        execute("UPDATE OR REPLACE policies_version SET id = %s WHERE id = %s", version.pk, draft.pk)
    assert Version.objects.get(pk=version.pk).number == version.number


def test_acts_are_append_only(version: Version) -> None:
    act = make_act(version)
    for refused in (
        lambda: Act.objects.filter(pk=act.pk).update(kind="declined"),
        lambda: Act.objects.filter(pk=act.pk).delete(),
        act.delete,
        act.save,
        lambda: execute("UPDATE policies_act SET kind = 'declined'"),
        lambda: execute("DELETE FROM policies_act"),
    ):
        with pytest.raises(REFUSED), transaction.atomic():
            refused()
    assert Act.objects.get(pk=act.pk).kind == "agreed"


def test_audit_events_are_append_only(version: Version) -> None:
    event = AuditEvent.record("version.published", by=people.edith(), version=version, at=factories.days_ago(1))
    with pytest.raises(REFUSED), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(verb="nothing")
    with pytest.raises(REFUSED), transaction.atomic():
        event.delete()


def test_a_leaf_gets_its_index_once_and_nothing_else() -> None:
    leaf = LedgerLeaf.objects.create(
        kind="test", reference="1", leaf_hash=b"x" * 32, body="{}", at=factories.days_ago(1)
    )
    LedgerLeaf.objects.filter(pk=leaf.pk).update(leaf_index=0)
    for change in ({"leaf_index": 1}, {"leaf_hash": b"y" * 32}, {"leaf_index": None}):
        with pytest.raises(REFUSED), transaction.atomic():
            LedgerLeaf.objects.filter(pk=leaf.pk).update(**change)


def test_a_draft_stays_editable() -> None:
    draft = factories.make_draft()
    Version.objects.filter(pk=draft.pk).update(what_changed="Much.")
    draft.texts.update(body="Another text.\n")
    draft.delete()
    assert not Version.objects.filter(pk=draft.pk).exists()


def test_a_delivery_changes_its_state_and_never_its_recipient(version: Version) -> None:
    at = factories.days_ago(1)
    notice = Notice.objects.create(version=version, stream="legal", rate_per_minute=60, created_at=at)
    delivery = Delivery.objects.create(
        id=Delivery.key(notice.pk, 5, 0), notice=notice, recipient_id=5, next_attempt_at=at
    )
    Delivery.objects.filter(pk=delivery.pk).update(state="claimed")
    with pytest.raises(REFUSED), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(recipient_id=6)
    with pytest.raises(REFUSED), transaction.atomic():
        delivery.delete()


def test_guards_come_back_after_a_table_was_remade() -> None:
    guards.install(connection)
    guards.install(connection)
    assert guards.missing(connection) == []
