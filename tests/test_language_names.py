"""Languages are any tags, for people and texts: what is not there falls back, and nobody is refused for theirs."""

import quopri
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from policies import clock, language_names
from policies.models import Person, Policy
from policies.notices.write import messages
from policies.text.words import language_tags
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.api.test_api import Program
from tests.factories import days_ago, make_person, make_policy, make_version
from tests.notices.telling import open_notice, send_all
from tests.smtp_sink import Sink

PORTUGUESE = "# Termos\n\nGuardamos os seus dados por um ano.\n"
GERMAN = "# Bedingungen\n\nWir speichern Ihre Daten ein Jahr.\n"

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_whom_we_speak_to_in_what() -> None:
    assert [language_names.spoken(tag) for tag in ("de-AT", "fr", "pt-BR", "")] == ["de", "fr", "en", "en"]
    assert language_names.spoken("pt-BR", "de-CH") == "de"


@pytest.mark.parametrize(
    ("tag", "name", "own_name"),
    [
        ("de", "German", "Deutsch"),
        ("de-AT", "Austrian German", "Österreichisches Deutsch"),
        ("pt-BR", "Brazilian Portuguese", "Português (Brasil)"),
        ("pt-AO", "Portuguese (Angola)", "Português (Angola)"),
        ("zh-Hant", "Traditional Chinese", "繁體中文"),
        ("sr-Latn-RS", "Serbian (Latin, Serbia)", "Srpski (latinica, Srbija)"),
        ("ar", "Arabic", "العربية"),
        ("de-CH-1901", "Swiss High German (1901)", "Schweizer Hochdeutsch (1901)"),
        ("de-x-plain", "German (x-plain)", "Deutsch (x-plain)"),
        ("tlh", "Klingon", "Klingon"),
        ("qzz-KX", "qzz-KX", "qzz-KX"),
    ],
)
def test_languages_have_names_whether_or_not_we_speak_them(tag: str, name: str, own_name: str) -> None:
    with translation.override("en"):
        assert (language_names.name_of(tag), language_names.own_name_of(tag)) == (name, own_name)


def test_languages_are_named_in_that_of_the_moment() -> None:
    named = {}
    for moment in ("de", "fr", "es"):
        with translation.override(moment):
            named[moment] = [language_names.name_of("de-AT"), language_names.own_name_of("tlh")]
    assert named == {
        "de": ["Österreichisches Deutsch", "Klingonisch"],
        "fr": ["allemand autrichien", "Klingon"],
        "es": ["alemán austríaco", "Klingon"],
    }


@pytest.mark.parametrize(
    ("direction", "tags"),
    [
        ("rtl", ("ar", "ar-EG", "he", "fa", "ur-PK", "yi", "dv", "ckb", "pa-PK", "az-Arab", "ks", "nqo", "syr")),
        ("ltr", ("en", "de-AT", "zh-Hant", "pa", "az", "ms", "tlh", "uz-Latn-AF", "ar-Latn", "qzz", "")),
    ],
)
def test_a_language_runs_as_its_script_does(direction: str, tags: tuple[str, ...]) -> None:
    assert {tag: language_names.direction_of(tag) for tag in tags} == dict.fromkeys(tags, direction)


def test_the_desk_offers_every_language_that_has_a_name() -> None:
    known = dict(language_names.known())
    assert len(known) > 500
    assert {tag: known[tag] for tag in ("ar", "pt-BR", "zh-Hans")} == {
        "ar": "Arabic", "pt-BR": "Brazilian Portuguese", "zh-Hans": "Simplified Chinese",
    }  # fmt: skip
    assert [tag for tag in known if language_tags.canonical(tag) != tag] == []


@pytest.mark.parametrize(("told", "kept"), [("pt", "pt"), ("PT-br", "pt-BR"), ("tlh", "tlh"), ("zh-hans", "zh-Hans")])
def test_a_person_reads_any_language(told: str, kept: str) -> None:
    answer = Program("people:read", "people:write").call("put", "/people/p", {"language": told})
    assert (answer.status_code, answer.json()["language"]) == (200, kept)
    assert Person.objects.get(external_id="p").language == kept


def test_what_is_no_language_is_named() -> None:
    with pytest.raises(ValidationError, match="“de_AT” is no tag of a language"):
        Person(language="de_AT", joined_at=clock.now()).full_clean()
    refused = Program("people:write").call("put", "/people/p", {"language": "de_AT"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["message"].startswith("“de_AT” is no tag of a language")
    refused = Client().get("/api/v1/policies/terms/redline?before=1&after=1&language=de_AT")
    assert (refused.status_code, "de_AT" in refused.content.decode()) == (422, True)


@pytest.fixture
def pages() -> str:
    """The address of a policy in English with a text in Brazilian Portuguese and one in German."""
    policy = make_policy(slug="terms")
    make_version(policy, translations={"pt-BR": PORTUGUESE, "de": GERMAN})
    return "/p/terms/"


@pytest.mark.parametrize("tag", ["pt-BR", "PT-br"])
def test_a_text_in_a_language_that_we_do_not_speak_has_its_page(pages: str, tag: str) -> None:
    page = Client().get(f"{pages}{tag}/")
    assert page.headers["Content-Language"] == "pt-BR"
    words = page.content.decode()
    assert 'lang="pt-BR"' in words
    assert "Guardamos os seus dados" in words
    assert '<html lang="en"' in words
    assert Client().get(f"{pages}{tag}/v/1.txt").content.decode().endswith("um ano.")


@pytest.mark.parametrize("tag", ["pt", "tlh", "de-AT", "xx-", "d"])
def test_pages_in_languages_that_are_not_there_are_not_found(pages: str, tag: str) -> None:
    assert Client().get(f"{pages}{tag}/").status_code == 404
    assert Client().get(f"{pages}{tag}/follow/").status_code == 404


def test_a_reader_gets_the_nearest_text_where_they_answer(client: Client) -> None:
    version = asking_version(
        asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9),
        translations={"pt": PORTUGUESE, "de": GERMAN},
    )  # fmt: skip
    client.force_login(people.uma())
    page = f"/review/{version.policy.slug}/"
    assert "Wir speichern" in client.get(page, headers={"Accept-Language": "de-AT, en;q=0.5"}).content.decode()
    assert "Guardamos" in client.get(page, headers={"Accept-Language": "xx, pt-PT;q=0.5, en;q=0.1"}).content.decode()
    Person.objects.filter(pk=uma().pk).update(language="pt-PT")
    assert "Guardamos" in client.get(page).content.decode()


@pytest.mark.django_db(transaction=False)
def test_mails_fall_back(smtp_sink: Sink) -> None:
    policy = make_policy(language="de", title="Bedingungen")
    before = make_version(policy, body=GERMAN, translations={"pt": PORTUGUESE}, published_at=days_ago(90))
    version = make_version(
        policy,
        body=GERMAN.replace("ein Jahr", "zwei Jahre"),
        translations={"pt": PORTUGUESE.replace("um ano", "dois anos")},
        effective_at=factories.in_days(40),
        based_on=before,
        tells_people=True,
        published_at=days_ago(0.01),
        **factories.MATERIAL,
    )
    for tag in ("de-AT", "pt-BR", "fr-CH", "tlh"):
        make_person(language=tag)
    notice = open_notice(version)
    send_all(notice, smtp_sink)
    mails = {template.language: messages._written(notice, template.language) for template in notice.templates.all()}
    assert set(mails) == {"de-AT", "pt-BR", "fr-CH", "tlh"}
    assert "Wir ändern" in mails["de-AT"].text
    assert "Wir ändern" in mails["pt-BR"].text  # in the policy's own language, about the text in theirs
    assert "dois anos" in mails["pt-BR"].text
    assert 'lang="fr"' in mails["fr-CH"].html
    assert "zwei Jahre" in mails["tlh"].text
    assert len(smtp_sink.messages) == 4


def test_a_later_change_of_language_gets_the_mail_that_is_there(smtp_sink: Sink) -> None:
    make_person(language="de")
    notice = open_notice()
    Person.objects.update(language="de-AT")
    send_all(notice, smtp_sink)
    assert b"Wir \xc3\xa4ndern" in quopri.decodestring(smtp_sink.messages[0].data)


def test_a_policy_is_written_in_any_language_at_the_desk() -> None:
    client = people.signed_in(people.edith())
    fields: dict[str, Any] = {
        "title": "Termos", "slug": "termos", "contact": "a@example.org", "language": "PT-br", "time_zone": "UTC",
        "kind": "terms", "date_precision": "day", "acceptance": "none", "grace_period_days": 0, "renewal_months": 0,
        "deletion_days": 30, "review_interval_months": 12, "has_accounts": "on", "audiences": "at, de",
        "tiers-TOTAL_FORMS": 0, "tiers-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert client.post("/admin/policies/policy/add/", {**fields, "language": "pt_BR"}).status_code == 200
    assert client.post("/admin/policies/policy/add/", fields).status_code == 302
    found = Policy.objects.get(slug="termos")
    assert (found.language, found.audiences) == ("pt-BR", ("at", "de"))


def test_whoever_says_a_language_says_its_direction() -> None:
    said = re.compile(r'(?<=\s)lang="\{\{')
    templates = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    assert [path.name for path in templates if said.search(path.read_text())] == []
