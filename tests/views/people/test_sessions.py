"""Where somebody is signed in: they see their own sessions, and end what they do not know."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from policies import clock
from policies.acceptance import erasing, handover
from policies.models import AuditEvent, OpenSession, Person, User
from tests import factories, people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/account/sessions/"


def by_password(user: User, browser: str) -> Client:
    client = Client(headers={"User-Agent": browser})
    client.post("/sign-in/login/", {"login": user.email, "password": people.PASSWORD})
    return client


def by_code(person: Person, browser: str) -> Client:
    client = Client(headers={"User-Agent": browser})
    cache.clear()  # so many ask in a minute
    mail.outbox.clear()
    client.post("/sign-in/person/", {"address": person.address})
    for _ in range(200):
        if mail.outbox:
            break
        time.sleep(0.01)  # mailed beside the request
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    client.post("/sign-in/person/code/", {"code": code[1]})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_user_sees_where_they_are_signed_in_and_ends_one() -> None:
    here, thief = by_password(people.uma(), "Firefox here"), by_password(people.uma(), "Opera elsewhere")
    page = here.get(PAGE).content.decode()
    assert "Firefox here" in page
    assert "Opera elsewhere" in page
    number = OpenSession.objects.get(browser="Opera elsewhere").pk
    assert here.post(PAGE, {"session": number}).status_code == 302
    assert (is_signed_in(here), is_signed_in(thief)) == (True, False)
    assert AuditEvent.objects.get(verb="sessions.ended").actor == people.uma()
    assert "Opera elsewhere" not in here.get(PAGE).content.decode()


def test_a_person_without_user_ends_all_others_and_none_of_somebody_else() -> None:
    mia = factories.make_person(address="mia@example.org")
    first, second, oscar = by_code(mia, "one"), by_code(mia, "two"), by_password(people.oscar(), "Oscar's")
    assert "two" in first.get(PAGE).content.decode()
    first.post(PAGE, {"session": ""})
    assert [is_signed_in(client) for client in (first, second, oscar)] == [True, False, True]
    assert AuditEvent.objects.get(verb="sessions.ended").data == {"sessions": 1, "person": mia.pk}


def test_a_session_that_goes_on_under_another_key_stays_in_the_list() -> None:
    here, there = by_password(people.uma(), "here"), by_password(people.uma(), "there")
    key = there.session.session_key
    there.post("/sign-in/reauthenticate/", {"password": people.PASSWORD})
    assert there.session.session_key != key
    assert "there</span>" in here.get(PAGE).content.decode()


def test_one_ends_nothing_of_others_by_their_number() -> None:
    uma, oscar = by_password(people.uma(), "Uma's"), by_password(people.oscar(), "Oscar's")
    uma.post(PAGE, {"session": OpenSession.objects.get(browser="Oscar's").pk})
    assert is_signed_in(oscar)


def test_who_works_at_the_desk_and_is_no_person_sees_theirs() -> None:
    edith = by_password(people.edith(), "Edith's")
    assert "Edith" in edith.get(PAGE).content.decode()
    assert PAGE in edith.get("/admin/").content.decode()


def test_no_page_tells_the_key_of_a_session() -> None:
    here = by_password(people.uma(), "here")
    by_password(people.uma(), "there")
    page = here.get(PAGE).content.decode()
    assert [key for key in Session.objects.values_list("pk", flat=True) if key in page] == []


def test_a_hand_over_is_seen_and_sees_nothing() -> None:
    uma = people.uma()
    assert uma.person is not None
    handed = Client(headers={"User-Agent": "in the product"})
    token = handover.issue(person=uma.person, return_to="", source="Studio", at=clock.now())
    handed.post(f"/hand-over/{token}/")
    assert handed.get(PAGE).status_code == 403
    assert "in the product" in by_password(uma, "here").get(PAGE).content.decode()


@pytest.mark.parametrize(("keeps", "said"), [(True, "192.0.2.0"), (False, "Another browser")])
def test_the_network_is_there_where_it_is_kept(keeps: bool, said: str, settings: Settings) -> None:
    settings.RECORD_NETWORK_ADDRESS = keeps
    there = Client(REMOTE_ADDR="192.0.2.77")
    there.post("/sign-in/login/", {"login": people.uma().email, "password": people.PASSWORD})
    assert said in by_password(people.uma(), "here").get(PAGE).content.decode()


def test_signing_out_and_erasing_leave_no_row() -> None:
    uma = people.uma()
    assert uma.person is not None
    by_password(uma, "one").post("/sign-in/out/")
    client = by_password(uma, "two")
    client.post("/sign-in/logout/")
    by_password(uma, "three")
    assert [each.browser for each in OpenSession.objects.all()] == ["three"]
    erasing.erase(person=uma.person, ground="request", by=None, at=clock.now())
    assert not OpenSession.objects.exists()


def test_a_second_factor_that_is_reset_ends_the_sessions_of_its_user() -> None:
    client = by_password(people.uma(), "with the lost device")
    totp.TOTP.activate(people.uma(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    call_command("reset_second_factor", people.uma().email)
    assert not is_signed_in(client)
