"""What asks once more who is there before its button does anything: one list, over every page of the desk."""

import pytest
from django.test import Client

from policies import clock
from policies.admin.desk.verb_page import VerbPage
from tests.people import signed_in
from tests.whole_site import World, routes

pytestmark = pytest.mark.django_db

# What goes on the record for good, out to people, out of the house, or decides who may come in.
ASKS_AGAIN = {
    "version": "review publish postpone bring_forward withdraw translation promise evidence roll_csv",
    "policy": "rename retire delete_unpublished confirm approve_terms",
    "notice": "cancel correct send_again send_to export",
    "person": "import claim waive end_waiver end_sessions evidence",
    "deletionrequest": "close",
    "webhookendpoint": "add edit secret",
    "apikey": "add",
    "appearance": "use",
    "user": "add change end_sessions",
}


def signed_in_six_minutes_ago(world: World) -> Client:
    return signed_in(world.root, method="password", at=clock.now().timestamp() - 6 * 60)


def test_what_binds_asks_again_and_nothing_else_does() -> None:
    world = World()
    client = signed_in_six_minutes_ago(world)
    asked = {
        route.name
        for route in routes()
        if route.name.startswith("admin:")
        for path in world.paths(route)
        if client.get(path).headers.get("Location", "").startswith("/sign-in/reauthenticate/")
    }
    assert asked == {f"admin:policies_{noun}_{verb}" for noun, verbs in ASKS_AGAIN.items() for verb in verbs.split()}


def test_a_verb_has_to_say_whether_it_binds() -> None:
    with pytest.raises(TypeError, match="is_binding"):
        VerbPage(title="Retire", button="Retire", permission="publish_version")  # type: ignore[call-arg]
