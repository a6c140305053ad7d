"""A late translation at the desk: handed in on one page, read beside the authors' text and approved on another."""

import pytest
from django.core import mail
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import translation_url, version_url
from policies.models import ANSWERS, TranslationProposal, Version
from policies.notices.upkeep import desk_mail
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db

BODY = "## What we keep\n\nYour name, for 30 days.\n\n- your address\n- your age\n"
GERMAN = {"language": "de", "title": "Datenschutz", "body": "## Was wir behalten\n\nIhren Namen, 14 Tage.\n"}


@pytest.fixture
def version() -> Version:
    return factories.make_version(body=BODY)


@pytest.fixture
def handed_in(edith: Client, version: Version) -> TranslationProposal:
    assert desk.press(edith, version, "translate", **GERMAN).status_code == 302
    return TranslationProposal.objects.get()


def answer(client: Client, proposal: TranslationProposal, **given: str) -> str:
    page = client.get(translation_url(proposal))
    form = {"seen": page.context["form"].initial["seen"], **given}
    return client.post(translation_url(proposal), form, follow=True).content.decode()


def test_the_reviewer_finds_it_reads_it_beside_the_text_and_publishes_it(
    handed_in: TranslationProposal, ravi: Client
) -> None:
    assert translation_url(handed_in) in ravi.get("/admin/").content.decode()
    page = ravi.get(translation_url(handed_in)).content.decode()
    assert "Your name, for 30 days." in page
    assert "Ihren Namen, 14 Tage." in page
    assert "published and sealed" in answer(ravi, handed_in, approve="")
    assert handed_in.version.texts.get(language="de").title == "Datenschutz"


def test_the_reviewer_is_shown_where_the_two_differ(handed_in: TranslationProposal, ravi: Client) -> None:
    page = ravi.get(translation_url(handed_in)).content.decode()
    assert "List entries: 2 in the authors’ text, 0 in the translation." in page
    assert "Figures of the authors’ text that the translation lacks: 30." in page
    assert "Figures of the translation that the authors’ text lacks: 14." in page


def test_it_goes_back_with_a_comment_and_is_handed_in_again(
    handed_in: TranslationProposal, edith: Client, ravi: Client
) -> None:
    assert "Say what should change" in answer(ravi, handed_in, request_changes="")
    assert "Sent back" in answer(ravi, handed_in, request_changes="", comment="30 days, not 14.")
    again = f"{version_url(handed_in.version, 'translate')}?language=de"
    assert again in edith.get("/admin/").content.decode()
    page = edith.get(again)
    assert "30 days, not 14." in page.content.decode()
    assert page.context["form"].initial["body"] == GERMAN["body"]


def test_who_handed_it_in_has_no_button_and_is_refused(version: Version, ravi: Client) -> None:
    people.ravi().groups.add(*people.edith().groups.all())
    desk.press(ravi, version, "translate", **GERMAN)
    proposal = TranslationProposal.objects.get()
    assert 'name="approve"' not in ravi.get(translation_url(proposal)).content.decode()
    assert "Somebody else has to approve it" in answer(ravi, proposal, approve="")
    assert version.texts.count() == 1


def test_it_is_taken_back(handed_in: TranslationProposal, edith: Client) -> None:
    edith.post(translation_url(handed_in, "take_translation_back"))
    assert not TranslationProposal.objects.exists()
    assert edith.get(translation_url(handed_in, "take_translation_back")).status_code == 404


def test_a_summary_translated_by_halves_is_refused_at_the_form(edith: Client) -> None:
    version = factories.make_version(**factories.MATERIAL)
    halves = {**dict.fromkeys(ANSWERS, "Darum."), "impact": ""}
    refused = desk.press(edith, version, "translate", **GERMAN, **halves)
    assert "do not match: what it means for you. Write both, or remove both." in refused.content.decode()


def test_the_desk_is_mailed_when_it_is_handed_in_and_when_it_goes_back(
    handed_in: TranslationProposal, ravi: Client
) -> None:
    people.ravi()
    desk_mail.tell(at=clock.now())
    answer(ravi, handed_in, request_changes="", comment="30 days, not 14.")
    desk_mail.tell(at=clock.now())
    assert [(each.to, each.subject.split(":")[0]) for each in mail.outbox] == [
        (["ravi@example.org"], "To review"),
        (["edith@example.org"], "Ravi Nair asks for changes"),
    ]
    assert "30 days, not 14." in str(mail.outbox[1].body)
