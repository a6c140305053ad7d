"""A change that rests on continued use asks nobody; whoever does not agree can say so, and is told how to leave."""

import pytest
from django.test import Client

from policies import acceptance, clock
from policies.models import Acceptance, Act, Policy, Version
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.acceptance.test_answer_page import form_of
from tests.factories import BODY, NEXT_BODY, change_terms, days_ago, in_days, make_policy, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def upcoming() -> Version:
    """A privacy policy whose next version applies to whoever goes on using the service."""
    policy = make_policy(slug="privacy", acceptance=Acceptance.CONTINUED_USE)
    make_version(policy, body=BODY)
    return make_version(
        policy, body=NEXT_BODY, acceptance=Acceptance.CONTINUED_USE, published_at=days_ago(1), effective_at=in_days(20)
    )


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(people.uma())
    return client


def test_it_is_never_outstanding_and_gates_nothing(upcoming: Version) -> None:
    for at in (clock.now(), in_days(90)):
        assert acceptance.outstanding(person=uma(), at=at) == ()


def test_the_page_shows_the_change_and_says_that_no_answer_is_needed(signed_in: Client, upcoming: Version) -> None:
    page = signed_in.get("/review/privacy/").content.decode()
    assert "<ins" in page
    assert "You do not have to answer" in page
    assert "Decline Privacy Policy, version 2" in page


def test_declining_is_recorded_and_leads_to_leaving(signed_in: Client, upcoming: Version) -> None:
    form = form_of(signed_in.get("/review/privacy/"))
    receipt = signed_in.post("/review/privacy/", {**form, "answer": "decline"}, follow=True).content.decode()
    assert Act.objects.of(uma()).get().kind == "declined"
    assert "/account/leave/" in receipt
    assert "stop using it" in receipt


def test_using_on_is_never_recorded_as_agreed(signed_in: Client, upcoming: Version) -> None:
    signed_in.get("/demo/product/")
    signed_in.get("/review/privacy/")
    assert not Act.objects.exists()


def test_somebody_it_does_not_bind_may_not_object(upcoming: Version) -> None:
    change_terms(upcoming.policy, audiences=("pilots",))
    policy = Policy.objects.get(pk=upcoming.policy_id)
    assert acceptance.objection_open(policy=policy, person=uma(), at=clock.now()) is None


def test_every_version_since_the_accepted_one_says_what_changed(signed_in: Client) -> None:
    policy = asking_policy(slug="terms")
    first = asking_version(policy, effective_at=days_ago(60), published_at=days_ago(61), body=BODY)
    acceptance.accept(person=uma(), version=first, showing=screen_of(first), how=BY_FORM, at=days_ago(50))
    for days, said in ((40, "Seven euros became eight."), (20, "Eight euros became nine.")):
        asking_version(
            policy, effective_at=days_ago(days), published_at=days_ago(days + 1), body=f"{said}\n", what_changed=said
        )
    page = signed_in.get("/review/terms/").content.decode()
    assert "Seven euros became eight." in page
    assert "Eight euros became nine." in page
