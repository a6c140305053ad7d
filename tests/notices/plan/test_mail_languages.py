"""In which languages a notice would be written: what people read, not only what the version is written in."""

import pytest
from django.core import mail
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import version_url
from policies.models import AuditEvent
from policies.notices.plan import mail_languages
from tests import factories, people
from tests.admin import desk
from tests.notices import telling

pytestmark = pytest.mark.django_db


def test_a_german_frame_around_an_english_text_is_a_mail_of_its_own() -> None:
    draft = desk.material_draft()
    telling.people(3)
    telling.people(2, language="de")
    telling.people(1, language="de-AT")
    found = mail_languages.of(draft, at=clock.now())
    assert [(each.frame, each.text, each.people, each.is_mixed) for each in found] == [
        ("en", "en", 3, False),
        ("de", "en", 3, True),
    ]
    factories.make_text(draft, language="de")
    found = mail_languages.of(draft, at=clock.now())
    assert [(each.frame, each.text, each.people) for each in found] == [("en", "en", 3), ("de", "de", 3)]


def test_they_are_the_mails_that_the_notice_writes() -> None:
    telling.people(2)
    telling.people(1, language="de")
    version = telling.told_version()
    expected = {each.tag for each in mail_languages.of(version, at=clock.now())}
    notice = telling.open_notice(version)
    assert set(notice.templates.values_list("language", flat=True)) == expected


def test_the_publish_page_shows_each_of_them_with_its_number() -> None:
    draft = factories.make_approved(factories.make_version().policy)
    telling.people(2)
    telling.people(1, language="de")
    client = people.signed_in(people.edith())
    page = client.get(version_url(draft, "publish")).content.decode()
    assert "English: 2 people" in page
    assert "German frame around the text in English: 1 person" in page
    assert "Geändert" in page or "ändern" in page


@pytest.fixture
def client() -> Client:
    return people.signed_in(people.edith())


def test_it_goes_to_whoever_asks_and_to_nobody_else(client: Client) -> None:
    draft = desk.material_draft()
    telling.people(2)
    telling.people(1, language="de")
    sent = client.post(version_url(draft, "test_mail"), follow=True).content.decode()
    assert "The mail server took 2 test mails." in sent
    assert [message.to for message in mail.outbox] == [["edith@example.org"]] * 2
    assert [message.subject.split(":")[0] for message in mail.outbox] == ["Test", "Test"]
    assert AuditEvent.objects.get(verb="mail.tested").version == draft


def test_draft_and_publish_page_give_the_same_number(client: Client) -> None:
    """How many are told by mail stands where each address was looked at, and nowhere else."""
    draft = factories.make_approved(factories.make_version().policy)
    telling.people(3)
    telling.people(1, address="")
    for verb in ("change", "publish", "rehearsal"):
        assert "4 people" in client.get(version_url(draft, verb)).content.decode()
    assert "by mail, 1 on the site only" not in client.get(version_url(draft)).content.decode()
