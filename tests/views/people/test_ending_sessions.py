"""What ends where somebody is signed in: a change of how they sign in, and whoever administers users."""

import io
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from policies import clock
from policies.acceptance import handover
from policies.acceptance.sessions import mailed_code
from policies.models import AuditEvent, OpenSession, Person, User
from tests import factories, people
from tests.test_account_mail import by_api, by_file
from tests.views.people.test_sessions import PAGE, by_code, by_password, is_signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NEW = "another horse battery staple"


def root() -> Client:
    return people.signed_in(factories.make_user(is_staff=True, is_superuser=True))


def person_of(user: User) -> Person:
    assert user.person is not None
    return user.person


def test_a_password_of_the_command_line_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    mailed, oscar = by_code(person_of(people.uma()), "by code"), by_password(people.oscar(), "Oscar's")
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)  # noqa: ARG005 - its signature
    call_command("changepassword", people.uma().email, stdout=io.StringIO())
    assert (is_signed_in(mailed), is_signed_in(oscar)) == (False, True)


def test_an_address_that_is_changed_at_the_desk_ends_all_and_opens_nothing_any_more() -> None:
    uma = people.uma()
    EmailAddress.objects.create(user=uma, email=uma.email, verified=True, primary=True)
    there, mailed = by_password(uma, "there"), by_code(person_of(uma), "by code")
    form = {"email": "new@example.org", "name": uma.name, "is_active": "on"}
    assert root().post(f"/admin/policies/user/{uma.pk}/change/", form).status_code == 302
    assert (is_signed_in(there), is_signed_in(mailed)) == (False, False)
    event = AuditEvent.objects.get(verb="sessions.ended")
    assert (event.data["user"], event.data["sessions"]) == (uma.pk, 2)
    cache.clear()
    assert not is_signed_in(by_password(uma, "the former address"))


def test_a_code_that_was_mailed_to_the_former_address_signs_nobody_in(mailoutbox: list[Any]) -> None:
    uma, thief = people.uma(), Client()
    thief.post("/sign-in/login/code/", {"email": uma.email})
    code = next(line.strip() for line in mailoutbox[-1].body.splitlines() if line.startswith("    "))
    User.objects.filter(pk=uma.pk).update(email="new@example.org")
    thief.post("/sign-in/login/code/confirm/", {"code": code})
    assert not is_signed_in(thief)


@pytest.mark.parametrize("how", ["api", "file"])
def test_a_person_whose_address_is_changed_signs_in_anew(how: str) -> None:
    person = factories.make_person(address="mia@example.org")
    other = by_code(factories.make_person(address="kim@example.org"), "Kim's")
    mailed, handed = by_code(person, "by code"), Client()
    handed.post(f"/hand-over/{handover.issue(person=person, return_to='', source='Studio', at=clock.now())}/")
    assert OpenSession.objects.filter(person=person).count() == 2
    if how == "api":
        by_api(person, address="new@example.org")
    else:
        by_file(person, "new@example.org")
    assert (is_signed_in(mailed), is_signed_in(other)) == (False, True)
    assert not OpenSession.objects.filter(person=person).exists()
    assert AuditEvent.objects.get(verb="sessions.ended").data == {"person": person.pk, "sessions": 2}


def test_whoever_proved_the_former_address_chooses_nothing_any_more() -> None:
    one, other = (factories.make_person(address="mia@example.org") for _ in range(2))
    client = Client()
    session = client.session
    session[mailed_code.PROVED] = "mia@example.org"
    session.save()
    by_api(one, address="new@example.org")
    client.post("/sign-in/person/which/", {"person": one.pk})
    assert not is_signed_in(client)
    client.post("/sign-in/person/which/", {"person": other.pk})
    assert is_signed_in(client)


def test_who_administers_users_ends_a_users_sessions() -> None:
    uma, desk = people.uma(), root()
    there, mailed = by_password(uma, "there"), by_code(person_of(uma), "by code")
    address = f"/admin/policies/user/{uma.pk}/end-sessions/"
    assert address in desk.get(f"/admin/policies/user/{uma.pk}/change/").content.decode()
    assert "2 sessions" in desk.get(address).content.decode()
    assert desk.post(address).status_code == 302
    assert (is_signed_in(there), is_signed_in(mailed)) == (False, False)
    event = AuditEvent.objects.get(verb="sessions.ended")
    assert event.actor != uma
    assert event.data == {"user": uma.pk, "person": person_of(uma).pk, "sessions": 2}


def test_and_a_persons() -> None:
    person, desk = factories.make_person(address="mia@example.org"), root()
    mailed = by_code(person, "by code")
    address = f"/admin/policies/person/{person.pk}/end-sessions/"
    assert address in desk.get(f"/admin/policies/person/{person.pk}/change/").content.decode()
    desk.post(address)
    assert not is_signed_in(mailed)
    assert address not in desk.get(f"/admin/policies/person/{person.pk}/change/").content.decode()


def test_nobody_else_does() -> None:
    uma = people.uma()
    there = by_password(uma, "there")
    for user in (people.ravi(), people.oscar()):
        client = people.signed_in(user)
        for noun, key in (("user", uma.pk), ("person", person_of(uma).pk)):
            assert client.post(f"/admin/policies/{noun}/{key}/end-sessions/").status_code in {302, 403}
    assert is_signed_in(there)


def test_ones_own_session_stays_when_one_ends_ones_own_at_the_desk() -> None:
    admin = factories.make_user(is_staff=True, is_superuser=True)
    here = people.signed_in(admin)
    here.post(f"/admin/policies/user/{admin.pk}/end-sessions/")
    assert here.get("/admin/").status_code == 200


def test_nothing_is_offered_where_there_are_no_others() -> None:
    here = by_password(people.uma(), "here")
    assert "End all others" not in here.get(PAGE).content.decode()
    by_password(people.uma(), "there")
    assert "End all others" in here.get(PAGE).content.decode()


def test_a_browser_is_called_as_people_know_it() -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    page = by_password(people.uma(), firefox).get(PAGE).content.decode()
    assert "Firefox on Windows" in page
    assert "Gecko" not in page
