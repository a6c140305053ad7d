"""The mail as the publish page shows it before anybody pressed."""

import email
import email.policy
import re
from pathlib import Path
from typing import Any

import pytest

from policies import clock, ledger
from policies.models import ANSWERS, Notice, Version
from policies.notices.upkeep.sweep import sweep
from policies.notices.write import messages
from tests import factories
from tests.browser import OpenPage

pytestmark = pytest.mark.django_db


def test_a_draft_is_shown_under_the_number_it_would_get() -> None:
    version = factories.make_approved(factories.make_version().policy)
    shown = messages.preview(version, "en")
    assert "version 2" in shown.text
    assert "draft" not in shown.text
    assert version.number is None


def test_a_german_mail_marks_changes_in_german_and_says_what_is_in_english() -> None:
    policy = factories.make_version(translations={"de": "# Alt\n\n## Eins\n\nWir speichern ein Jahr.\n"}).policy
    new = "# Alt\n\n## Eins\n\nWir speichern zwei Jahre.\n\n## Zwei\n\nWir fragen vorher.\n"
    fields: dict[str, Any] = {**factories.MATERIAL, "translations": {"de": new}}
    version = factories.make_version(policy, **fields)
    shown = messages.preview(version, "de")
    for form in (shown.text, shown.html):
        assert "Neuer Abschnitt" in form
        assert "New section" not in form
        assert "gibt es auf Englisch" in form
    assert re.search(r'<p lang="en" dir="ltr"[^>]*>We keep your data for two years.</p>', shown.html)
    assert re.search(r'<div (?=[^>]*class="changes")(?=[^>]*lang="de")(?=[^>]*dir="ltr")', shown.html)
    assert "gibt es auf" not in messages.preview(version, "en").text


def test_a_german_mail_has_the_german_answers() -> None:
    fields: dict[str, Any] = {
        **factories.MATERIAL,
        "translations": {"de": "Kurz.\n"},
        "answers": {"de": factories.GERMAN},
    }
    version = factories.make_version(factories.make_version().policy, **fields)
    shown = messages.preview(version, "de")
    for form in (shown.text, shown.html):
        assert [form.count(answer) for answer in factories.GERMAN.values()] == [1, 1, 1, 1]
        assert not [name for name in ANSWERS if fields[name] in form]
        assert "gibt es auf" not in form
    assert re.search(r'<p lang="de" dir="ltr"[^>]*>Wir speichern Ihre Daten zwei Jahre.</p>', shown.html)
    assert fields["what_changed"] in messages.preview(version, "en").text


PRICES = """# Preise

## 1. Was es kostet

| Tarif | Preis im Monat | Speicher | Gleichzeitig geteilte Stücke |
| --- | ---: | ---: | ---: |
| Solo | 8 € | 60 GB | 25 |
| Donaudampfschifffahrtsgesellschaft | 49 € | 1000 GB | 500 |
"""


def test_a_mail_names_its_link_at_the_top_and_its_words_are_plain() -> None:
    version = factories.make_version(factories.make_version().policy, acceptance="explicit", **factories.MATERIAL)
    shown = messages.preview(version, "en")
    for form in (shown.text, shown.html):
        assert form.count("http://127.0.0.1:8000/review/") == 2
        assert form.index("/review/") < form.index("What changed")
    assert not re.search(r"\*[^*\n]+\*", shown.text)
    assert "root" not in shown.text + shown.html
    assert "Protokolls (" not in messages.preview(version, "de").text
    footer = shown.html[shown.html.index("<hr") :]
    assert len(re.findall(r'<a [^>]*style="[^"]*color', footer)) == footer.count("<a ")


def test_every_mail_of_a_notice_names_a_head_of_the_log() -> None:
    version = factories.make_version(factories.make_version().policy, tells_people=True, **factories.MATERIAL)
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    factories.make_person()
    for _ in range(2):
        sweep(at=clock.now(), worker="test")
    told = version.notices.get(stream="legal", kind="change").templates.get(language="en")
    assert "Our public log when this was written" in told.source
    for stream, kind in (("alert", "change"), ("legal", "reminder")):
        assert "Our public log when this was written" in mail_of(version, "en", stream=stream, kind=kind)


def test_what_is_too_long_ends_with_a_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LONGEST_CHANGES", 400)
    paragraphs = [f"Here we say at some length what is so about the matter {n}, and end it." for n in range(30)]
    policy = factories.make_version(body="# Terms\n\nShort.\n").policy
    version = factories.make_version(policy, body="# Terms\n\n" + "\n\n".join(paragraphs) + "\n", **factories.MATERIAL)
    shown = messages.preview(version, "en").text
    changes = shown.partition("and {+added+}")[2].partition("The change is longer")[0]
    assert "The change is longer" in shown
    assert changes.rstrip().endswith(("end it.+}", "[-Short.-]"))


def test_a_mail_with_a_table_fits_a_narrow_phone(open_page: OpenPage, tmp_path: Path) -> None:
    policy = factories.make_version(factories.make_policy(language="de"), body=PRICES).policy
    version = factories.make_version(policy, body=PRICES.replace("8 €", "9 €").replace("49 €", "59 €"))
    (tmp_path / "mail.html").write_text(messages.preview(version, "de").html)
    page = open_page(viewport={"width": 375, "height": 800})
    page.goto(f"file://{tmp_path / 'mail.html'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    cells = "[...document.querySelectorAll('td')].map(each => each.getBoundingClientRect().right)"
    assert 0 < page.evaluate(f"Math.max(...{cells})") <= 375


def mail_of(version: Version, language: str, **fields: str) -> str:
    """The text part of a notice's mail as it is kept for sending."""
    at = clock.now()
    notice = Notice.objects.create(version=version, rate_per_minute=60, created_at=at, **fields)
    messages.write_templates(notice, [language], at=at)
    mail = email.message_from_string(notice.templates.get().source, policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["reminder", "postponed", "correction"])
def test_every_mail_about_a_change_speaks_to_its_reader(kind: str, language: str) -> None:
    fields: dict[str, Any] = {
        **factories.MATERIAL,
        "translations": {"de": "Kurz.\n"},
        "answers": {"de": factories.GERMAN},
    }
    version = factories.make_version(factories.make_version().policy, **fields)
    remark = "The day was wrong." if kind == "correction" else ""
    for stream in ("legal", "alert"):
        text = mail_of(version, language, stream=stream, kind=kind, remark=remark)
        assert (factories.GERMAN["impact"] in text, fields["impact"] in text) == (language == "de", language == "en")
        # What was written for this one notice is in the policy's language, and the mail says so.
        assert ("gibt es auf Englisch" in text) == (kind == "correction" and language == "de")
