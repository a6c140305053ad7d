"""A correction as people at the desk meet it: begun, read with what follows it, published as one."""

import pytest
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import version_url
from policies.models import Policy, Version
from tests import factories
from tests.admin import desk

pytestmark = pytest.mark.django_db

BODY = "# Privacy\n\nWe keep your adress and your name.\n\nYou may leave at any time.\n"
NEXT = BODY.replace("You may leave", "From now on you may leave")


@pytest.fixture
def policy() -> Policy:
    in_force = factories.make_version(body=BODY)
    factories.make_version(in_force.policy, body=NEXT, effective_at=factories.in_days(20))
    return in_force.policy


def begun(edith: Client, policy: Policy) -> Version:
    in_force = policy.versions.in_force(clock.now()).get()
    page = edith.get(version_url(in_force)).content.decode()
    assert version_url(in_force, "correct") in page
    assert desk.press(edith, in_force, "correct").status_code == 302
    return policy.versions.drafts().get()


def test_its_draft_says_what_it_corrects(edith: Client, policy: Policy) -> None:
    draft = begun(edith, policy)
    assert "corrects version 1" in edith.get(version_url(draft)).content.decode()
    assert "A correction to finish" in edith.get("/admin/").content.decode()
    assert edith.get(version_url(draft, "correct")).status_code == 404


def test_one_approval_and_one_publication_correct_both_texts(edith: Client, ravi: Client, policy: Policy) -> None:
    draft = begun(edith, policy)
    saved = desk.save(edith, draft, **{"text-en-body": BODY.replace("adress", "address")})
    assert saved.status_code == 302
    assert "1 change is carried to version 2" in edith.get(version_url(draft)).content.decode()
    assert desk.press(edith, draft, "submit").status_code == 302
    reading = ravi.get(version_url(draft, "review")).content.decode()
    assert "1 change is carried to version 2" in reading
    assert reading.count("inserted: </span>address") == 2  # its own redline, and that of what follows
    follows = draft.companions.get()
    assert "together with the correction it follows" in edith.get(version_url(follows)).content.decode()
    seen = desk.seen_manifest(ravi, draft, "review")
    assert desk.press(ravi, draft, "review", approve="", seen_manifest=seen).status_code == 302
    assert "Publish version 1.1" in edith.get(version_url(draft, "publish")).content.decode()
    seen = desk.seen_manifest(edith, draft, "publish")
    assert desk.press(edith, draft, "publish", seen_manifest=seen).status_code == 302
    labels = [str(version.label) for version in policy.versions.standing()]
    assert labels == ["2.1", "2", "1.1", "1"]
    public = Client().get(f"/p/{policy.slug}/")
    assert "your address" in public.content.decode()
    assert "Version 1.1" in public.content.decode()
    assert Client().get(f"/p/{policy.slug}/v/1.1/").status_code == 200
    assert Client().get(f"/p/{policy.slug}/compare/1...1.1/").status_code == 200
    assert "Version 2.1" in Client().get(f"/p/{policy.slug}/history/").content.decode()


def test_what_may_matter_is_refused_when_it_is_handed_in(edith: Client, policy: Policy) -> None:
    draft = begun(edith, policy)
    desk.save(edith, draft, **{"text-en-body": BODY.replace("You may leave", "You may not leave")})
    refused = desk.press(edith, draft, "submit").content.decode()
    assert "a correction changes no meaning" in refused


def test_a_superseded_version_offers_no_correction_and_refuses_one(edith: Client) -> None:
    superseded = factories.make_version(body=BODY)
    factories.make_version(superseded.policy, body=NEXT, published_at=factories.days_ago(1))
    page = edith.get(version_url(superseded)).content.decode()
    assert version_url(superseded, "correct") not in page
    refused = desk.press(edith, superseded, "correct")
    assert "neither in force nor announced" in refused.content.decode()
