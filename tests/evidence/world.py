"""A small world, on the record by the product's own verbs: versions published and withdrawn, people's acts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from policies import acceptance, authoring, ledger, publishing, rendering, review
from policies.acceptance.consent_screens import keep_screen
from policies.authoring import TextInput, manifest
from policies.look import choosing
from policies.models import (
    Acceptance,
    Act,
    ActSubject,
    AuditEvent,
    Checkpoint,
    CheckpointAnchor,
    Delivery,
    DeliveryAttempt,
    DeliveryFact,
    DeskMail,
    LedgerLeaf,
    LedgerNode,
    MailTemplate,
    Notice,
    NoticeSeen,
    Person,
    Policy,
    Promise,
    PromiseTier,
    Tally,
    UseSeen,
    Version,
    guards,
)
from policies.notices.plan import audience
from tests import people
from tests.acceptance.asking import BY_FORM, screen_of
from tests.factories import BODY, NEXT_BODY, add_translation, make_person, make_policy

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ANSWERED = ("what_changed", "why", "impact", "what_you_can_do")
GERMAN = TextInput("de", "Nutzungsbedingungen", "", **dict.fromkeys(ANSWERED, "Wie der Text sagt."))
FRENCH = TextInput(
    "fr", "Conditions", "# Tout\n\nTexte.\n", "Bref.", **dict.fromkeys(ANSWERED, "Comme le texte le dit.")
)


def publish(policy: Policy, body: str, *, at: datetime, effective_at: datetime | None = None) -> Version:
    """Write, review and publish a version that asks for an answer."""
    draft = authoring.start_draft(policy=policy, by=people.edith(), at=at)
    fields = {
        "acceptance": Acceptance.EXPLICIT,
        "effective_at": effective_at,
        "change_class": "material",
        "reasons": ["data-categories"],
        **dict.fromkeys(ANSWERED, "As the text says."),
    }
    texts = [TextInput("en", policy.title, body), replace(GERMAN, body=f"# Alles\n\n{len(body)} Zeichen.\n")]
    authoring.save_draft(version=draft, by=people.edith(), at=at, fields=fields, texts=texts)
    review.submit(version=draft, by=people.edith(), at=at)
    review.approve(version=draft, by=people.ravi(), at=at)
    return publishing.publish(version=draft, by=people.edith(), at=at)


def build(*, people_count: int = 3) -> list[Person]:
    """
    Two versions in force one after the other, one postponed and withdrawn; everybody answered both, one undid it.

    Each is in English and German, with answers in both; the second has a French translation that came later.
    """
    policy = make_policy(title="Terms of Service", slug="terms", acceptance=Acceptance.EXPLICIT)
    first = publish(policy, BODY, at=START)
    crowd = [make_person() for _ in range(people_count)]
    for number, person in enumerate(crowd):
        answer(acceptance.accept, person, first, at=START + DAY + timedelta(minutes=number))
    second = publish(policy, NEXT_BODY, at=START + 2 * DAY, effective_at=START + 40 * DAY)
    ledger.seal(at=START + 3 * DAY)
    for number, person in enumerate(crowd):
        act = answer(acceptance.decline if number == 1 else acceptance.accept, person, second, at=START + 4 * DAY)
    acceptance.withdraw(act=act, person=crowd[-1], how=BY_FORM, at=START + 4 * DAY)
    third = publish(policy, NEXT_BODY + "\nMore.\n", at=START + 5 * DAY, effective_at=START + 60 * DAY)
    later, why = START + 70 * DAY, "More time to read."
    publishing.postpone(version=third, effective_at=later, reason=why, by=people.edith(), at=START + 6 * DAY)
    publishing.withdraw(version=third, reason="Not needed.", by=people.edith(), at=START + 7 * DAY)
    add_translation(second, FRENCH, at=START + 7 * DAY)
    ledger.seal(at=START + 8 * DAY)
    return crowd


def build_whole() -> list[Person]:
    """`build`, and everything else that is on record, as the product leaves it: a row at least of every table."""
    crowd, at = build(), START + 9 * DAY
    version = Version.objects.get(number=2)
    policy, edith = version.policy, people.edith()
    publishing.rename(policy=policy, slug="the-terms", by=edith, at=at)
    publishing.confirm_unchanged(policy=policy, by=edith, at=at, remark="Read.")
    words = {"organization": "Northwind Audio", "accent": "", "accent_dark": "", "words": {}}
    look = choosing.prepare(of=None, values=words, logo=None, by=edith, at=at)
    choosing.put_into_use(look=look, seen=0, by=edith, at=at)
    promise = Promise.objects.create(version=version, read_by=edith, read_at=at, effective="when_posted")
    PromiseTier.objects.create(promise=promise, applies_to="all", channels=["mail"], quote="We tell you.")
    notice = Notice.objects.create(
        version=version, stream="legal", state="done", rate_per_minute=60, created_at=at, frozen_at=at, finished_at=at
    )
    for number, person in enumerate(crowd):
        key = Delivery.key(notice.pk, person.pk, 0)
        state = "accepted" if number else "failed"
        Delivery.objects.create(
            id=key,
            notice=notice,
            recipient_id=person.pk,
            state=state,
            attempts=1,
            next_attempt_at=at,
            address=person.address,
            written_at=at,
            finished_at=at,
        )
        DeliveryAttempt.objects.create(
            delivery_id=key,
            number=1,
            worker="w",
            started_at=at,
            ended_at=at,
            phase="data",
            outcome=state,
            code=250,
            message_id=f"{key}@example.org",
            body_sha256="0" * 64,
            reply="2.0.0 queued",
        )
        DeliveryFact.objects.create(delivery_id=key, kind="delayed", source="dsn", event=str(key), code="4.2.2", at=at)
        NoticeSeen.objects.create(version=version, person=person, at=at)
        UseSeen.objects.create(person=person, version=version, first_on=at.date(), last_on=at.date(), source="shop")
    Tally.objects.create(notice=notice, minute=0, state="accepted", count=len(crowd))
    MailTemplate.objects.create(notice=notice, language="en", subject="News", source="Subject: News\r\n", made_at=at)
    notice.audience_count, notice.audience_sha256 = audience.digest(notice)
    notice.save()
    body = {"version": version.pk, "stream": "legal", "notice_kind": "change"}
    frozen = {"audience_count": len(crowd), "audience_sha256": notice.audience_sha256}
    ledger.append(kind="notice", reference=f"{notice.pk}-audience", body=body | frozen, at=at)
    DeskMail.objects.create(event=AuditEvent.objects.earliest("pk"), recipients=1, at=at)
    CheckpointAnchor.objects.create(checkpoint=Checkpoint.objects.latest(), kind="witness", name="w", data="-", at=at)
    keep_screen(template="review/answer.html", sources=[("a.html", "A")], wording={"accept": "Yes"}, at=at)
    ledger.bind(at=START + 10 * DAY)
    ledger.seal(at=START + 10 * DAY)
    return crowd


def answer(verb: Any, person: Person, version: Version, *, at: datetime) -> Any:
    page = rendering.rendering_of(version.text_in("en")).bound
    showing = screen_of(version, wording="I agree", rendering=page)
    return verb(person=person, version=version, showing=showing, how=BY_FORM, at=at)


@contextmanager
def sealing_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the release before 0009 sealed: manifests of the first format."""
    with monkeypatch.context() as before:
        before.setattr(manifest, "_second", manifest._first)
        yield


def bind_no_pages() -> None:
    """Acts as the release before 0012 recorded them: their leaves do not say which page was shown."""
    with behind_the_guards():
        Act.objects.update(binding=Act.Binding.PERSON, rendering=None)
        hash_again(ActSubject.objects.all())


def hash_again(subjects: Iterable[ActSubject]) -> None:
    """The leaves of these acts as their rows say now."""
    for subject in subjects:
        act = Act.objects.get(subject_ref=subject.subject_ref)
        head = {"kind": "act", "reference": act.subject_ref.hex, "at": ledger.instant(act.at)}
        hashed = ledger.leaf_hash(ledger.canonical_json(head | ledger.act_body(act, subject)), salt=bytes(subject.salt))
        LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).update(leaf_hash=hashed)


def unseal(*, without: tuple[str, ...]) -> None:
    """The ledger as an earlier release left it before its first head was signed, without leaves of these kinds."""
    with behind_the_guards():
        for table in (Checkpoint, LedgerNode):
            table.objects.all()._raw_delete(using="default")
        LedgerLeaf.objects.filter(kind__in=without)._raw_delete(using="default")
        LedgerLeaf.objects.update(leaf_index=None)


@contextmanager
def behind_the_guards() -> Iterator[None]:
    """What a database's owner can do: the triggers are lifted. Everything done meanwhile has to be rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _switch_triggers(cursor, "DISABLE")
            yield
            _switch_triggers(cursor, "ENABLE")
            return
        for name in guards.names(connection.vendor):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
        guards.install(connection)


def _switch_triggers(cursor: Any, command: str) -> None:
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for guard in guards.GUARDS:
        cursor.execute(f"ALTER TABLE {guard.table} {command} TRIGGER USER")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
