"""The desk in a real Chromium: nothing in the console, keyboard and screen reader alike, on phones, in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Dialog, Page

from policies import authoring, clock
from policies.admin.desk.page_links import policy_url, version_url
from policies.models import User, Version
from tests import people
from tests.admin import desk
from tests.browser import OpenPage

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
QUOTE = "We tell you by e-mail 30 days before a material change takes effect."


@pytest.fixture
def draft(web_server: str) -> Version:
    """Edith's draft over a published version whose promise was read."""
    draft = desk.material_draft()
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    tier = authoring.TierReading("material", QUOTE, channels=["email"], notice_days=30)
    authoring.record_promise(
        version=draft.policy.versions.get(number=1), tiers=[tier], by=people.edith(), at=clock.now()
    )
    return draft


def at_the_desk(page: Page, user: User, site: str) -> Page:
    client = people.signed_in(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    return page


@pytest.fixture
def edith(draft: Version, web_server: str, open_page: OpenPage) -> Page:
    return at_the_desk(open_page(base_url=web_server, viewport=WIDE), people.edith(), web_server)


def pages(draft: Version) -> list[str]:
    """What Edith sees, each kind of page once."""
    policy = draft.policy
    verbs = ("change", "submit", "publish", "discard", "revisions", "promise")
    return [
        "/admin/",
        "/admin/policies/policy/",
        "/admin/policies/policy/add/",
        "/admin/policies/auditevent/",
        *(policy_url(policy, verb) for verb in ("change", "new_version", "rename", "retire", "import")),
        *(version_url(draft, verb) for verb in verbs),
        version_url(draft, "promise") + "?found",
        version_url(policy.versions.get(number=1)),
    ]


def test_every_page_is_accessible_in_light_and_dark(draft: Version, web_server: str, open_page: OpenPage) -> None:
    for scheme in ("light", "dark"):
        page = at_the_desk(
            open_page(base_url=web_server, color_scheme=scheme, viewport=WIDE), people.edith(), web_server
        )
        found = {path: violations(page, path, only_contrast=scheme == "dark") for path in pages(draft)}
        assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_every_page_fits_a_phone(draft: Version, edith: Page) -> None:
    edith.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in pages(draft):
        edith.goto(path)
        assert edith.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_the_preview_follows_the_typing_and_tab_leaves_the_editor(draft: Version, edith: Page) -> None:
    edith.goto(version_url(draft))
    editor = edith.locator("[name=text-en-body]")
    editor.fill("## A heading typed just now\n\n<img src=x onerror=alert(1)>")
    edith.locator(".markdownx-preview h2", has_text="A heading typed just now").wait_for()
    assert edith.locator(".markdownx-preview img").count() == 0
    assert edith.locator("[data-dirty]").is_visible()
    editor.press("Tab")
    assert not editor.evaluate("part => part === document.activeElement")
    assert "\t" not in editor.input_value()


def test_unsaved_work_is_asked_about_and_saved_work_is_not(draft: Version, edith: Page) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    edith.on("dialog", answer)
    edith.goto(version_url(draft))
    edith.locator("[name=why]").fill("A better reason.")
    edith.get_by_role("button", name="Save draft").click()
    edith.get_by_text("Saved as revision 2.").wait_for()
    assert asked == []
    edith.locator("[name=why]").fill("One more.")
    edith.goto("/admin/")
    assert asked == ["beforeunload"]


def test_panels_are_tabs_for_the_keyboard(draft: Version, edith: Page) -> None:
    edith.goto(version_url(draft))
    edith.get_by_role("tab", name="Redline").focus()
    edith.keyboard.press("ArrowRight")
    edith.keyboard.press("ArrowRight")
    assert edith.get_by_role("tab", name="Proposal", selected=True).is_visible()
    assert edith.get_by_role("tabpanel", name="Proposal").is_visible()
    assert not edith.locator("#panel-redline").is_visible()


def test_a_warning_leads_to_its_line(draft: Version, edith: Page) -> None:
    body = "## One\n\nFirst.\n\nWe collect the following:\n\n## Two\n\nText.\n"
    text = authoring.TextInput("en", "Privacy Policy", body)
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=[text])
    edith.goto(version_url(draft))
    edith.get_by_role("tab", name="Warnings").click()
    edith.get_by_role("button", name="Show line 5").click()
    assert edith.evaluate("getSelection().toString()") == "We collect the following:"


def test_a_proposal_is_put_into_the_form_only_when_asked_and_is_not_saved(draft: Version, edith: Page) -> None:
    edith.goto(version_url(draft))
    edith.get_by_role("tab", name="Plan").click()
    edith.get_by_role("button", name="Put this day into the form").click()
    assert edith.locator("[name=effective_on]").input_value()
    edith.locator("[name=change_class][value=editorial]").check()
    edith.get_by_role("tab", name="Proposal").click()
    edith.get_by_role("button", name="Put this into the form").click()
    assert edith.locator("[name=change_class][value=material]").is_checked()
    assert edith.locator("[data-dirty]").is_visible()
    draft.refresh_from_db()
    assert draft.effective_at is None


def test_the_desk_works_without_javascript(draft: Version, web_server: str, open_page: OpenPage) -> None:
    people.ravi()
    page = at_the_desk(open_page(base_url=web_server, java_script_enabled=False), people.edith(), web_server)
    page.goto(version_url(draft))
    assert page.locator("#panel-redline").is_visible()
    assert page.locator("#panel-plan").is_visible()
    page.locator("[name=_next]").click()
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_text("Waiting for an approver").wait_for()


def violations(page: Page, path: str, *, only_contrast: bool) -> list[str]:
    """What axe finds; in the dark nothing but colors differs."""
    page.goto(path)
    # Preloading would have axe write styles into the page, which our policy refuses.
    options: dict[str, object] = {"preload": False, "rules": {"color-contrast-enhanced": {"enabled": True}}}
    if only_contrast:
        options = {
            "preload": False,
            "runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]},
        }
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


LOSSY = """# Terms

We keep your name for <del>30</del> <ins>60</ins> days. <!-- Ask counsel about this before it goes out. -->

We tell {{ contact.email }} of it. ~~We sell nothing.~~
"""


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str
)
def test_what_was_left_out_is_read_before_it_is_saved(
    draft: Version, web_server: str, open_page: OpenPage, viewport: dict[str, int], scheme: str
) -> None:
    page = at_the_desk(
        open_page(base_url=web_server, viewport=viewport, color_scheme=scheme), people.edith(), web_server
    )
    page.goto(policy_url(draft.policy, "import"))
    page.get_by_label("Or paste the text").fill(LOSSY)
    page.get_by_role("button", name="Import as a draft").click()
    page.get_by_text("“Ask counsel about this before it goes out”").wait_for()
    assert Axe().run(page, options={"preload": False}).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.get_by_role("button", name="Import as a draft").click()
    page.get_by_text("Imported as a draft").wait_for()
