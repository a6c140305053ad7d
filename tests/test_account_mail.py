"""Whoever's account changed is told at the address they had before, outside the change's transaction, and once."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from policies import account_mail, api_keys, clock, people_import
from policies.acceptance import erasing
from policies.models import AccountMail, AuditEvent, DeskMail, Person, User
from policies.notices.upkeep import sweep
from policysite.running import processes
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NEW = "thief@example.org"


def told() -> list[tuple[str, str]]:
    """To whom and under which subject the sweep mails now."""
    mail.outbox.clear()
    account_mail.send_due(at=clock.now())
    return [(message.to[0], str(message.subject)) for message in mail.outbox]


def by_api(person: Person, **told: str) -> int:
    _key, secret = api_keys.create(name="Studio", scopes=["people:write"], period=None, by=None, at=clock.now())
    address = f"/api/v1/people/{person.external_id}"
    answer = Client().put(address, told, "application/json", headers={"Authorization": f"Bearer {secret}"})
    return int(answer.status_code)


def by_file(person: Person, address: str) -> None:
    source = io.StringIO(f"external_id,address\n{person.external_id},{address}\n")
    people_import.bring_in(source, name="people.csv", by=people.edith(), at=clock.now())


def test_a_person_whose_address_a_program_changed_is_told_at_the_former_one() -> None:
    person = factories.make_person(address="uma@example.org", language="de")
    assert by_api(person, address=NEW) == 200
    event = AuditEvent.objects.get(verb="person.address_changed")
    assert event.data == {"person": person.pk, "key": "Studio"}
    assert mail.outbox == []
    assert told() == [("uma@example.org", "Ihre Adresse wurde geändert")]
    assert NEW not in mail.outbox[0].body
    assert told() == []
    assert not AccountMail.objects.exists()
    assert DeskMail.objects.get(event=event).recipients == 1


def test_so_is_one_whose_address_a_file_changed() -> None:
    person = factories.make_person(address="uma@example.org")
    by_file(person, NEW)
    assert AuditEvent.objects.get(verb="person.address_changed").actor == people.edith()
    assert told() == [("uma@example.org", "Your address was changed")]


def test_nobody_is_told_of_what_is_no_move() -> None:
    person = factories.make_person(address="uma@example.org")
    by_api(person, address="Uma@Example.org")
    by_api(person, name="Uma")
    by_file(factories.make_person(address=""), NEW)
    assert not AuditEvent.objects.filter(verb="person.address_changed").exists()


def test_a_user_whose_address_was_changed_at_the_desk_is_told_at_the_former_one() -> None:
    root = people.signed_in(factories.make_user(is_staff=True, is_superuser=True))
    oscar = people.oscar()
    form = {"email": NEW, "name": oscar.name, "is_active": "on"}
    assert root.post(f"/admin/policies/user/{oscar.pk}/change/", form).status_code == 302
    assert AuditEvent.objects.get(verb="user.address_changed").data == {"user": oscar.pk}
    assert told() == [("oscar@example.org", "Your address for signing in was changed")]


def test_a_new_password_is_told_and_on_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    oscar = people.oscar()
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another horse battery staple")  # noqa: ARG005 - its signature
    call_command("changepassword", oscar.email, stdout=io.StringIO())
    oscar.refresh_from_db()
    assert oscar.check_password("another horse battery staple")
    assert AuditEvent.objects.get(verb="credential.password_changed").data == {"user": oscar.pk}
    assert told() == [("oscar@example.org", "Your password was changed")]


def test_a_mail_server_that_is_down_is_tried_again_for_three_days(settings: Settings) -> None:
    people_import_at = clock.now()
    by_file(factories.make_person(address="uma@example.org"), NEW)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", processes.free_port()
    assert account_mail.send_due(at=clock.now()) == 0
    settings.EMAIL_BACKEND = backend
    assert account_mail.send_due(at=people_import_at + timedelta(minutes=5)) == 0
    assert account_mail.send_due(at=people_import_at + timedelta(minutes=15)) == 1


def test_after_that_it_is_given_up_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    by_file(factories.make_person(address="uma@example.org"), NEW)
    assert account_mail.send_due(at=clock.now() + timedelta(days=4)) == 0
    assert "Nobody could be told of person.address_changed" in caplog.text
    assert (AccountMail.objects.count(), DeskMail.objects.get().recipients) == (0, 0)


def test_the_sweep_sends_them() -> None:
    by_file(factories.make_person(address="uma@example.org"), NEW)
    sweep.sweep(at=clock.now(), worker="test")
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("of", ["person", "user"])
def test_whoever_is_erased_is_told_nothing_and_the_address_is_gone(of: Any) -> None:
    user = people.uma()
    assert user.person is not None
    if of == "person":
        by_file(user.person, NEW)
    else:
        event = AuditEvent.record("user.address_changed", by=None, at=clock.now(), user=user.pk)
        account_mail.announce(event, user=user, words="mail/user_address_changed", address="old@example.org")
    assert AccountMail.objects.exists()
    erasing.erase(person=user.person, ground="request", by=None, at=clock.now())
    assert not AccountMail.objects.exists()
    assert not User.objects.filter(pk=user.pk, is_active=True).exists()
