"""Continued use: derived with every ground on record or not at all, and never counted as agreed."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from policies import acceptance, authoring, evidence, ledger
from policies.acceptance import continued_use, erasing
from policies.evidence.pack import packing
from policies.models import Acceptance, Act, NoticeSeen, PromiseCheck, UseSeen, Version
from tests import people
from tests.acceptance.asking import BY_FORM, screen_of, uma
from tests.factories import BODY, NEXT_BODY, make_person, make_policy, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOLD = datetime(2026, 5, 1, 9, tzinfo=UTC)
EFFECT = datetime(2026, 6, 1, tzinfo=UTC)
USED = date(2026, 6, 3)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
QUOTE = "If you go on using the service after the effective date, you accept the change."


def changed(**fields: Any) -> Version:
    """Version 2 of a policy whose version 1 promised what continued use means; the promise was kept."""
    policy = make_policy(slug="privacy", acceptance=Acceptance.CONTINUED_USE)
    first = make_version(policy, body=f"{BODY}\n{QUOTE}\n", published_at=datetime(2025, 1, 1, tzinfo=UTC))
    tier = authoring.TierReading("all", QUOTE, acceptance=fields.pop("promised", "continued_use"), notice_days=10)
    promise = authoring.record_promise(version=first, tiers=[tier], by=people.edith(), at=TOLD)
    kept = fields.pop("kept", True)
    fields = {"acceptance": Acceptance.CONTINUED_USE, "reasons": ["retention"], **fields}
    version = make_version(
        policy, body=NEXT_BODY, published_at=TOLD, effective_at=EFFECT, change_class="material", **fields
    )
    PromiseCheck.objects.create(version=version, promise=promise, kept=kept, lines=[], at=TOLD)
    return version


def tell(version: Version, at: datetime = TOLD) -> None:
    NoticeSeen.objects.create(version=version, person=uma(), at=at)


def found(version: Version, at: datetime = NOW) -> continued_use.Deemed | None:
    return continued_use.deemed(person=uma(), version=version, at=at)


def test_every_ground_is_quoted() -> None:
    version = changed()
    tell(version)
    assert continued_use.note(person=uma(), on=USED, source="Studio", at=NOW) == 1
    deemed = found(version)
    assert deemed is not None
    assert (deemed.quote, deemed.used_on, deemed.source) == (QUOTE, USED, "Studio")
    assert (deemed.promised_in.number, deemed.reached_by, deemed.bound_from) == (1, "on this site", EFFECT)


def test_it_is_no_act_and_no_agreement() -> None:
    version = changed()
    tell(version)
    continued_use.note(person=uma(), on=USED, source="Studio", at=NOW)
    (applied,) = evidence.applied_at(person=uma(), at=NOW)
    assert (applied.basis, applied.agreed) == ("deemed", None)
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    "lacking",
    [
        {"promised": "none"},
        {"kept": False},
        {"retroactive": True},
        {"reasons": ["retention", "ai-training"]},
        {"imported": True},
        {"acceptance": Acceptance.EXPLICIT},
    ],
    ids=str,
)
def test_without_a_promise_that_says_so_and_was_kept_there_is_none(lacking: dict[str, Any]) -> None:
    version = changed(**lacking)
    tell(version)
    UseSeen.objects.create(person=uma(), version=version, first_on=USED, last_on=USED)
    assert found(version) is None


def test_whom_no_notice_reached_is_not_bound() -> None:
    version = changed()
    continued_use.note(person=uma(), on=USED, source="Studio", at=NOW)
    assert found(version) is None


def test_whoever_was_told_late_has_the_promised_days() -> None:
    version = changed()
    tell(version, at=EFFECT)  # ten days are promised
    continued_use.note(person=uma(), on=USED, source="Studio", at=NOW)
    assert found(version, at=NOW + timedelta(days=9)) is None
    continued_use.note(person=uma(), on=date(2026, 6, 12), source="Studio", at=NOW + timedelta(days=9))
    deemed = found(version, at=NOW + timedelta(days=9))
    assert deemed is not None
    assert deemed.used_on == date(2026, 6, 12)


def test_use_on_the_day_it_begins_to_bind_is_no_ground() -> None:
    version = changed()
    tell(version)
    continued_use.note(person=uma(), on=EFFECT.date(), source="Studio", at=NOW)
    assert found(version) is None


def test_a_decline_ends_it_and_taking_that_back_does_not_hide_it() -> None:
    version = changed()
    tell(version)
    continued_use.note(person=uma(), on=USED, source="Studio", at=NOW)
    act = acceptance.decline(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=NOW)
    assert found(version, at=NOW + timedelta(hours=1)) is None
    assert found(version, at=NOW - timedelta(hours=1)) is not None  # as it was then
    acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=NOW + timedelta(hours=2))
    assert found(version, at=NOW + timedelta(hours=3)) is not None


def test_only_what_may_matter_is_kept_and_only_days() -> None:
    version = changed()
    assert continued_use.note(person=uma(), on=date(2026, 5, 20), source="Studio", at=NOW) == 0  # before it took effect
    for day in (5, 3, 9, 4):
        continued_use.note(person=uma(), on=date(2026, 6, day), source="Studio", at=NOW)
    seen = UseSeen.objects.get(person=uma(), version=version)
    assert (seen.first_on, seen.last_on) == (date(2026, 6, 3), date(2026, 6, 9))
    with pytest.raises(continued_use.NotYet):
        continued_use.note(person=uma(), on=date(2026, 6, 12), source="Studio", at=NOW)


def test_the_account_page_and_the_export_say_what_it_rests_on(time_machine: Any) -> None:
    time_machine.move_to(NOW)
    tell(changed())
    client = Client()
    client.force_login(people.uma())
    client.post("/demo/product/", {"name": "Night drive"})
    page = client.get("/account/").content.decode()
    assert "You did not accept version 2" in page
    assert QUOTE in page
    assert "Say that you do not agree" in page
    exported = client.get("/account/export/").json()
    assert exported["use"][0]["first_on"] == "2026-06-10"
    assert exported["applies"][0]["deemed"]["counts_as_agreed"] is False


def test_the_pack_has_it_apart_from_the_acts() -> None:
    version = changed()
    tell(version)
    continued_use.note(person=uma(), on=USED, source="=Studio", at=NOW)
    ledger.append(kind="publication", reference=str(version.pk), body={"number": 2}, at=NOW)
    ledger.seal(at=NOW)
    with zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(uma()), at=NOW))) as pack:
        (deemed,) = json.loads(pack.read("06-deemed.json"))
        assert (deemed["quote"], deemed["used_on"]) == (QUOTE, "2026-06-03")
        assert b"'=Studio" in pack.read("06-use-after-effective.csv")
        assert json.loads(pack.read("05-events.json")) == []
        assert "version 2 (deemed)" in pack.read("05-story.txt").decode()


def test_erasing_forgets_the_days_of_use() -> None:
    version = changed()
    continued_use.note(person=uma(), on=USED, source="Studio", at=NOW)
    erasing.erase(person=uma(), ground="request", by=None, at=NOW)
    assert not UseSeen.objects.filter(version=version).exists()


def test_of_people_whom_no_policy_binds_nothing_is_kept() -> None:
    changed()
    assert continued_use.note(person=make_person(closed_at=TOLD), on=USED, source="Studio", at=NOW) == 0


def test_days_of_use_go_after_the_years_of_retention_and_not_a_day_before(settings: Settings) -> None:
    settings.RETENTION_YEARS = 2
    version = changed()
    end = NOW.date() - timedelta(days=2 * 365)
    old, young, held = make_person(), make_person(), make_person(legal_hold=True)
    for person, last in ((old, end - timedelta(days=1)), (young, end), (held, end - timedelta(days=1))):
        UseSeen.objects.create(person=person, version=version, first_on=date(2020, 1, 1), last_on=last)
    assert continued_use.forget(at=NOW, dry_run=True) == 1
    assert UseSeen.objects.count() == 3
    assert continued_use.forget(at=NOW) == 1
    assert {seen.person for seen in UseSeen.objects.all()} == {young, held}
    assert continued_use.forget(at=NOW) == 0


def test_the_daily_command_forgets_days_of_use(
    settings: Settings, capsys: pytest.CaptureFixture[str], time_machine: Any
) -> None:
    settings.RETENTION_YEARS = 2
    time_machine.move_to(NOW)
    long_ago = date(2023, 6, 3)
    UseSeen.objects.create(person=uma(), version=changed(), first_on=long_ago, last_on=long_ago)
    call_command("apply_retention", dry_run=True)
    assert "Would forget" in capsys.readouterr().out
    assert UseSeen.objects.exists()
    call_command("apply_retention")
    assert "1 records of use" in capsys.readouterr().out
    assert not UseSeen.objects.exists()
