"""Submitting, sending back and approving."""

import pytest

from policies import authoring, clock, review
from policies.authoring.obstacles import obstacles_of
from policies.models import AuditEvent, Comparison, Rendering, Version
from tests import factories, people

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def draft() -> Version:
    """Edith's material draft over a published version."""
    policy = factories.make_version().policy
    draft = authoring.start_draft(policy=policy, by=people.edith(), at=clock.now())
    texts = [authoring.TextInput("en", policy.title, factories.NEXT_BODY)]
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=texts, fields=factories.MATERIAL)
    return draft


def submit(draft: Version) -> Version:
    return review.submit(version=draft, by=people.edith(), at=clock.now())


def test_submitting_records_the_proposal_and_the_event(draft: Version) -> None:
    submitted = submit(draft)
    assert submitted.status == "in_review"
    assert submitted.proposal is not None
    assert submitted.proposal["class"] == "material"
    assert AuditEvent.objects.filter(verb="version.submitted", version=draft, actor=people.edith()).exists()


@pytest.mark.parametrize("answer", ["what_changed", "why", "impact", "what_you_can_do"])
def test_a_material_change_needs_all_four_answers(draft: Version, answer: str) -> None:
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields={answer: "  "})
    with pytest.raises(review.Incomplete) as refused:
        submit(draft)
    assert list(refused.value.missing) == [answer]


def test_a_summary_is_translated_as_a_whole_or_not_at_all(draft: Version) -> None:
    english = authoring.TextInput("en", draft.policy.title, factories.NEXT_BODY)
    for answers, missing in (({}, []), ({"why": "Darum."}, ["answers-de"])):
        german = authoring.TextInput("de", "Datenschutz", "Text.", **answers)
        authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=[english, german])
        found = obstacles_of(Version.objects.get(pk=draft.pk), at=clock.now())
        assert [each.field for each in found] == missing
    with pytest.raises(review.Incomplete, match="German and the authors’ do not match: what changed, what it means"):
        submit(draft)


def test_a_change_needs_a_reason(draft: Version) -> None:
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields={"reasons": []})
    with pytest.raises(review.Incomplete, match="at least one reason"):
        submit(draft)


def test_lowering_the_proposal_needs_a_written_reason(draft: Version) -> None:
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields={"change_class": "minor"})
    with pytest.raises(review.Incomplete, match="decide otherwise"):
        submit(draft)
    fields = {"lowering_reason": "The longer period was announced in March already."}
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields=fields)
    assert submit(draft).status == "in_review"


def test_an_effective_date_in_the_past_is_refused(draft: Version) -> None:
    fields = {"effective_at": factories.days_ago(1)}
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields=fields)
    with pytest.raises(review.Incomplete, match="has passed"):
        submit(draft)


def test_a_draft_without_a_text_is_refused() -> None:
    draft = authoring.start_draft(policy=factories.make_policy(), by=people.edith(), at=clock.now())
    with pytest.raises(review.Incomplete, match="authoritative language"):
        submit(draft)


def test_approval_seals_the_manifest_and_renders(draft: Version) -> None:
    given = review.approve(version=submit(draft), by=people.ravi(), at=clock.now())
    draft.refresh_from_db()
    assert draft.status == "approved"
    assert given.manifest_sha256 == draft.manifest_sha256
    assert Rendering.objects.filter(text__version=draft).exists()
    assert "two" in Comparison.objects.get(after__version=draft).inline_html


def test_nobody_approves_their_own_work(draft: Version) -> None:
    authoring.save_draft(version=draft, by=people.ravi(), at=clock.now(), fields={"why": "A better reason."})
    with pytest.raises(review.OwnWork):
        review.approve(version=submit(draft), by=people.ravi(), at=clock.now())


def test_solo_mode_says_that_there_was_no_second_person(draft: Version) -> None:
    factories.change_terms(draft.policy, solo=True)
    draft.policy.refresh_from_db()
    assert review.approve(version=submit(draft), by=people.edith(), at=clock.now()).solo


def test_only_what_the_reviewer_saw_is_approved(draft: Version) -> None:
    with pytest.raises(review.ChangedSince):
        review.approve(version=submit(draft), by=people.ravi(), at=clock.now(), seen_manifest="0" * 64)


def test_only_a_version_in_review_is_answered(draft: Version) -> None:
    with pytest.raises(review.NotInReview):
        review.approve(version=draft, by=people.ravi(), at=clock.now())


def test_an_override_has_to_be_agreed_to(draft: Version) -> None:
    fields = {"override_reason": "A court order leaves us two days."}
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields=fields)
    with pytest.raises(review.OverrideNotAgreed):
        review.approve(version=submit(draft), by=people.ravi(), at=clock.now())


def test_changes_are_requested_with_a_comment(draft: Version) -> None:
    submit(draft)
    with pytest.raises(review.Incomplete):
        review.request_changes(version=draft, by=people.ravi(), at=clock.now(), comment=" ")
    review.request_changes(version=draft, by=people.ravi(), at=clock.now(), comment="Say from when.")
    draft.refresh_from_db()
    assert (draft.status, draft.reviews.get().comment) == ("draft", "Say from when.")
