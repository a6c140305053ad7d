"""Users at the desk: what becomes of their rights is on the record."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from pytest_django import Settings

from policies import account_mail, clock
from policies.admin.access import roles
from policies.models import AccountMail, AuditEvent, User
from tests import factories, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    return people.signed_in(factories.make_user(is_staff=True, is_superuser=True))


ADD = "/admin/policies/user/add/"


def send(client: Client, user: User, *roles: str, **fields: Any) -> Any:
    """Send the form of a user with these roles and no others."""
    given: dict[str, Any] = {"email": user.email, "name": user.name, "is_active": "on"}
    given["groups"] = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    sent = {name: value for name, value in {**given, **fields}.items() if value is not None}
    return client.post(f"/admin/policies/user/{user.pk}/change/", sent)


def save(client: Client, user: User, *roles: str, **fields: Any) -> None:
    assert send(client, user, *roles, **fields).status_code == 302


def recorded() -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(verb__startswith="right.").order_by("pk")
    return [(event.verb, event.data["right"]) for event in found]


def test_a_role_given_or_taken_is_on_the_record(root: Client) -> None:
    ravi = people.ravi()
    save(root, ravi, "approver", "counsel", is_staff="on")
    save(root, ravi, "counsel", is_staff="on")
    assert recorded() == [("right.given", "counsel"), ("right.taken", "approver")]
    event = AuditEvent.objects.filter(verb="right.given").get()
    assert event.data["user"] == ravi.pk
    assert event.actor is not None


def test_so_is_the_place_at_the_desk(root: Client) -> None:
    ravi = people.ravi()
    save(root, ravi)
    save(root, ravi, "approver", is_staff="on", is_active=None)
    assert recorded() == [
        *[("right.taken", "approver"), ("right.taken", "desk"), ("right.taken", "signing in")],
        *[("right.given", "approver"), ("right.given", "desk")],
    ]


def test_roles_without_a_place_at_the_desk_are_refused(root: Client) -> None:
    answer = send(root, people.ravi(), "approver", is_staff=None)
    assert "Roles are for the desk: tick this too, or take the roles off." in answer.content.decode()
    assert recorded() == []


def test_each_role_says_what_it_means(root: Client) -> None:
    for page in (ADD, f"/admin/policies/user/{people.ravi().pk}/change/"):
        shown = root.get(page).content.decode()
        assert all(f"{name}: {meaning}" in shown for name, meaning in roles.MEANINGS.items())
    assert set(roles.MEANINGS) == set(Group.objects.values_list("name", flat=True))


def test_whoever_is_invited_has_a_place_is_told_how_to_sign_in_and_does(root: Client, settings: Settings) -> None:
    settings.DESK_SECOND_FACTOR = False
    invited = root.post(ADD, {"email": "Nora@example.org", "name": "Nora", "roles": ["author", "support"]}, follow=True)
    assert "Nora may come in now." in invited.content.decode()
    assert recorded() == [("right.given", right) for right in ("author", "desk", "signing in", "support")]
    assert AuditEvent.objects.get(verb="user.invited").data["roles"] == ["author", "support"]
    assert account_mail.send_due(at=clock.now()) == 1
    [told] = mail.outbox
    assert told.to == ["nora@example.org"]
    assert "http://127.0.0.1:8000/admin/" in told.body
    assert "author, support" in told.body
    nora = User.objects.get(email="nora@example.org")
    assert not nora.has_usable_password()
    assert people.signed_in(nora, method="code").get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"email": "ravi@example.org", "name": "R", "roles": ["author"]}, "This address has an account already."),
        ({"email": "nora@example.org", "name": "Nora"}, "Choose at least one role"),
        ({"email": "nora", "name": "Nora", "roles": ["author"]}, "Enter a valid email address."),
        ({"email": "nora@example.org", "name": "Nora", "roles": ["owner"]}, "owner is not one of the available"),
    ],
)
def test_an_invitation_that_cannot_be_says_why(root: Client, given: dict[str, Any], words: str) -> None:
    people.ravi()
    assert words in root.post(ADD, given).content.decode()
    assert not AccountMail.objects.exists()
    assert not AuditEvent.objects.filter(verb="user.invited").exists()


def test_a_name_that_changes_is_no_right(root: Client) -> None:
    ravi = people.ravi()
    save(root, ravi, "approver", is_staff="on", name="Ravi N.")
    assert recorded() == []
