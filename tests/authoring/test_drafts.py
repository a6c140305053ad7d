"""Starting, saving, restoring, rebasing and discarding drafts."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from policies import authoring, clock, publishing, review
from policies.authoring import TextInput
from policies.models import ANSWERS, AuditEvent, Version
from policies.text.rejected import TextRejected
from tests import factories, people

pytestmark = [pytest.mark.django_db]


def save(version: Version, **options: Any) -> None:
    authoring.save_draft(version=version, by=people.edith(), at=clock.now(), **options)


def test_a_first_draft_starts_from_nothing() -> None:
    draft = authoring.start_draft(policy=factories.make_policy(), by=people.edith(), at=clock.now())
    assert draft.based_on is None
    assert draft.texts.count() == 0
    assert draft.revisions.get().number == 1


def test_a_next_draft_starts_from_the_latest_standing_text() -> None:
    version = factories.make_version(short_version="We keep little.")
    draft = authoring.start_draft(policy=version.policy, by=people.edith(), at=clock.now())
    assert draft.based_on == version
    assert draft.texts.get().sha256 == version.texts.get().sha256
    assert draft.texts.get().short_version == "We keep little."


def test_a_withdrawn_version_is_no_base() -> None:
    first = factories.make_version()
    factories.make_version(first.policy, effective_at=factories.in_days(9), withdrawn_at=factories.days_ago(1))
    assert authoring.start_draft(policy=first.policy, by=people.edith(), at=clock.now()).based_on == first


def test_a_retired_policy_gets_no_draft() -> None:
    policy = factories.make_policy(retired_at=clock.now())
    with pytest.raises(authoring.Retired):
        authoring.start_draft(policy=policy, by=people.edith(), at=clock.now())


def test_texts_are_stored_canonical_and_hashed() -> None:
    draft = factories.make_draft()
    save(draft, texts=[TextInput("en", " Privacy ", "Line one.  \r\nLine two.")])
    text = draft.texts.get()
    assert (text.title, text.authoritative) == ("Privacy", True)
    assert "\r" not in text.body
    assert len(text.sha256) == 64


GERMAN = TextInput("de", "Datenschutz", "Text.", why=" Darum. ")


def test_a_translation_keeps_its_answers_and_the_policys_own_language_none() -> None:
    draft = factories.make_draft()
    save(draft, texts=[TextInput("en", "Privacy", "Text.", why="Twice."), GERMAN])
    assert {text.language: text.why for text in draft.texts.all()} == {"en": "", "de": "Darum."}
    (_, german) = draft.revisions.latest().content["texts"]
    assert german["why"] == "Darum."


def test_restoring_a_revision_from_before_translations_had_answers() -> None:
    draft = factories.make_draft()
    save(draft, texts=[TextInput("en", "Privacy", "Text."), GERMAN])
    old = draft.revisions.latest()
    for text in old.content["texts"]:
        for name in ANSWERS:
            del text[name]
    authoring.restore(revision=old, by=people.edith(), at=clock.now())
    assert draft.texts.get(language="de").why == ""


def test_a_next_draft_starts_without_the_answers_of_the_last() -> None:
    version = factories.make_version(translations={"de": "Kurz."}, answers={"de": {"why": "Darum."}})
    draft = authoring.start_draft(policy=version.policy, by=people.edith(), at=clock.now())
    assert draft.texts.get(language="de").why == ""


def test_a_language_that_is_left_out_is_removed() -> None:
    draft = factories.make_draft()
    save(draft, texts=[TextInput("en", "Privacy", "Text."), TextInput("de", "Datenschutz", "Text.")])
    save(draft, texts=[TextInput("en", "Privacy", "Text.")])
    assert [text.language for text in draft.texts.all()] == ["en"]


@pytest.mark.parametrize("body", ["", "   \n", "a\x00b", "x" * 300_000])
def test_a_text_that_is_none_is_refused_and_nothing_is_half_done(body: str) -> None:
    draft = factories.make_draft()
    before = draft.texts.get().body
    with pytest.raises(TextRejected):
        save(draft, texts=[TextInput("en", "Privacy", body)], fields={"why": "Because."})
    draft.refresh_from_db()
    assert (draft.texts.get().body, draft.why, draft.revisions.count()) == (before, "", 0)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"status": "published"}, "status"),
        ({"reasons": ["weather"]}, "weather"),
        ({"tier": "enormous"}, "enormous"),
        ({"change_class": "gigantic"}, "gigantic"),
    ],
)
def test_a_field_with_a_wrong_value_is_named(fields: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        save(factories.make_draft(), fields=fields)


def test_a_title_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValidationError, match="Line breaks"):
        save(factories.make_draft(), texts=[TextInput("en", "Privacy\nBcc: all", "Text.")])


def test_an_older_edit_does_not_overwrite_a_newer_one() -> None:
    draft = factories.make_draft()
    save(draft, fields={"why": "One."})
    save(draft, fields={"why": "Two."})
    with pytest.raises(authoring.EditedMeanwhile, match="revision 2"):
        save(draft, fields={"why": "Mine."}, expected_revision=1)
    draft.refresh_from_db()
    assert draft.why == "Two."


def test_an_edit_drops_the_approval() -> None:
    version = factories.make_approved()
    save(version, fields={"why": "Another reason."})
    version.refresh_from_db()
    assert (version.status, version.manifest_sha256) == ("draft", "")


def test_a_published_version_is_not_edited() -> None:
    with pytest.raises(authoring.AlreadyPublished):
        save(factories.make_version(), fields={"why": "Because."})


def test_restoring_brings_back_everything_as_a_new_revision() -> None:
    draft = factories.make_draft()
    save(
        draft, texts=[TextInput("en", "Privacy", "Old text.")], fields={"why": "Old.", "stated_date": date(2026, 4, 14)}
    )
    old = draft.revisions.latest()
    save(draft, texts=[TextInput("en", "Privacy", "New text.")], fields={"why": "New.", "stated_date": None})
    restored = authoring.restore(revision=old, by=people.edith(), at=clock.now())
    draft.refresh_from_db()
    assert (restored.number, draft.why, draft.stated_date) == (3, "Old.", date(2026, 4, 14))
    assert draft.texts.get().body == "Old text.\n"


def test_rebasing_lets_an_overtaken_draft_be_published() -> None:
    policy = factories.make_version().policy
    slow, fast = (factories.make_approved(policy, body=body) for body in ("Slow.\n", "Fast.\n"))
    publishing.publish(version=fast, by=people.edith(), at=clock.now())
    with pytest.raises(publishing.OutOfDate):
        publishing.publish(version=slow, by=people.edith(), at=clock.now())
    slow = authoring.rebase(version=slow, by=people.edith(), at=clock.now())
    assert slow.based_on is not None
    assert slow.based_on.pk == fast.pk
    review.submit(version=slow, by=people.edith(), at=clock.now())
    review.approve(version=slow, by=people.ravi(), at=clock.now())
    assert publishing.publish(version=slow, by=people.edith(), at=clock.now()).number == 3


def test_a_draft_can_be_discarded_and_that_is_recorded() -> None:
    draft = factories.make_draft()
    authoring.discard(version=draft, by=people.edith(), at=clock.now())
    assert not Version.objects.filter(pk=draft.pk).exists()
    assert AuditEvent.objects.filter(verb="version.discarded").exists()


def test_a_reviewed_draft_is_kept() -> None:
    with pytest.raises(ProtectedError):
        authoring.discard(version=factories.make_approved(), by=people.edith(), at=clock.now())


def test_a_draft_starts_from_an_older_version_and_is_compared_with_the_latest() -> None:
    older = factories.make_version()
    latest = factories.make_version(older.policy, body=factories.NEXT_BODY)
    draft = authoring.start_draft(policy=older.policy, by=people.edith(), at=clock.now(), words_of=older)
    assert draft.texts.get().body == older.texts.get().body
    assert draft.based_on == latest
    assert draft.revisions.get().remark == "started from version 1"
