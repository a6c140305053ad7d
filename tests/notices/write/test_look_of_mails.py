"""Mails have the look of the day they were written, and keep it."""

import email
import re
from email import policy
from typing import Any

import pytest

from policies import clock
from policies.look import in_use
from policies.models import MailTemplate
from policies.notices.write import messages
from tests import factories
from tests.notices import telling

pytestmark = pytest.mark.django_db

WORDS = {
    "en": {"notice": "We write to you <rarely>.", "mail_footer": "Nordwind GmbH\nHamburg"},
    "de": {"notice": "Wir schreiben selten."},
}


def use_look(**fields: Any) -> None:
    factories.make_look(used_at=clock.now(), organization="Nordwind", **fields)


def test_a_notice_has_the_name_the_words_the_footer_and_the_color() -> None:
    use_look(words=WORDS, accent="#7a1f5c", accent_dark="#f0b8dc")
    written = messages.preview(telling.told_version(), "en")
    assert "of Nordwind, version" in written.text
    assert "We write to you <rarely>.\n" in written.text
    assert written.text.endswith("Nordwind GmbH\nHamburg\n")
    assert "We write to you &lt;rarely&gt;." in written.html
    assert "Nordwind GmbH<br>Hamburg" in written.html
    assert "background: #7a1f5c" in written.html
    assert "background: #f0b8dc !important; color: #000000 !important" in written.html


def test_words_are_in_the_language_of_the_mail_and_else_say_theirs() -> None:
    use_look(words=WORDS)
    german = messages.preview(telling.told_version(translations={"de": factories.BODY}), "de")
    assert "Wir schreiben selten." in german.text
    assert re.search('<div lang="en" dir="ltr"><p[^>]*>Nordwind GmbH', german.html)


def test_what_is_prepared_is_in_its_own_preview_alone() -> None:
    prepared = in_use.look_of(factories.make_look(organization="Nordwind", words=WORDS))
    version = telling.told_version()
    assert "Hamburg" in messages.preview(version, "en", look=prepared).text
    assert "Hamburg" not in messages.preview(version, "en").text


def test_a_mail_that_was_written_keeps_its_look_and_a_new_one_has_the_new() -> None:
    notice = telling.open_notice(telling.told_version())
    messages.write_templates(notice, ["en"], at=clock.now())
    before = MailTemplate.objects.get(notice=notice, language="en").source
    use_look(words=WORDS)
    messages.write_templates(notice, ["en", "de"], at=clock.now())
    assert MailTemplate.objects.get(notice=notice, language="en").source == before
    after = email.message_from_string(
        MailTemplate.objects.get(notice=notice, language="de").source, policy=policy.default
    )
    assert str(after["From"]).startswith("Nordwind <")
