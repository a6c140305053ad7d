"""Edith answers in two languages; Uma, who reads German, gets the German answers by mail and where she answers."""

from email.message import EmailMessage

import pytest

from policies import authoring, clock
from policies.models import Act, Person, Policy, Version
from tests import factories, people
from tests.browser import OpenPage
from tests.journeys.cast import Mailbox, Somebody, link_in, wait_for
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink

BEFORE = "# Bedingungen\n\n## Daten\n\nWir speichern Ihre Daten ein Jahr.\n"
AFTER = BEFORE.replace("ein Jahr", "zwei Jahre")


@pytest.fixture
def draft(deployment: Deployment) -> Version:
    """Edith's draft over terms in English and German; only its English answers are written."""
    policy = Policy.objects.create(slug="terms", title="Terms", contact="terms@example.org", acceptance="explicit")
    factories.make_version(policy, translations={"de": BEFORE}, acceptance="none")
    draft = authoring.start_draft(policy=policy, by=people.edith(), at=clock.now())
    texts = [
        authoring.TextInput("en", "Terms", factories.NEXT_BODY),
        authoring.TextInput("de", "Nutzungsbedingungen", AFTER),
    ]
    fields = {**factories.MATERIAL, "acceptance": "explicit"}
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=texts, fields=fields)
    return draft


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_german_person_is_told_in_german(
    draft: Version, deployment: Deployment, smtp_sink: Sink, open_page: OpenPage
) -> None:
    people.ravi()
    people.uma()
    Person.objects.filter(address="uma@example.org").update(language="de")
    neighbor = factories.make_person()
    deployment.start_web()
    deployment.start_worker(beat=True)
    mailbox = Mailbox(smtp_sink)
    edith, ravi, uma = (
        Somebody(f"{name}@example.org", open_page(), mailbox, deployment.url) for name in ("edith", "ravi", "uma")
    )
    for somebody in (edith, ravi, uma):
        somebody.sign_in()

    # Author: the desk asks for the answers in German; Ravi and the publish page show both.
    page = edith.go(f"/admin/policies/version/{draft.pk}/change/")
    for name, words in factories.GERMAN.items():
        page.locator(f"[name=text-de-{name}]").fill(words)
    page.locator("[name=_next]").click()
    edith.reads("The summary for readers of German", *factories.GERMAN.values())
    edith.press_first()
    ravi.go(f"/admin/policies/version/{draft.pk}/review/")
    ravi.reads(factories.GERMAN["impact"], factories.MATERIAL["impact"])
    ravi.page.locator("[name=approve]").click()
    ravi.reads("Approved")
    edith.go(f"/admin/policies/version/{draft.pk}/publish/")
    edith.reads("Read this page aloud", factories.GERMAN["impact"])
    edith.press_first()
    edith.reads("Published")

    # Notify: each in their language.
    told = mailbox.wait(uma.address, subject="Nutzungsbedingungen")
    mail, other = text_of(told), text_of(mailbox.wait(neighbor.address, subject="Terms"))
    for name, words in factories.GERMAN.items():
        assert (words in mail, words in other) == (True, False)
        assert (factories.MATERIAL[name] in mail, factories.MATERIAL[name] in other) == (False, True)
    assert "zwei Jahre" in mail
    assert "gibt es auf Englisch" not in mail

    # Accept: the link in the mail leads to the same words, and the act says in which language they were read.
    uma.page.set_extra_http_headers({"Accept-Language": "de"})
    uma.page.goto(link_in(told, "/review/"))
    uma.reads("Nutzungsbedingungen, Fassung 2", *factories.GERMAN.values())
    assert factories.MATERIAL["impact"] not in uma.page.inner_text("main")
    uma.page.get_by_role("checkbox").check()
    uma.page.locator("button[value=accept]").click()
    act = wait_for(lambda: Act.objects.filter(kind="agreed").first(), what="Uma's answer")
    german = Version.objects.get(number=2).texts.get(language="de")
    assert (act.language, act.text_sha256, act.told.impact) == ("de", german.sha256, factories.GERMAN["impact"])
