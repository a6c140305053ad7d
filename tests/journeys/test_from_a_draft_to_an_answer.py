"""All six stages in real browsers, as Edith, Ravi, Uma, Vera and Oscar, over a web server and a worker of their own."""

import pytest
from playwright.sync_api import Page

from policies.models import Act, Delivery, Person, Version
from tests import factories, people
from tests.browser import OpenPage
from tests.journeys.cast import Mailbox, Somebody, link_in, wait_for
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink

FIRST = """\
## What we keep

We keep your mixes for **one year** after you leave.

| What | How long |
| --- | --- |
| Invoices | ten years |
| Messages | one year |

## Changes to these terms

We tell you of material changes by e-mail before they take effect.
"""
SECOND = FIRST.replace("**one year**", "**two years**").replace("Messages | one year", "Messages | six months")
NEIGHBORS = 12


@pytest.fixture
def cast(deployment: Deployment, smtp_sink: Sink, open_page: OpenPage) -> dict[str, Somebody]:
    """The cast, in the database and each before a browser of their own; web server and worker run."""
    for make in (people.edith, people.ravi, people.uma, people.oscar):
        make()
    for _ in range(NEIGHBORS):
        factories.make_person()
    deployment.start_web()
    deployment.start_worker(beat=True)
    mailbox = Mailbox(smtp_sink)
    names = ("edith", "ravi", "uma", "vera", "oscar")
    return {name: Somebody(f"{name}@example.org", open_page(), mailbox, deployment.url) for name in names}


ANSWERS = {
    "written_reason": "Mixes are kept longer.",
    "what_changed": "Mixes stay two years, messages six months.",
    "why": "People came back and asked for them.",
    "impact": "Your mixes stay with us a year longer.",
    "what_you_can_do": "Delete them yourself, or close your account.",
}


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a list or among radio buttons."""
    options = page.locator(f"select[name={name}]")
    if options.count():
        options.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def make_policy(edith: Somebody) -> None:
    """A policy whose material changes ask each person, at the desk."""
    page = edith.go("/admin/policies/policy/add/")
    page.get_by_label("Title:").fill("Terms of Use")
    page.get_by_label("Contact:").fill("terms@example.org")
    choose(page, "acceptance", "explicit")
    page.locator("[name=_save]").click()
    edith.reads("No version yet")


def write_version(edith: Somebody, body: str) -> None:
    """A new version of the policy that is open: written, previewed, saved and submitted."""
    page = edith.page
    edith.follow("New version")
    edith.press_first()
    page.locator("[name=text-en-title]").fill("Terms of Use")
    page.locator("[name=text-en-body]").fill(body)
    page.locator(".markdownx-preview table").wait_for()  # the live preview came back
    choose(page, "change_class", "material")
    if page.locator("[name=reasons]").count():  # a first version changes nothing
        page.locator("[name=reasons][value=retention]").check()
        for name, answer in ANSWERS.items():
            page.locator(f"[name={name}]").fill(answer)
    choose(page, "acceptance", "explicit")
    page.locator("[name=_next]").click()
    edith.reads("What the reviewer will see")
    edith.press_first()


def approve(ravi: Somebody, mails: int) -> None:
    """Ravi is told by mail, follows its link, sees the redline and approves."""
    told = wait_for(
        lambda: ravi.mailbox.to(ravi.address, subject="Terms of Use")[mails:], what="a mail to the reviewer"
    )
    ravi.page.goto(link_in(told[-1], "/admin/"))
    if ravi.page.locator("[name=approve]").count() == 0:
        ravi.page.get_by_role("link", name="Review").first.click()
    ravi.page.locator("[name=approve]").click()


def publish(edith: Somebody, *said: str) -> None:
    """Edith reads the page that says what will happen, and presses."""
    edith.page.reload()
    edith.page.locator("a.desk-button--first").click()
    edith.reads("Read this page aloud", *said)
    edith.press_first()
    edith.reads("Published")


def numbers(person: Person) -> list[int]:
    """The versions this person agreed to, oldest first."""
    acts = Act.objects.of(person).filter(kind="agreed").order_by("id")
    return [act.version.number for act in acts if act.version.number]


def test_from_a_draft_to_an_answer(cast: dict[str, Somebody], deployment: Deployment) -> None:
    edith, ravi, uma, vera, oscar = cast.values()
    for somebody in (edith, ravi, uma, oscar):
        somebody.sign_in()

    # Author, review, publish: the first version, and what it promises.
    make_policy(edith)
    desk = edith.page.url
    write_version(edith, FIRST)
    approve(ravi, mails=0)
    publish(edith)
    version = Version.objects.get(number=1)
    everybody = NEIGHBORS + 1

    # Notify: everybody once. Accept: Uma reads and answers; before that the product is closed to her.
    wait_for(lambda: reached(version) == everybody, what="the first notice reaches everybody")
    uma.go("/demo/product/")
    uma.reads("Terms of Use, version 1")
    answer(uma, "Terms of Use")
    assert numbers(Person.objects.get(user__email=uma.address)) == [1]
    uma.go("/demo/product/")
    uma.reads("Name of your mix")

    # The second version: its redline is what Ravi sees, what the mail says and what Uma answers.
    edith.page.goto(desk)
    write_version(edith, SECOND)
    approve(ravi, mails=1)
    publish(edith, "two")
    version = Version.objects.get(number=2)
    wait_for(lambda: reached(version) == everybody, what="the second notice reaches everybody")
    mail = uma.mailbox.wait(uma.address, subject="Updated Terms of Use")
    assert "two years" in str(mail.get_body(("plain",)))
    for person in Person.objects.all():
        assert len(vera.mailbox.to(person.address, subject="Updated Terms of Use")) == 2, person.address

    # Read: Vera needs no account, and gets no cookie.
    vera.go("/p/terms-of-use/")
    vera.reads("Terms of Use", "Last updated", "two years")
    vera.go("/p/terms-of-use/compare/1...2/")
    assert vera.page.locator("ins", has_text="two").count()
    assert vera.page.locator("del", has_text="one").count()
    vera.go("/p/terms-of-use/v/1/")
    vera.reads("one year", "Superseded")
    assert vera.page.context.cookies() == []

    # Oscar is bound by nothing and may see nothing of anybody.
    refused = oscar.page.goto(f"{oscar.site}/admin/policies/version/{version.pk}/publish/")
    assert refused is not None
    assert refused.status in {403, 404}
    mine = Act.objects.of(Person.objects.get(user__email=uma.address)).get()
    oscar.go(f"/account/receipts/{mine.subject_ref}/")
    assert "recorded" not in oscar.page.inner_text("main")
    assert uma.address not in oscar.page.content()

    # Uma again: the redline since the version she accepted, and the evidence in her account.
    uma.go("/demo/product/")
    uma.reads("Terms of Use, version 2", "What changed for you since version 1")
    answer(uma, "Terms of Use")
    uma.go("/account/")
    uma.reads("You accepted version 2")
    assert numbers(Person.objects.get(user__email=uma.address)) == [1, 2]

    answer_by_mail(vera)
    assert "FAIL" not in deployment.manage("check", "--database", "default")


def answer_by_mail(browser: Somebody) -> None:
    """Whoever is on record and no user follows the link in their mail, signs in by a code, and answers."""
    neighbor = Person.objects.filter(user=None).order_by("pk").last()
    assert neighbor
    somebody = Somebody(neighbor.address, browser.page, browser.mailbox, browser.site)
    told = somebody.mailbox.wait(neighbor.address, subject="Updated Terms of Use")
    somebody.page.goto(link_in(told, "/review/"))
    somebody.type_code()
    answer(somebody, "Terms of Use")
    assert numbers(neighbor) == [2]


def answer(uma: Somebody, document: str) -> None:
    """Tick the box and press the button that names the document and its version."""
    uma.page.get_by_role("checkbox").check()
    uma.page.get_by_role("button", name=f"Accept {document}").click()
    uma.reads("You accepted", "What was recorded")


def reached(version: Version) -> int:
    """How many people the mail server took this version's notice for."""
    return Delivery.objects.filter(notice__version=version, notice__stream="legal", state="accepted").count()
