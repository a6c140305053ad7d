"""A look is prepared, put into use and kept; the one in use is what every page and mail asks for."""

from email.utils import parseaddr

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction

from policies import clock
from policies.ledger import rows
from policies.look import choosing, in_use
from policies.models import Appearance, AuditEvent, BoundRows
from policies.notices.upkeep import trial_mails
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WORDS = {"de": {"imprint": "Nordwind Audio GmbH\nHamburg"}, "fr": {"notice": "Bonjour."}}


def prepare(**values: object) -> Appearance:
    given = {"organization": "", "accent": "", "accent_dark": "", "words": {}, **values}
    return choosing.prepare(of=None, values=given, logo=None, by=people.edith(), at=clock.now())


def use(look: Appearance, *, seen: int = 0) -> None:
    choosing.put_into_use(look=look, seen=seen, by=people.edith(), at=clock.now())
    in_use.forget()


def test_without_a_row_it_is_as_before() -> None:
    assert (in_use.organization(), in_use.look().sheet_url, in_use.look().kept) == ("Northwind Audio", "", "")


def test_what_is_prepared_is_seen_by_nobody_and_what_is_in_use_by_all() -> None:
    look = prepare(organization="Nordwind", accent="#7a1f5c", words=WORDS)
    in_use.forget()
    assert in_use.organization() == "Northwind Audio"
    use(look)
    assert in_use.organization() == "Nordwind"
    assert "--accent: #7a1f5c" in in_use.look().sheet


def test_the_record_says_who_changed_what() -> None:
    first = prepare(organization="Nordwind", accent="#7a1f5c")
    use(first)
    use(prepare(organization="Nordwind Audio", accent="#7a1f5c"), seen=first.pk)
    event = AuditEvent.objects.filter(verb="look.changed").first()
    assert event is not None
    assert event.actor == people.edith()
    assert (event.data["before"], event.data["after"]) == (
        {"organization": "Nordwind"},
        {"organization": "Nordwind Audio"},
    )


def test_what_was_in_use_stays_and_can_be_taken_up_again() -> None:
    first = prepare(organization="Nordwind", words=WORDS)
    use(first)
    second = prepare(organization="Südwind")
    use(second, seen=first.pk)
    use(choosing.again(look=first, by=people.edith(), at=clock.now()), seen=second.pk)
    assert in_use.look().words_in("de").imprint.words == WORDS["de"]["imprint"]
    for changed in (
        lambda: Appearance.objects.filter(pk=first.pk).update(organization="Ostwind"),
        Appearance.objects.filter(pk=first.pk).delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            changed()


def test_nobody_replaces_a_look_that_came_meanwhile() -> None:
    first, second = prepare(organization="Nordwind"), prepare(organization="Südwind")
    use(first)
    with pytest.raises(ValidationError, match="meanwhile"):
        use(second)
    with pytest.raises(ValidationError, match="Nothing would change"):
        use(prepare(organization="Nordwind"), seen=first.pk)
    with pytest.raises(ValidationError, match="stays on the record"):
        choosing.discard(look=first)
    choosing.discard(look=second)


def test_what_is_wrong_is_said_at_its_field() -> None:
    words = {"de": {"imprint": "x" * 2001, "notice": "Left\u202eright"}}
    with pytest.raises(ValidationError) as refused:
        prepare(organization="Two\nlines", accent="#ffcc00", accent_dark="#000000", words=words)
    assert set(refused.value.error_dict) == {"organization", "accent", "accent_dark", "imprint_de", "notice_de"}
    assert not Appearance.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        "Imprint",
        "https://example.org/",
        "Imprint http://example.org/",
        "Imprint javascript:alert(1)",
        "A\u202eB https://a.example/",
    ],
)
def test_a_line_that_is_no_link_is_named(line: str) -> None:
    with pytest.raises(ValidationError, match="is no link"):
        choosing.links_in(f"About us https://example.org/about\n{line}")


def test_words_fall_back_to_english_and_else_to_what_is_there() -> None:
    factories.make_look(used_at=clock.now(), words={**WORDS, "en": {"notice": "Hello."}})
    german, spanish = in_use.look().words_in("de-AT"), in_use.look().words_in("es")
    assert (german.imprint.language, german.notice.words) == ("de", "Hello.")
    assert (spanish.imprint.language, spanish.notice.language) == ("de", "en")


def test_a_row_in_use_is_bound_and_a_prepared_one_is_not() -> None:
    used = factories.make_look(used_at=clock.now())
    factories.make_look()
    rows.bind(at=clock.now())
    assert [batch.keys for batch in BoundRows.objects.filter(table="policies_appearance")] == [str(used.pk)]


def test_what_the_desk_is_told_comes_from_the_name_in_use(mailoutbox: list[EmailMessage]) -> None:
    factories.make_look(used_at=clock.now(), organization="Bright & Co")
    trial_mails.send(to=people.edith(), at=clock.now())
    assert mailoutbox
    assert {parseaddr(mail.from_email)[0] for mail in mailoutbox} == {"Bright & Co"}


def test_senders_have_the_name_unless_the_settings_say_another() -> None:
    factories.make_look(used_at=clock.now(), organization="Nordwind, GmbH")
    look = in_use.look()
    assert (
        look.sender("Northwind Audio policy alerts <a@example.org>") == '"Nordwind, GmbH policy alerts" <a@example.org>'
    )
    assert look.sender("Legal <a@example.org>") == "Legal <a@example.org>"
