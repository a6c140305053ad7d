"""Look and words at the desk: prepared by one, looked at, put into use, and taken up again; nobody else comes near."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from policies import clock
from policies.look import in_use
from policies.models import Appearance, AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

ADD = "/admin/policies/appearance/add/"
FORM = {
    "organization": "Nordwind",
    "accent": "#7A1F5C",
    "links_en": "Imprint https://example.org/imprint\nAbout us https://example.org/about",
    "imprint_de": "Nordwind GmbH\nHamburg",
    "notice_de": "Wir schreiben Ihnen selten.",
}


def address(look: Appearance, verb: str) -> str:
    return f"/admin/policies/appearance/{look.pk}/{verb}/"


def prepare(client: Client, **changes: Any) -> Any:
    return client.post(ADD, {**FORM, **changes}, follow=True)


def test_an_editor_prepares_a_look_sees_it_and_puts_it_into_use(edith: Client) -> None:
    logo = SimpleUploadedFile("logo.png", factories.LOGO + b"<script>")
    said = prepare(edith, picture=logo).content.decode()
    assert "Prepared. See how it looks" in said
    look = Appearance.objects.get()
    assert "Nordwind" not in Client().get("/").content.decode()
    page = edith.get(address(look, "page/de")).content.decode()
    assert "Nordwind GmbH<br>Hamburg" in page
    assert "Wir schreiben Ihnen selten." in page
    assert address(look, "sheet") in page
    assert "--accent: #7a1f5c" in edith.get(address(look, "sheet")).content.decode()
    assert b"<script>" not in edith.get(address(look, "logo")).content
    assert "Imprint https://example.org/imprint" in edith.get(address(look, "use")).content.decode()
    assert edith.post(address(look, "use"), {"seen": 0}).status_code == 302
    in_use.forget()
    public = Client().get("/").content.decode()
    assert "Nordwind</title>" in public
    assert "https://example.org/imprint" in public
    assert AuditEvent.objects.filter(verb="look.changed").count() == 1


def test_a_mail_with_the_look_is_shown_before_it_is_in_use(edith: Client) -> None:
    look = factories.make_look(accent="#7a1f5c", words={"en": {"mail_footer": "Nordwind GmbH"}})
    assert "once there is a version" in edith.get(address(look, "change")).content.decode()
    factories.make_version()
    assert "takes effect on" in edith.get(address(look, "change")).content.decode()
    assert "#7a1f5c" in edith.get(address(look, "mail/en")).content.decode()


def test_who_may_not_change_policies_finds_nothing_of_it(ravi: Client) -> None:
    look = factories.make_look(organization="Nordwind", logo=factories.LOGO)
    pages = [
        ADD,
        *(address(look, verb) for verb in ("change", "edit", "use", "again", "discard", "page/en", "mail/en", "sheet")),
    ]
    assert {page: ravi.get(page).status_code for page in pages} == dict.fromkeys(pages, 403)
    assert ravi.post(address(look, "use"), {"seen": 0}).status_code == 403
    assert Appearance.objects.get().at is None


def test_a_color_that_cannot_be_read_is_refused_at_its_field_and_nothing_typed_is_lost(edith: Client) -> None:
    answer = prepare(edith, accent="#ffcc00")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "has a contrast of 1." in page
    assert "The nearest color that has it is #" in page
    assert "Nordwind GmbH" in page
    assert not Appearance.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("links_en", "Imprint http://example.org", "is no link"),
        ("picture", SimpleUploadedFile("logo.svg", b"<svg><script/></svg>"), "no PNG, JPEG or WebP"),
        ("imprint_de", "x" * 2001, "longer than 2000"),
    ],
)
def test_what_is_wrong_is_said_in_words(edith: Client, field: str, value: Any, words: str) -> None:
    assert words in prepare(edith, **{field: value}).content.decode()
    assert not Appearance.objects.exists()


def test_editing_keeps_the_logo_until_it_is_taken_away(edith: Client) -> None:
    look = factories.make_look(logo=factories.LOGO)
    edith.post(address(look, "edit"), FORM)
    look.refresh_from_db()
    assert (bytes(look.logo), look.organization) == (factories.LOGO, "Nordwind")
    edith.post(address(look, "edit"), {**FORM, "no_logo": "on"})
    look.refresh_from_db()
    assert (bytes(look.logo), look.logo_sha256) == (b"", "")


def test_one_goes_back_by_preparing_what_was_in_use(edith: Client) -> None:
    old = factories.make_look(used_at=factories.days_ago(2), organization="Nordwind", logo=factories.LOGO)
    now = factories.make_look(used_at=factories.days_ago(1), organization="Südwind")
    assert "was in use" in edith.get("/admin/policies/appearance/").content.decode()
    edith.post(address(old, "again"))
    prepared = Appearance.objects.get(at=None)
    edith.post(address(prepared, "use"), {"seen": now.pk})
    in_use.forget()
    assert in_use.organization() == "Nordwind"
    assert in_use.look().logo_url


def test_what_is_in_use_is_neither_edited_nor_thrown_away(edith: Client) -> None:
    look = factories.make_look(used_at=clock.now(), organization="Nordwind")
    assert edith.post(address(look, "edit"), {**FORM, "organization": "Other"}).status_code == 409
    assert edith.post(address(look, "discard")).status_code == 409
    look.refresh_from_db()
    assert look.organization == "Nordwind"
