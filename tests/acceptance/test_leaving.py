"""Requests to be deleted: at the desk until somebody closes them, and seen by those who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from policies import acceptance, clock
from policies.acceptance import leaving
from policies.models import AuditEvent, DeletionRequest
from tests import people
from tests.acceptance.asking import NOW, asking_policy, uma
from tests.factories import make_user, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/policies/deletionrequest/"


@pytest.fixture
def request_() -> DeletionRequest:
    policy = make_version(asking_policy(slug="terms", time_zone="Pacific/Auckland")).policy
    return acceptance.ask_for_deletion(person=uma(), policy=policy, at=clock.now())


def at_the_desk(role: str) -> Client:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return people.signed_in(user)


def test_the_desk_shows_it_until_it_is_closed(request_: DeletionRequest) -> None:
    support, page = at_the_desk("support"), f"{LIST}{request_.pk}/close/"
    for place in ("/admin/", LIST, f"/admin/policies/person/{request_.person_id}/change/"):
        assert page in support.get(place).content.decode() or place == LIST
    assert f"#{request_.person_id}" in support.get(LIST).content.decode()
    assert support.post(page, {"outcome": "Erased on request."}).status_code == 302
    for place in ("/admin/", f"/admin/policies/person/{request_.person_id}/change/"):
        assert page not in support.get(place).content.decode()
    assert f"#{request_.person_id}" not in support.get(LIST).content.decode()
    assert "Erased on request." in support.get(LIST, {"state": "all"}).content.decode()


def test_their_account_shows_it_until_it_is_closed(request_: DeletionRequest) -> None:
    client = Client()
    client.force_login(people.uma())
    assert "You asked for your account to be deleted" in client.get("/account/").content.decode()
    leaving.close(request=request_, outcome="Refused: invoices.", by=people.ravi(), at=clock.now())
    page = client.get("/account/").content.decode()
    assert "You asked for your account to be deleted" not in page
    assert "Refused: invoices." in page


def test_closing_is_on_the_record_without_what_it_says_of_somebody(request_: DeletionRequest) -> None:
    leaving.close(request=request_, outcome="Uma Berg is gone.", by=people.ravi(), at=clock.now())
    event = AuditEvent.objects.get(verb="deletion_request.closed")
    assert (event.actor, event.data) == (people.ravi(), {"person": uma().pk})


def test_of_two_who_close_it_the_second_is_told(request_: DeletionRequest) -> None:
    leaving.close(request=request_, outcome="Erased.", by=people.ravi(), at=clock.now())
    answer = at_the_desk("counsel").post(f"{LIST}{request_.pk}/close/", {"outcome": "Refused."})
    assert answer.status_code == 409
    assert DeletionRequest.objects.get().outcome == "Erased."


def test_an_outcome_is_needed(request_: DeletionRequest) -> None:
    page = at_the_desk("support").post(f"{LIST}{request_.pk}/close/", {"outcome": " "}).content.decode()
    assert "This field is required" in page
    assert DeletionRequest.objects.get().closed_at is None


@pytest.mark.parametrize("role", ["author", "approver", "publisher"])
def test_others_at_the_desk_neither_see_nor_close_it(request_: DeletionRequest, role: str) -> None:
    client, page = at_the_desk(role), f"{LIST}{request_.pk}/close/"
    assert [client.get(LIST).status_code, client.get(page).status_code] == [403, 403]
    assert client.post(page, {"outcome": "Gone."}).status_code == 403
    assert page not in client.get("/admin/").content.decode()


def test_the_deadline_is_a_day_in_the_legal_zone(request_: DeletionRequest) -> None:
    request_.due_on = NOW.date()
    last_moment = datetime(2026, 6, 1, 11, 59, tzinfo=UTC)  # 23:59 in Auckland
    assert not leaving.is_overdue(request_, at=last_moment)
    assert leaving.is_overdue(request_, at=last_moment + timedelta(minutes=2))


def test_what_is_overdue_says_so(request_: DeletionRequest, time_machine: Any) -> None:
    time_machine.move_to(clock.now() + timedelta(days=40))
    support = at_the_desk("support")
    assert "Overdue since" in support.get("/admin/").content.decode()
    assert "(overdue)" in support.get(LIST).content.decode()
