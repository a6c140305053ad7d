"""Whoever is bound by policies signs in by a code mailed to their address: no user, no password, nothing to set up."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from policies import acceptance, clock
from policies.acceptance.sessions import mailed_code
from policies.models import Act, Person, User
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version

pytestmark = pytest.mark.django_db

ASK, ENTER, WHICH = "/sign-in/person/", "/sign-in/person/code/", "/sign-in/person/which/"


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def finn() -> Person:
    return factories.make_person(name="Finn Roe", address="finn@example.org")


def code_mailed(number: int = 1) -> str:
    """The code in the newest mail, which goes out beside the request."""
    until(lambda: len(mail.outbox) >= number)
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def went(response: Any) -> str:
    """Where an answer sends the browser."""
    return str(response.headers["Location"])


def sign_in(client: Client, address: str, **more: str) -> str:
    client.post(ASK, {"address": address, **more})
    return client.post(ENTER, {"code": code_mailed(), **more}, follow=True).content.decode()


def test_whoever_was_told_by_mail_signs_in_and_answers(client: Client, finn: Person) -> None:
    version = asking_version(asking_policy(slug="terms"), effective_at=factories.days_ago(1))
    asked = client.get("/review/terms/")
    assert went(asked) == f"{ASK}?next=/review/terms/"
    client.post(went(asked), {"address": "FINN@example.org"})
    page = client.post(f"{ENTER}?next=/review/terms/", {"code": code_mailed()}, follow=True)
    assert page.redirect_chain[-1][0] == "/review/terms/"
    client.post("/review/terms/", {**_form_of(page), "answer": "accept", "agree": "yes"})
    act = Act.objects.get(kind="agreed", version=version)
    assert act.strength == Act.Strength.CODE
    assert not acceptance.outstanding(person=finn, at=clock.now())
    assert not User.objects.filter(person=finn).exists()


def _form_of(page: object) -> dict[str, str]:
    found = re.findall(r'name="(screen|manifest)" value="([^"]*)"', page.content.decode())  # type: ignore[attr-defined]
    return dict(found)


def test_who_has_no_account_reads_the_same_and_gets_no_mail(client: Client, finn: Person) -> None:
    answers = []
    for address in (finn.address, "nemo@example.org"):
        browser = Client()
        with CaptureQueriesContext(connection) as asked:
            response = browser.post(ASK, {"address": address})
        page = browser.get(went(response)).content.decode().replace(address, "…")
        answers.append((response.status_code, went(response), re.sub(r'value="[^"]*"', "", page), len(asked)))
    assert answers[0] == answers[1]
    code_mailed()
    assert [each.to for each in mail.outbox] == [["finn@example.org"]]
    assert client.post(ENTER, {"code": "ABCDEF"}).status_code == 302


def test_a_mailbox_with_several_accounts_is_asked_which(client: Client, finn: Person) -> None:
    other = factories.make_person(name="Finn Roe, Studio", address="Finn@example.org")
    page = sign_in(client, finn.address)
    assert "Which account?" in page
    assert str(other.external_id) in page
    stranger = factories.make_person(address="nemo@example.org")
    assert went(Client().post(WHICH, {"person": other.pk})) == ASK
    sign_in(Client(), finn.address)
    client.post(ASK, {"address": finn.address})
    client.post(ENTER, {"code": code_mailed(3)})
    assert client.post(WHICH, {"person": stranger.pk}).status_code == 200
    client.post(WHICH, {"person": other.pk})
    assert "Studio" in client.get("/account/").content.decode()


def test_the_mailbox_of_an_editor_opens_the_person_and_never_the_desk(client: Client) -> None:
    edith = people.edith()
    factories.make_person(name="Edith", address=edith.email)
    sign_in(client, edith.email)
    assert client.get("/account/").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_who_was_at_the_desk_is_there_no_longer(finn: Person) -> None:
    client = Client()
    client.force_login(people.edith())
    sign_in(client, finn.address)
    assert "_auth_user_id" not in client.session


def test_three_wrong_codes_and_another_has_to_be_asked_for(client: Client, finn: Person) -> None:
    client.post(ASK, {"address": finn.address})
    right = code_mailed()
    answers = [client.post(ENTER, {"code": "WRONG-1"}).status_code for _ in range(3)]
    assert answers == [422, 422, 302]
    assert client.post(ENTER, {"code": right}).status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_code_works_in_the_browser_that_asked_and_no_other(client: Client, finn: Person) -> None:
    client.post(ASK, {"address": finn.address})
    right, other = code_mailed(), Client()
    other.post(ASK, {"address": finn.address})
    assert other.post(ENTER, {"code": right}).status_code == 422


def test_a_code_works_once_and_not_for_long(client: Client, finn: Person) -> None:
    client.post(ASK, {"address": finn.address})
    right = code_mailed()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert client.post(ENTER, {"code": right}).status_code == 302
    client.post(ASK, {"address": finn.address})
    right = code_mailed(2)
    assert went(client.post(ENTER, {"code": right.lower().replace("-", " ")})) == "/account/"
    assert went(client.post(ENTER, {"code": right})) == ASK


def test_nobody_fills_a_mailbox_from_here(finn: Person) -> None:
    for number in range(8):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(ASK, {"address": finn.address})
    until(lambda: len(mail.outbox) >= 5)
    time.sleep(0.2)
    assert len(mail.outbox) == 5
    again = [Client().post(ASK, {"address": "nemo@example.org"}).status_code for _ in range(7)]
    assert again[-1] == 429


def test_what_the_session_keeps_of_a_code_is_not_the_code(client: Client, finn: Person) -> None:
    client.post(ASK, {"address": finn.address})
    assert code_mailed() not in str(dict(client.session))


def test_who_was_erased_meanwhile_is_not_there(client: Client, finn: Person) -> None:
    sign_in(client, finn.address)
    Person.objects.filter(pk=finn.pk).update(erased_at=clock.now())
    assert client.get("/account/").status_code == 302


def test_signing_out_ends_it(client: Client, finn: Person) -> None:
    sign_in(client, finn.address)
    assert went(client.post("/sign-in/out/")) == "/"
    assert client.get("/account/").status_code == 302


def test_nobody_is_sent_elsewhere_afterwards(client: Client, finn: Person) -> None:
    client.post(ASK, {"address": finn.address, "next": "https://evil.example/"})
    assert went(client.post(ENTER, {"code": code_mailed(), "next": "https://evil.example/"})) == "/account/"


def test_looking_somebody_up_takes_no_walk_through_everybody() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("how a table is read is PostgreSQL's to say")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM policies_person WHERE UPPER(address::text) = UPPER('a@example.org')")
        assert "people_by_address" in str(cursor.fetchall())
    assert mailed_code.people_at("") == []


def test_a_visitor_costs_the_database_nothing(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/notices/mine/").status_code == 204
    assert len(asked) == 0
