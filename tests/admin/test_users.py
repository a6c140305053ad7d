"""Users at the desk: what becomes of their rights is on the record."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from policies.models import AuditEvent, User
from tests import factories, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    return people.signed_in(factories.make_user(is_staff=True, is_superuser=True))


def save(client: Client, user: User | None, *roles: str, **fields: Any) -> None:
    """Send the form of a user with these roles and no others."""
    given: dict[str, Any] = {"email": "nora@example.org", "name": "Nora", "is_active": "on"}
    given |= {"email": user.email, "name": user.name} if user else {}
    given["groups"] = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    address = f"/admin/policies/user/{user.pk}/change/" if user else "/admin/policies/user/add/"
    sent = {name: value for name, value in {**given, **fields}.items() if value is not None}
    assert client.post(address, sent).status_code == 302


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
    save(root, ravi, "approver")
    save(root, ravi, "approver", is_staff="on", is_active=None)
    assert recorded() == [("right.taken", "desk"), ("right.taken", "signing in"), ("right.given", "desk")]


def test_so_is_what_a_new_user_gets(root: Client) -> None:
    save(root, None, "support", is_staff="on")
    assert recorded() == [("right.given", right) for right in ("desk", "signing in", "support")]


def test_a_name_that_changes_is_no_right(root: Client) -> None:
    ravi = people.ravi()
    save(root, ravi, "approver", is_staff="on", name="Ravi N.")
    assert recorded() == []
