"""A translation that comes after publication: one person hands it in, another reads and seals it."""

from collections.abc import Callable
from typing import Any

import pytest

from policies import authoring, clock, publishing, review
from policies.authoring import manifest
from policies.models import ANSWERS, AuditEvent, LedgerLeaf, TranslationProposal, User, Version, VersionText
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GERMAN = authoring.TextInput("de", " Datenschutz ", "## Was\n\nIhr Name.\n")


def hand_in(version: Version, text: authoring.TextInput = GERMAN, by: User | None = None) -> TranslationProposal:
    return publishing.propose_translation(version=version, text=text, by=by or people.edith(), at=clock.now())


def approve(proposal: TranslationProposal, by: User | None = None, seen: str = "") -> VersionText:
    seen = seen or publishing.fingerprint_of(proposal)
    return publishing.approve_translation(proposal=proposal, seen=seen, by=by or people.ravi(), at=clock.now())


def send_back(proposal: TranslationProposal, comment: str = "Say “Ihren”.") -> None:
    publishing.send_translation_back(proposal=proposal, comment=comment, by=people.ravi(), at=clock.now())


def take_back(proposal: TranslationProposal) -> None:
    publishing.take_translation_back(proposal=proposal, by=people.edith(), at=clock.now())


def test_what_is_handed_in_is_published_by_nothing_but_an_approval() -> None:
    version = factories.make_version()
    proposal = hand_in(version)
    assert [text.language for text in version.texts.all()] == ["en"]
    approve(proposal)
    added = version.texts.get(language="de")
    assert (added.title, added.renderings.count()) == ("Datenschutz", 1)
    assert not TranslationProposal.objects.exists()


def test_a_withdrawn_version_gets_no_translation_not_even_one_that_waited() -> None:
    version = factories.make_version(effective_at=factories.in_days(30))
    proposal = hand_in(version)
    publishing.withdraw(version=version, reason="A mistake.", by=people.ravi(), at=clock.now())
    for refused in (lambda: hand_in(version), lambda: approve(proposal)):
        with pytest.raises(publishing.NotPublished, match="was withdrawn"):
            refused()
    take_back(proposal)
    assert [text.language for text in version.texts.all()] == ["en"]


def test_nobody_approves_their_own_whatever_they_may() -> None:
    version = factories.make_version()
    root = User.objects.create_superuser("root@example.org", people.PASSWORD, name="Root")
    with pytest.raises(publishing.NotApproved, match="Somebody else has to approve it"):
        approve(hand_in(version, by=root), by=root)
    assert version.texts.count() == 1


def test_the_log_says_who_translated_and_who_approved() -> None:
    approve(hand_in(factories.make_version()))
    body = LedgerLeaf.objects.get(kind="translation").body
    assert f'"translated_by":{people.edith().pk}' in body
    assert f'"approved_by":{people.ravi().pk}' in body
    assert '"alone":false' in body


def test_in_solo_mode_one_person_does_both_and_the_log_says_so() -> None:
    version = factories.make_version()
    factories.change_terms(version.policy, solo=True)
    version.refresh_from_db()
    approve(hand_in(version), by=people.edith())
    assert '"alone":true' in LedgerLeaf.objects.get(kind="translation").body


def test_what_was_handed_in_again_is_read_again() -> None:
    version = factories.make_version()
    first = hand_in(version)
    seen = publishing.fingerprint_of(first)
    again = hand_in(version, authoring.TextInput("de", "Datenschutz", "Alles gehört uns.\n"))
    with pytest.raises(review.ChangedSince, match="Read it again"):
        approve(again, seen=seen)


def test_what_was_sent_back_is_not_published_until_it_is_handed_in_again() -> None:
    version = factories.make_version()
    proposal = hand_in(version)
    with pytest.raises(review.Incomplete, match="Say what should change"):
        send_back(proposal, " ")
    send_back(proposal)
    with pytest.raises(publishing.NotApproved, match="was sent back"):
        approve(proposal)
    again = hand_in(version)
    assert again.pk == proposal.pk
    approve(again)
    verbs = AuditEvent.objects.filter(verb__startswith="translation.").order_by("pk").values_list("verb", flat=True)
    assert [verb.removeprefix("translation.") for verb in verbs] == ["proposed", "sent_back", "proposed", "added"]


def test_nobody_writes_over_what_somebody_else_handed_in() -> None:
    version = factories.make_version()
    hand_in(version)
    with pytest.raises(publishing.AnotherHandedIn, match="Edith Moore handed in"):
        hand_in(version, by=people.ravi())


@pytest.mark.parametrize("verb", [approve, send_back, take_back])
def test_what_is_gone_is_told_so(verb: Callable[[TranslationProposal], Any]) -> None:
    version = factories.make_version()
    proposal = hand_in(version)
    take_back(proposal)
    proposal.pk = proposal.pk or 1
    with pytest.raises(publishing.NotApproved, match="approved or taken back meanwhile"):
        verb(proposal)
    assert version.texts.count() == 1


def test_a_language_that_is_there_stays_as_it_is() -> None:
    version = factories.make_version()
    approve(hand_in(version))
    with pytest.raises(publishing.NotApproved, match="published already"):
        hand_in(version)


def test_a_draft_has_its_languages_in_itself() -> None:
    with pytest.raises(publishing.NotPublished):
        hand_in(factories.make_draft())


def test_its_answers_come_with_it_and_the_log_binds_them() -> None:
    version = factories.make_version(**factories.MATERIAL)
    answers = dict.fromkeys(ANSWERS, " Darum. ")
    added = approve(hand_in(version, authoring.TextInput("de", "Datenschutz", "Text.", **answers)))
    assert Version.objects.get(pk=version.pk).summary_in("de").why == "Darum."
    leaf = LedgerLeaf.objects.get(kind="translation")
    assert f'"sealed_sha256":"{manifest.fingerprint(manifest.sealed(added))}"' in leaf.body
    assert '"summary":{"impact":"Darum.",' in manifest.sealed(added)


def test_one_that_answers_by_halves_is_refused() -> None:
    version = factories.make_version(**factories.MATERIAL)
    halves = {**dict.fromkeys(ANSWERS, "Darum."), "why": ""}
    with pytest.raises(review.Incomplete, match="do not match: why"):
        hand_in(version, authoring.TextInput("de", "Datenschutz", "Text.", **halves))
    assert not TranslationProposal.objects.exists()
