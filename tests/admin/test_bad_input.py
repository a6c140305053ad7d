"""What an editor can get wrong: each time the page says what, where and what to do, and loses nothing."""

import re
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.test import Client

from policies import authoring, clock, publishing
from policies.admin.desk import form_fields
from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.person import page as person_page
from policies.models import AuditEvent, Policy, Version
from tests import factories, people
from tests.admin import desk
from tests.fuzz import strange

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]

NEW_POLICY = {
    "title": "Terms",
    "slug": "terms",
    "contact": "legal@example.org",
    "language": "en",
    "time_zone": "Europe/Berlin",
    "kind": "terms",
    "date_precision": "day",
    "acceptance": "none",
    "grace_period_days": "0",
    "renewal_months": "0",
    "deletion_days": "30",
    "review_interval_months": "12",
    "tiers-TOTAL_FORMS": "0",
    "tiers-INITIAL_FORMS": "0",
}


@pytest.fixture
def draft() -> Version:
    draft = desk.material_draft()
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    return draft


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text-en-body": ""}, "The text is empty"),
        ({"text-en-body": "One.\nTwo\x00."}, "Line 2 holds the control character U+0000"),
        ({"text-en-body": "One\x07"}, "Line 1 holds the control character U+0007"),
        ({"text-en-body": "x" * 300_000}, "the limit is 262,144"),
        ({"text-en-title": ""}, "Title: This field is required"),
        ({"text-en-title": "Two\nlines"}, "Line breaks and control characters are not allowed"),
        ({"effective_on": "14.04.2027"}, "Enter a day as YYYY-MM-DD"),
        ({"effective_on": "2001-02-03"}, "cannot take effect before its publication"),
        ({"what_changed": "x" * 2001}, "at most 2000 characters"),
        ({"reasons": ["because"]}, "not one of the available choices"),
        ({"change_class": "huge"}, "Select a valid choice"),
        ({"tier": "significant"}, "Select a valid choice"),
        ({"change_class": "editorial", "lowering_reason": ""}, "Say here why you decide otherwise"),
    ],
)
def test_a_mistake_in_the_form_is_named_and_nothing_is_lost(
    edith: Client, draft: Version, changes: dict[str, Any], said: str
) -> None:
    before = authoring.content_of(draft)
    answer = desk.save(edith, draft, **{"why": "Typed just now.", **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Typed just now." in page
    assert authoring.content_of(Version.objects.get(pk=draft.pk)) == before


def test_a_form_beyond_every_limit_says_how_large_it_may_be(edith: Client, draft: Version) -> None:
    answer = desk.save(edith, draft, **{"text-en-body": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "may have 256 KB" in answer.content.decode()


def test_a_higher_number_never_takes_effect_before_a_lower_one(edith: Client, draft: Version) -> None:
    factories.make_version(draft.policy, effective_at=factories.in_days(40))
    answer = desk.save(edith, draft, effective_on=str(factories.in_days(20).date()))
    assert "a higher number never before a lower one" in answer.content.decode()


def test_lowering_with_a_reason_is_accepted(edith: Client, draft: Version) -> None:
    assert desk.save(edith, draft, change_class="minor", lowering_reason="The law fixes it.").status_code == 302


def test_a_stale_form_shows_both_and_saves_after_a_look(edith: Client, draft: Version) -> None:
    form = {**desk.form_of(draft), "_save": "", "text-en-body": "Mine, and mine alone.\n"}
    texts = [authoring.TextInput("en", "Privacy Policy", "Theirs.\n")]
    authoring.save_draft(version=draft, by=people.ravi(), at=clock.now(), texts=texts)
    refused = edith.post(version_url(draft), form)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert all(part in page for part in ("Ravi Nair saved revision 2", "Theirs.", "Mine, and mine alone."))
    assert draft.texts.get().body == "Theirs.\n"
    again = {**form, "expected_revision": refused.context["forms"].expected_revision}
    assert edith.post(version_url(draft), again).status_code == 302
    assert draft.texts.get().body == "Mine, and mine alone.\n"


def test_a_form_of_a_version_published_meanwhile_gives_the_text_back(edith: Client, draft: Version) -> None:
    version = factories.make_version(draft.policy)
    refused = desk.save(edith, version, **{"text-en-body": "Typed for an hour."})
    assert refused.status_code == 409
    assert "Typed for an hour." in refused.content.decode()
    assert "Start a new version" in refused.content.decode()


def test_a_draft_on_an_older_version_is_told_so_and_can_be_rebased(edith: Client, ravi: Client, draft: Version) -> None:
    desk.press(edith, draft, "submit")
    desk.press(ravi, draft, "review", approve="", seen_manifest=desk.seen_manifest(ravi, draft, "review"))
    factories.make_version(draft.policy)
    assert "cannot be published before it is based on the latest one" in edith.get(version_url(draft)).content.decode()
    refused = desk.press(edith, draft, "publish", seen_manifest=desk.seen_manifest(edith, draft, "publish"))
    assert refused.status_code == 409
    assert "Base the draft on it" in refused.content.decode()
    assert desk.press(edith, draft, "rebase").status_code == 302
    draft.refresh_from_db()
    assert draft.based_on == draft.policy.versions.standing().first()
    factories.make_version(draft.policy)
    early = desk.press(edith, draft, "submit")
    assert (early.status_code, "Base the draft on it" in early.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "is not a time zone"),
        ({"contact": "privacy@example.org\nBcc: all@example.org"}, "Enter a valid email address"),
        ({"title": "Two\nlines"}, "Line breaks and control characters are not allowed"),
    ],
)
def test_a_policy_with_a_mistake_is_not_saved(edith: Client, changes: dict[str, str], said: str) -> None:
    answer = edith.post("/admin/policies/policy/add/", {**NEW_POLICY, **changes})
    assert said in answer.content.decode()
    assert not Policy.objects.exists()
    edith.post("/admin/policies/policy/add/", NEW_POLICY)
    assert AuditEvent.objects.get().verb == "policy.added"


@pytest.mark.parametrize("taken", ["current", "old"])
def test_an_address_is_given_once(edith: Client, taken: str) -> None:
    policy, other = factories.make_policy(), factories.make_policy(slug="old")
    publishing.rename(policy=other, slug="current", by=people.edith(), at=clock.now())
    refused = edith.post(policy_url(policy, "rename"), {"slug": taken})
    assert refused.status_code == 409
    assert "its links must keep working" in refused.content.decode()
    refused = edith.post("/admin/policies/policy/add/", {**NEW_POLICY, "slug": taken})
    assert "its links must keep working" in refused.content.decode()
    assert Policy.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"language": "en"}, "Choose a file or paste the text"),
        ({"language": "en", "pasted": "a\x01"}, "full of control characters"),
        ({"language": "x!", "pasted": "Text."}, "language"),
        ({"language": "en", "pasted": "Text.", "title": "a\nb"}, "Line breaks"),
    ],
)
def test_an_import_with_a_mistake_makes_no_draft(edith: Client, data: dict[str, str], said: str) -> None:
    policy = factories.make_policy()
    answer = edith.post(policy_url(policy, "import"), data)
    assert said in answer.content.decode()
    assert not policy.versions.exists()


@pytest.mark.parametrize("verb", ["postpone", "withdraw"])
def test_moving_an_upcoming_version_needs_a_reason(edith: Client, verb: str) -> None:
    version = factories.make_version(effective_at=factories.in_days(30))
    answer = desk.press(edith, version, verb, day=str(factories.in_days(60).date()), reason="")
    assert "This field is required" in answer.content.decode()
    version.refresh_from_db()
    assert version.withdrawn_at is None


def test_postponing_to_an_earlier_day_is_refused(edith: Client) -> None:
    version = factories.make_version(effective_at=factories.in_days(30))
    answer = desk.press(edith, version, "postpone", day=str(factories.in_days(3).date()), reason="Hurry.")
    assert answer.status_code == 409
    assert "choose a later date" in answer.content.decode()


@pytest.mark.parametrize("instant", strange.INSTANTS)
def test_no_instant_at_the_ends_of_time_breaks_a_form_of_the_desk(instant: str) -> None:
    """Each field for a day or an instant; what it lets through can be moved to any zone."""
    for field in (form_fields.DayField(), form_fields.InstantField()):
        with suppress(ValidationError):
            given = field.clean(instant)
            at = given if isinstance(given, datetime) else datetime.combine(given, time.min, tzinfo=UTC)
            for hours in (-14, 14):
                at.astimezone(timezone(timedelta(hours=hours)))


def test_a_person_is_not_looked_up_at_the_ends_of_time() -> None:
    person = people.uma().person
    assert person is not None
    asked = QueryDict(urlencode({"at": "0001-01-01T00:00:00+14:00"}))
    found = person_page.build(person, asked, now=clock.now())
    assert "The year has to be from" in found.form.errors["at"][0]


def test_no_form_of_the_desk_has_a_day_of_its_own_kind() -> None:
    """Fields for days and instants go through `form_fields`, where the ends of time are refused."""
    code = {path: path.read_text() for path in (ROOT / "policies" / "admin").rglob("*.py")}
    own = [str(path) for path, text in code.items() if re.search(r"forms\.(Date|DateTime|SplitDateTime)Field\(", text)]
    assert own == []


@pytest.mark.parametrize("typed", ["2147483648", "-1", "1e9", "x"])
def test_what_a_refused_form_of_a_policy_says_is_shown_as_typed_and_nowhere_else(edith: Client, typed: str) -> None:
    policy = factories.make_version().policy
    answer = edith.post(policy_url(policy), {"review_interval_months": typed})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["review_interval_months"]
    assert typed in answer.content.decode()
