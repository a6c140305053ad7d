"""Chosen tamperings, as the owner of a database can do them with every trigger off: each is found and named."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from policies import evidence, ledger
from policies.acceptance import continued_use, erasing
from policies.ledger import rows
from policies.ledger.rows import IN_BATCHES, InBatches
from policies.models import (
    Act,
    AuditEvent,
    BoundRows,
    Delivery,
    LedgerLeaf,
    Notice,
    NoticeSeen,
    PolicyTerms,
    Review,
    Screen,
    Standing,
    UseSeen,
    Version,
)
from policies.notices.upkeep import retention
from tests.acceptance.asking import NOW
from tests.evidence import world
from tests.evidence.test_verifying import forged

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Tampering = tuple[str, Callable[[], object], str]
# What somebody would want to be otherwise; of tables that are not named here, the last columns.
WANTED = {
    "auditevent": ("actor_id", "data"),
    "delivery": ("state", "finished_at"),
    "deliveryattempt": ("code", "outcome"),
    "deliveryfact": ("kind", "at"),
    "mailtemplate": ("source", "error"),
    "notice": ("audience_count", "remark"),
    "promisecheck": ("kept", "lines"),
    "promisetier": ("quote", "notice_days"),
    "review": ("by_id", "answer"),
    "useseen": ("source",),
    "version": ("started_by_id", "tells_people"),
}
# What tells the rows of a table apart, beside their keys.
APART = {"delivery_id", "version_id", "language", "checkpoint_id", "event_id", "person_id", "name", "event", "sha256"}
APART |= {"applies_to"}


class Chance:
    """No chance at all: the first of everything."""

    def choice(self, of: list[Any]) -> Any:
        return of[0]

    def randrange(self, *_bounds: int) -> int:
        return 0


def change(rows: Any, column: str, value: object) -> Callable[[], object]:
    return lambda: rows.update(**{column: value})


def in_batches(table: InBatches) -> Iterator[Tampering]:
    """Change what somebody wants changed in a row, remove it, and invent another."""
    name = str(table.model._meta.model_name)
    row = table.rows.order_by("pk")[0]
    these = table.model._base_manager.filter(pk=row.pk)
    for column in WANTED.get(name, table.columns[-2:]):
        value = forged(row, column, Chance())  # type: ignore[arg-type]
        yield f"{name}.{column}", change(these, column, value), f"{name} {row.pk}"
    yield f"{name} removed", lambda: these._raw_delete("default"), f"{name} {row.pk}"
    if table.time:
        yield f"{name} invented", lambda: invented(row), f"{name} "


def invented(row: models.Model) -> None:
    """One more like it; what has to be unique is another."""
    if row._meta.model_name not in {"auditevent", "review", "policyreview", "postponement"}:
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if field.attname in APART and value is not None:
                setattr(row, field.attname, value + 70 if isinstance(value, int) else "f" * 64 if value[9:] else "fr")
    row.pk = row.pk + 400 if isinstance(row, Delivery) else None
    row._state.adding = True
    row.save_base(raw=True, force_insert=True)


def chosen() -> Iterator[Tampering]:
    for table in IN_BATCHES:
        yield from in_batches(table)
    batch = BoundRows.objects.filter(table="policies_review")
    pk = batch.get().pk
    second = Version.objects.get(number=2)
    standing = Standing.objects.filter(agreed_number=2).order_by("pk")
    person, notice = standing[0].person_id, Notice.objects.get()
    yield from [
        ("batch, keys", lambda: batch.update(keys="1"), f"rows {pk}"),
        ("batch, hashes", lambda: batch.update(hashes=b"0" * 32), f"rows {pk}"),
        ("batch, salt", lambda: batch.update(salt=b"0" * 32), f"rows {pk}"),
        ("batch, scope", lambda: batch.update(scope=7), f"rows {pk}"),
        ("batch, day", lambda: batch.update(at=NOW), f"rows {pk}"),
        ("batch removed", lambda: batch._raw_delete("default"), f"rows {pk}"),
        ("batch, leaf removed", lambda: leaf("rows", pk)._raw_delete("default"), f"rows {pk}"),
        ("batch, leaf's body is no JSON", lambda: leaf("rows", pk).update(body='{"kind":"rows"'), f"rows {pk}"),
        ("batch that releases, invented", release_in_secret, "rows "),
        ("withdrawn", lambda: Version.objects.filter(number=2).update(withdrawn_at=second.published_at), "version "),
        ("not withdrawn", lambda: Version.objects.filter(number=3).update(withdrawn_at=None), "withdrawal "),
        ("in effect earlier", lambda: Version.objects.filter(number=2).update(effective_at=second.published_at), "pub"),
        ("standing, number", lambda: standing.filter(person=person).update(agreed_number=3), f"person {person}"),
        ("standing, day", lambda: standing.filter(person=person).update(agreed_at=NOW), f"person {person}"),
        ("standing, waived", lambda: standing.filter(person=person).update(waived_number=9), f"person {person}"),
        ("standing removed", lambda: standing.filter(person=person)._raw_delete("default"), f"person {person}"),
        ("audience, hash", lambda: Notice.objects.update(audience_sha256="0" * 64), f"notice {notice.pk}"),
        ("audience, late", lambda: Delivery.objects.update(late=True), f"notice {notice.pk}"),
        ("notice, no leaf", lambda: leaf("notice", f"{notice.pk}-audience")._raw_delete("default"), "notice "),
        ("reviews all removed", lambda: Review.objects.all()._raw_delete("default"), "review "),
        ("act, undone", lambda: Act.objects.filter(kind="withdrawn").update(kind="agreed"), "act "),
        ("screen, words", lambda: Screen.objects.update(wording={"accept": "No"}), "screen "),
        ("terms, second person", lambda: PolicyTerms.objects.update(approved_by=None), "terms "),
    ]


def leaf(kind: str, reference: object) -> Any:
    return LedgerLeaf.objects.filter(kind=kind, reference=str(reference))


def release_in_secret() -> None:
    """Delete an event as if the product had, without a leaf."""
    event = AuditEvent.objects.earliest("pk")
    BoundRows.objects.create(
        table="policies_auditevent", released=True, count=1, keys=str(event.pk), salt=b"", hashes=b"", at=NOW
    )
    AuditEvent.objects.filter(pk=event.pk)._raw_delete("default")


def test_every_chosen_tampering_is_found_and_named() -> None:
    world.build_whole()
    assert evidence.verify().findings == []
    missed, done = [], 0
    with world.behind_the_guards():
        for what, tamper, where in chosen():
            with transaction.atomic():
                tamper()
                found = [finding.where for finding in evidence.verify().findings]
                transaction.set_rollback(True)
            done += 1
            if not any(place.startswith(where) for place in found):
                missed.append((what, where, found[:3]))
    assert missed == []
    assert done >= 80


def test_every_table_says_what_binds_it() -> None:
    said = [*(table.model for table in IN_BATCHES), *rows.BY_LEAVES, *rows.DERIVED, *rows.UNBOUND]
    assert sorted(model.__name__ for model in apps.get_app_config("policies").get_models()) == sorted(
        model.__name__ for model in said
    )


def test_columns_that_no_batch_binds_are_there_and_have_a_reason() -> None:
    for table in IN_BATCHES:
        names = {field.attname for field in table.model._meta.concrete_fields}
        for name, why in table.without:
            assert (name in names, bool(why)) == (True, True), (table.table, name)


def test_what_the_product_deletes_is_released_first() -> None:
    somebody = world.build_whole()[0]
    erasing.erase(person=somebody, ground="request", by=None, at=NOW)
    continued_use.forget(at=NOW + timedelta(days=9000))
    retention.forget_tries(at=NOW + timedelta(days=9000))
    assert evidence.verify().findings == []
    assert (NoticeSeen.objects.count(), UseSeen.objects.count()) == (2, 0)


def test_rows_are_bound_once_and_new_ones_wait_for_the_next_batch() -> None:
    world.build_whole()
    assert ledger.bind(at=NOW) == 0
    AuditEvent.record("policy.reviewed", by=None, at=NOW)
    assert (evidence.verify().is_good, ledger.bind(at=NOW), ledger.bind(at=NOW)) == (True, 1, 0)


def test_the_document_says_what_binds_each_table() -> None:
    """docs/evidence.md has a line for each, with the words of the registry."""
    words = {model.__name__: said for model, said in [*rows.BY_LEAVES.items(), *rows.DERIVED.items()]}
    words |= {model.__name__: f"not bound: {said}" for model, said in rows.UNBOUND.items()}
    for table in IN_BATCHES:
        reasons: dict[str, list[str]] = {}
        for name, why in table.without:
            reasons.setdefault(why, []).append(f"`{name}`")
        left_out = "; ".join(f"{', '.join(names)} ({why})" for why, names in reasons.items())
        words[table.model.__name__] = f"in batches, without {left_out}" if left_out else "in batches"
    lines = [f"| `{name}` | {said} |" for name, said in sorted(words.items())]
    assert "\n".join(lines) in (ROOT / "docs" / "evidence.md").read_text()


def test_deliveries_of_a_notice_that_still_runs_are_not_missed() -> None:
    """It takes days: what it delivered on the first is in no batch before it is over."""
    world.build_whole()
    done = Notice.objects.get()
    running = Notice.objects.create(
        version=done.version, stream="legal", occasion=1, state="sending", rate_per_minute=60, created_at=world.START
    )
    Delivery.objects.create(
        id=Delivery.key(running.pk, 1, 0),
        notice=running,
        recipient_id=1,
        state="accepted",
        next_attempt_at=world.START,
        finished_at=world.START,
    )
    assert evidence.verify().findings == []
