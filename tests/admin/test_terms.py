"""Terms at the desk: a form until something is published, then a proposal and a second person."""

import pytest
from django.test import Client

from policies.admin.desk.page_links import policy_url
from policies.models import TERMS, Policy, TermsProposal
from tests import factories, people
from tests.admin.test_bad_input import NEW_POLICY

pytestmark = pytest.mark.django_db


@pytest.fixture
def published() -> Policy:
    policy = factories.make_policy(time_zone="Europe/Berlin")
    factories.make_version(policy)
    factories.change_terms(policy)
    return policy


def propose(client: Client, policy: Policy, **changes: object) -> str:
    shown = {name: value for name, value in policy.terms.items() if value is not False}
    answer = client.post(policy_url(policy, "terms"), {**shown, "reason": "A fair time.", **changes}, follow=True)
    return answer.content.decode()


def test_terms_are_read_on_the_form_once_something_is_published(published: Policy, edith: Client) -> None:
    page = edith.get(policy_url(published)).content.decode()
    assert [name for name in TERMS if f'name="{name}"' in page] == []
    edith.post(policy_url(published), {**NEW_POLICY, "title": "New title", "time_zone": "Asia/Tokyo", "solo": "on"})
    published.refresh_from_db()
    assert (published.title, published.time_zone, published.solo) == ("New title", "Europe/Berlin", False)


def test_another_person_sees_what_is_proposed_and_approves_it(published: Policy, edith: Client, ravi: Client) -> None:
    said = propose(edith, published, grace_period_days=30)
    assert "Nothing changes until it is approved" in said
    assert "Days of grace after effect" in said
    assert "Approve it, or take it back" in ravi.get("/admin/").content.decode()
    page = ravi.get(policy_url(published, "approve_terms")).content.decode()
    assert "A fair time." in page
    ravi.post(policy_url(published, "approve_terms"), {"seen": TermsProposal.objects.get().pk})
    published.refresh_from_db()
    assert published.grace_period_days == 30
    assert "Edith Moore, approved by Ravi Nair" in edith.get(policy_url(published)).content.decode()


def test_who_proposed_may_not_approve_but_take_back(published: Policy, edith: Client) -> None:
    propose(edith, published, grace_period_days=30)
    seen = {"seen": TermsProposal.objects.get().pk}
    assert edith.post(policy_url(published, "approve_terms"), seen).status_code == 403
    assert edith.post(policy_url(published, "take_back_terms")).status_code == 302
    assert not TermsProposal.objects.exists()
    assert edith.get(policy_url(published, "take_back_terms")).status_code == 404


def test_nobody_approves_terms_that_took_the_place_of_those_shown(
    published: Policy, edith: Client, ravi: Client
) -> None:
    propose(edith, published, grace_period_days=30)
    page = ravi.get(policy_url(published, "approve_terms"))
    edith.post(policy_url(published, "take_back_terms"))
    propose(edith, published, audiences=("nobody",))
    answer = ravi.post(policy_url(published, "approve_terms"), {"seen": page.context["form"].initial["seen"]})
    assert (answer.status_code, "taken back meanwhile" in answer.content.decode()) == (409, True)
    published.refresh_from_db()
    assert (published.audiences, published.grace_period_days) == ((), 0)


def test_a_wrong_or_unchanged_proposal_is_refused_with_the_reason(published: Policy, edith: Client) -> None:
    assert "Nothing would change" in propose(edith, published)
    assert "is not a time zone" in propose(edith, published, time_zone="Mars/Olympus")
    people.ravi()
    assert "Ravi Nair can approve" in propose(edith, published, solo="on")


def test_solo_mode_is_refused_before_anything_is_published_too(edith: Client) -> None:
    people.ravi()
    answer = edith.post("/admin/policies/policy/add/", {**NEW_POLICY, "solo": "on"})
    assert "Ravi Nair can approve: solo mode is for a desk with nobody else." in answer.content.decode()
    assert not Policy.objects.exists()
