"""The buttons that are not on the straight way from a draft to its publication."""

from datetime import timedelta

import pytest
from django.test import Client

from policies import authoring, clock
from policies.admin.desk.page_links import policy_url, version_url
from policies.models import Acceptance, AuditEvent, Version
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(edith: Client) -> Version:
    draft = desk.material_draft()
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    desk.press(edith, draft, "submit")
    draft.refresh_from_db()
    return draft


def approve(client: Client, version: Version, **data: str) -> int:
    seen = desk.seen_manifest(client, version, "review")
    return int(desk.press(client, version, "review", approve="", seen_manifest=seen, **data).status_code)


def test_an_incomplete_draft_is_told_what_it_lacks(edith: Client) -> None:
    draft = desk.material_draft()
    Version.objects.filter(pk=draft.pk).update(why="", reasons=[])
    refused = desk.press(edith, draft, "submit")
    assert refused.status_code == 409
    assert "Choose at least one reason" in refused.content.decode()


def test_nobody_approves_their_own_work(submitted: Version, edith: Client, ravi: Client) -> None:
    authoring.save_draft(version=submitted, by=people.ravi(), at=clock.now())
    desk.press(edith, submitted, "submit")
    assert (
        "somebody else has to approve it"
        in ravi.get(f"/admin/policies/version/{submitted.pk}/review/").content.decode()
    )
    assert approve(ravi, submitted) == 409


def test_solo_mode_says_so(submitted: Version, ravi: Client) -> None:
    factories.change_terms(submitted.policy, solo=True)
    authoring.save_draft(version=submitted, by=people.ravi(), at=clock.now())
    Version.objects.filter(pk=submitted.pk).update(status="in_review")
    assert "there was no second person" in ravi.get(f"/admin/policies/version/{submitted.pk}/review/").content.decode()
    assert approve(ravi, submitted) == 302
    assert submitted.reviews.get().solo


def test_an_edit_after_opening_the_review_refuses_the_approval(submitted: Version, edith: Client, ravi: Client) -> None:
    seen = desk.seen_manifest(ravi, submitted, "review")
    authoring.save_draft(version=submitted, by=people.edith(), at=clock.now(), fields={"why": "Changed."})
    desk.press(edith, submitted, "submit")
    refused = desk.press(ravi, submitted, "review", approve="", seen_manifest=seen)
    assert refused.status_code == 409
    assert "edited after you opened it" in refused.content.decode()


def test_sending_back_needs_a_comment_which_the_author_sees(submitted: Version, edith: Client, ravi: Client) -> None:
    seen = desk.seen_manifest(ravi, submitted, "review")
    refused = desk.press(ravi, submitted, "review", request_changes="", seen_manifest=seen)
    assert "Say what should change" in refused.content.decode()
    sent = desk.press(ravi, submitted, "review", request_changes="", comment="Name the law.", seen_manifest=seen)
    assert sent.status_code == 302
    submitted.refresh_from_db()
    assert submitted.status == "draft"
    assert "Ravi Nair asks for changes" in edith.get(version_url(submitted)).content.decode()


def broken_promise() -> Version:
    """A material draft that takes effect at once, where 30 days of notice are promised."""
    policy = factories.make_version().policy
    quote = "We tell you by e-mail 30 days before a material change takes effect."
    tier = authoring.TierReading("material", quote, channels=["email"], notice_days=30)
    authoring.record_promise(version=policy.versions.get(), tiers=[tier], by=people.edith(), at=clock.now())
    draft = factories.make_draft(policy, body=factories.NEXT_BODY, **desk.MATERIAL)
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    return draft


def test_a_broken_promise_is_refused_with_its_quote(edith: Client, ravi: Client) -> None:
    draft = broken_promise()
    desk.press(edith, draft, "submit")
    approve(ravi, draft)
    page = edith.get(f"/admin/policies/version/{draft.pk}/publish/")
    shown = page.content.decode()
    assert "Broken" in shown
    assert "by e-mail 30 days before" in shown
    assert '<button type="submit" class="desk-button desk-button--first">' not in shown
    refused = desk.press(edith, draft, "publish", seen_manifest=page.context["desk"].manifest_sha256)
    assert refused.status_code == 409
    assert "The notice period is too short" in refused.content.decode()


def test_an_override_takes_two_people(edith: Client, ravi: Client) -> None:
    draft = broken_promise()
    desk.save(edith, draft, override_reason="A court ordered it at once.")
    desk.press(edith, draft, "submit")
    assert approve(ravi, draft) == 409
    assert approve(ravi, draft, agrees_to_override="on") == 302
    seen = desk.seen_manifest(edith, draft, "publish")
    assert desk.press(edith, draft, "publish", seen_manifest=seen).status_code == 302
    assert Version.objects.get(pk=draft.pk).promise_checks.get().overridden


def test_the_button_says_how_many_are_told(edith: Client, submitted: Version, ravi: Client) -> None:
    factories.make_person()
    factories.make_person(address="")
    approve(ravi, submitted)
    page = edith.get(f"/admin/policies/version/{submitted.pk}/publish/").content.decode()
    assert "Publish version 2 and tell 2 people" in page


def test_postpone_and_withdraw(edith: Client) -> None:
    version = factories.make_version(effective_at=factories.in_days(30))
    day = (factories.in_days(60)).date()
    assert desk.press(edith, version, "postpone", day=str(day), reason="A bug.").status_code == 302
    version.refresh_from_db()
    assert version.effective_at is not None
    assert version.effective_at.date() == day
    assert desk.press(edith, version, "withdraw", reason="Given up.").status_code == 302
    version.refresh_from_db()
    assert version.withdrawn_at is not None


def test_a_revision_is_compared_and_restored(edith: Client) -> None:
    draft = desk.material_draft()
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    desk.save(edith, draft, why="Another reason.", **{"text-en-body": "Short.\n"})
    page = edith.get(f"/admin/policies/version/{draft.pk}/revisions/").content.decode()
    assert "Another reason." in page
    assert "<del>" in page
    edith.post(f"/admin/policies/version/{draft.pk}/restore/1/")
    assert draft.texts.get().body == factories.NEXT_BODY


def test_a_draft_is_discarded_unless_it_was_reviewed(edith: Client, submitted: Version, ravi: Client) -> None:
    other = desk.material_draft()
    assert desk.press(edith, other, "discard").status_code == 302
    assert not Version.objects.filter(pk=other.pk).exists()
    desk.press(ravi, submitted, "review", request_changes="", comment="No.", seen_manifest="0" * 64)
    refused = desk.press(edith, submitted, "discard")
    assert refused.status_code == 409
    assert "stays on the record" in refused.content.decode()


def test_a_policy_is_renamed_confirmed_and_retired(edith: Client) -> None:
    policy = factories.make_version().policy
    edith.post(policy_url(policy, "rename"), {"slug": "new-address"})
    edith.post(policy_url(policy, "confirm"), {"remark": "Read."})
    edith.post(policy_url(policy, "retire"))
    policy.refresh_from_db()
    assert (policy.slug, policy.reviews.count(), policy.retired_at is not None) == ("new-address", 1, True)
    refused = edith.post(policy_url(policy, "new_version"))
    assert "it gets no further version" in refused.content.decode()


def test_a_policy_that_never_published_anything_is_deleted(edith: Client) -> None:
    policy = factories.make_policy(slug="unwanted", title="Unwanted terms")
    factories.make_approved(policy)
    assert policy_url(policy, "delete_unpublished") in edith.get(policy_url(policy)).content.decode()
    page = edith.get(policy_url(policy, "delete_unpublished")).content.decode()
    assert all(words in page for words in ("1 draft,", "1 review:", "/p/unwanted/", "This cannot be undone"))
    answer = edith.post(policy_url(policy, "delete_unpublished"), follow=True).content.decode()
    assert "“Unwanted terms” is deleted." in answer
    record = edith.get(f"/admin/policies/auditevent/?policy__id__exact={policy.pk}").content.decode()
    assert "Unwanted terms (deleted)" in record
    assert "version.approved" in record
    event = AuditEvent.objects.get(verb="version.approved", policy=policy.pk)
    assert "Unwanted terms (deleted)" in edith.get(f"/admin/policies/auditevent/{event.pk}/change/").content.decode()
    assert edith.get("/admin/policies/auditevent/").status_code == 200


def test_what_was_published_is_not_deleted_at_the_desk(edith: Client) -> None:
    policy = factories.make_version().policy
    assert policy_url(policy, "delete_unpublished") not in edith.get(policy_url(policy)).content.decode()
    page = edith.get(policy_url(policy, "delete_unpublished")).content.decode()
    assert "Retire it instead" in page
    assert "Delete this policy and its drafts" not in page
    assert edith.post(policy_url(policy, "delete_unpublished")).status_code == 409
    assert edith.get(f"/p/{policy.slug}/").status_code == 200


def test_a_text_is_imported_as_a_draft(edith: Client) -> None:
    policy = factories.make_policy()
    text = "Last updated: May 5, 2026\n\n# Terms\n\nBe kind.\n"
    answer = edith.post(policy_url(policy, "import"), {"language": "en", "pasted": text}, follow=True)
    assert "updated 2026-05-05" in answer.content.decode()
    assert policy.versions.get().texts.get().title == "Terms"


def test_a_reading_of_the_promise_is_recorded_with_its_quote(edith: Client) -> None:
    version = factories.make_version()
    form = {
        "effective": "stated_date",
        "tier-TOTAL_FORMS": "1",
        "tier-INITIAL_FORMS": "0",
        "tier-0-applies_to": "material",
        "tier-0-channels_known": "on",
        "tier-0-channels": ["email"],
        "tier-0-logic": "all",
        "tier-0-prior": "yes",
        "tier-0-notice_days": "30",
        "tier-0-acceptance": Acceptance.NONE,
    }
    refused = desk.press(edith, version, "promise", **form, **{"tier-0-quote": "We never change."})
    assert "does not stand in the text" in refused.content.decode()
    quote = "We tell you by e-mail 30 days before a material change takes effect."
    desk.press(edith, version, "promise", **form, **{"tier-0-quote": quote})
    tier = version.promises.standing().get().tiers.get()
    assert (tier.channels, tier.notice_days, tier.quote) == (["email"], 30, quote)


def test_the_form_starts_from_what_was_found_only_when_asked(edith: Client) -> None:
    version = factories.make_version()
    page = f"/admin/policies/version/{version.pk}/promise/"
    assert edith.get(page).context["forms"].tiers.forms[0].initial == {}
    started = edith.get(page, {"found": ""}).context["forms"].tiers.forms[0].initial
    assert "30 days before" in started["quote"]
    assert not version.promises.exists()


def test_a_language_is_added_and_removed(edith: Client) -> None:
    draft = desk.material_draft()
    page = edith.get(f"/admin/policies/version/{draft.pk}/change/", {"language": "de"})
    assert [form.language for form in page.context["forms"].texts] == ["en", "de"]
    german = {"languages": ["en", "de"], "text-de-title": "Datenschutz", "text-de-body": "Kurz.\n"}
    desk.save(edith, draft, **german)
    assert set(draft.texts.values_list("language", flat=True)) == {"en", "de"}
    desk.save(edith, draft, **german, **{"text-de-remove": "on"})
    assert set(draft.texts.values_list("language", flat=True)) == {"en"}


def test_lines_of_the_page_are_removed_only_when_chosen(edith: Client) -> None:
    draft = factories.make_draft(body="Loading…\n\n## Keep\n\nText.\n\n© 2026 Somebody\n")
    page = version_url(draft, "tidy")
    assert [value for value, _words in edith.get(page).context["form"].fields["lines"].choices] == ["en:1", "en:7"]
    desk.press(edith, draft, "tidy", lines=["en:1"])
    assert draft.texts.get().body == "## Keep\n\nText.\n\n© 2026 Somebody\n"


def test_what_the_page_says_by_itself_leaves_the_text(edith: Client) -> None:
    policy = factories.make_policy()
    text = "# Terms\n\nLast updated: April 2025\n\n## The short version\n\nBe kind.\n\n## Rules\n\nBe kind to all.\n"
    edith.post(policy_url(policy, "import"), {"language": "en", "pasted": text})
    draft = policy.versions.get()
    choices = edith.get(version_url(draft, "tidy")).context["form"].fields["lines"].choices
    assert [value for value, _words in choices] == ["en:3", "en:short"]
    desk.press(edith, draft, "tidy", lines=["en:3", "en:short"])
    left = draft.texts.get()
    assert (left.body, left.short_version) == ("# Terms\n\n## Rules\n\nBe kind to all.\n", "Be kind.")
    draft.refresh_from_db()
    assert (str(draft.stated_date), draft.date_precision) == ("2025-04-01", "month")


def test_a_date_in_the_text_that_the_page_contradicts_is_warned_of(edith: Client) -> None:
    draft = factories.make_draft(body="Last updated: April 2025\n\nBe kind.\n")

    def codes() -> list[str]:
        page = edith.get(version_url(draft)).context["desk"]
        return [finding.code for finding in page.warnings[0].found]

    assert "typed-date-differs" in codes()
    Version.objects.filter(pk=draft.pk).update(stated_date="2025-04-01", date_precision="month")
    assert "typed-date-differs" not in codes()


def test_a_found_promise_starts_one_form_for_each_tier(edith: Client) -> None:
    policy = factories.make_policy()
    policy.tiers.create(name="significant", change_class="material")
    clause = (
        "## Changes\n\nWe will notify you of any material changes by posting the new policy on this page. For "
        "significant changes, we will notify you by e-mail before they take effect.\n"
    )
    version = factories.make_version(policy, body=clause)
    forms = edith.get(version_url(version, "promise"), {"found": ""}).context["forms"].tiers.forms
    assert [(form.initial["applies_to"], form.initial["channels"]) for form in forms] == [
        ("material", ["post_page"]),
        ("significant", ["email"]),
    ]


def test_the_effective_day_begins_in_the_legal_zone(edith: Client) -> None:
    draft = factories.make_draft(factories.make_policy(time_zone="Europe/Berlin"))
    day = (clock.now() + timedelta(days=400)).date().replace(month=7, day=1)
    desk.save(edith, draft, effective_on=str(day))
    draft.refresh_from_db()
    assert draft.effective_at is not None
    assert draft.effective_at.isoformat() == f"{day - timedelta(days=1)}T22:00:00+00:00"
