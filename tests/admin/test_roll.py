"""Who has accepted, at the desk and for programs: numbers, doors, names for who may see them, CSV on the record."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import version_url
from policies.models import AuditEvent, Scope, Version
from tests import factories
from tests.acceptance.test_roll import accept, asked
from tests.admin.conftest import SignIn
from tests.api.test_api import Program
from tests.notices import telling

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def version() -> Version:
    version = asked()
    factories.make_policy(audiences=("pro",))
    agreed, _silent = (factories.make_person(name=f"Person {n}", audiences=("pro",) if n else ()) for n in range(2))
    factories.make_person(address="", name="Lost")
    telling.open_notice(version)
    accept(agreed, version)
    return version


@pytest.fixture
def counsel(sign_in: SignIn) -> Client:
    user = factories.make_user(is_staff=True)
    user.groups.set(Group.objects.filter(name="counsel"))
    return sign_in(user)


def test_the_page_counts_draws_and_lists(version: Version, counsel: Client) -> None:
    page = counsel.get(version_url(version, "roll"))
    shown = page.content.decode()
    assert "1 of 3 people accepted (33.3 %)." in shown
    assert [row.number for row in page.context["page"].rows] == [1, 0, 0, 1, 1]
    assert "Person 0" in shown
    assert "Lost" in counsel.get(version_url(version, "roll"), {"state": "unreached"}).content.decode()
    only = counsel.get(version_url(version, "roll"), {"audience": "pro"}).content.decode()
    assert "0 of 1 person accepted" in only
    assert "Person 0" not in only


def test_a_filter_that_cannot_be_read_says_so(version: Version, counsel: Client) -> None:
    shown = counsel.get(version_url(version, "roll"), {"since": "yesterday", "state": "nothing"}).content.decode()
    assert "Enter a day as YYYY-MM-DD" in shown
    assert "is not one of the available choices" in shown


def test_an_author_sees_numbers_and_no_names(version: Version, sign_in: SignIn) -> None:
    user = factories.make_user(is_staff=True)
    user.groups.set(Group.objects.filter(name="author"))
    shown = sign_in(user).get(version_url(version, "roll")).content.decode()
    assert "1 of 3 people accepted" in shown
    assert "Person 0" not in shown


def test_the_csv_is_streamed_and_goes_on_the_record(version: Version, counsel: Client) -> None:
    answer = counsel.get(version_url(version, "roll_csv"), {"state": "accepted"})
    assert answer.streaming
    lines = answer.getvalue().decode().splitlines()
    assert [line.split(",")[5] for line in lines] == ["state", "accepted"]
    assert AuditEvent.objects.get(verb="roll.exported").data == {"state": "accepted", "audience": ""}


def test_a_published_version_that_asks_links_to_it(version: Version, counsel: Client) -> None:
    assert version_url(version, "roll") in counsel.get(version_url(version)).content.decode()
    assert counsel.get(version_url(factories.make_draft(version.policy), "roll")).status_code == 404


def test_programs_ask_for_the_same(version: Version) -> None:
    program, there = Program(*Scope.values), f"/policies/{version.policy.slug}/versions/2/answers"
    counts = program.call("get", there).json()
    assert {name: counts[name] for name in ("total", "accepted", "declined", "waived", "unreached", "waiting")} == {
        "total": 3,
        "accepted": 1,
        "declined": 0,
        "waived": 0,
        "unreached": 1,
        "waiting": 1,
    }
    first = program.call("get", f"{there}/people?limit=2").json()
    rest = program.call("get", f"{there}/people?limit=2&after={first['next']}").json()
    assert [each["state"] for each in (*first["items"], *rest["items"])] == ["accepted", "waiting", "unreached"]
    assert rest["next"] is None
    soon = clock.now().isoformat().replace("+00:00", "Z")
    assert program.call("get", f"{there}/people?state=accepted&since={soon}").json()["items"] == []
    assert program.call("get", f"{there}?audience=pro").json()["total"] == 1
    assert program.call("get", there.replace("/2/", "/9/")).status_code == 404
