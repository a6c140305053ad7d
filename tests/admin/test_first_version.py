"""A policy before its first publication: what it is not asked, what is not offered, and whom it would stop."""

import pytest
from django.test import Client

from policies import publishing
from policies.admin.desk.page_links import policy_url, version_url
from policies.models import Policy, Version
from tests import factories, people
from tests.admin import desk
from tests.admin.conftest import SignIn

pytestmark = pytest.mark.django_db

QUESTIONS = ("tier", "reasons", "lowering_reason", "retroactive", "override_reason", "what_changed")


@pytest.fixture
def first(db: None) -> Version:
    return factories.make_draft(factories.make_policy(slug="terms"), acceptance="explicit")


def test_a_first_version_is_asked_nothing_about_a_change(edith: Client, first: Version) -> None:
    page = edith.get(version_url(first)).content.decode()
    assert [name for name in QUESTIONS if f'name="{name}"' in page] == []
    assert "This is the first version" in page
    form = {name: value for name, value in desk.form_of(first).items() if name not in QUESTIONS}
    saved = edith.post(version_url(first), {**form, "text-en-title": "Terms of Use", "_save": ""})
    assert saved.status_code == 302
    assert first.texts.get().title == "Terms of Use"
    assert desk.press(edith, first, "submit").status_code == 302


def test_what_was_decided_before_can_still_be_mended(edith: Client, first: Version) -> None:
    Version.objects.filter(pk=first.pk).update(change_class="material", reasons=["retention"])
    page = edith.get(version_url(first)).content.decode()
    assert all(f'name="{name}"' in page for name in QUESTIONS)


def test_a_first_version_can_still_be_told_by_mail(edith: Client, first: Version) -> None:
    page = edith.get(version_url(first)).content.decode()
    assert "Are people told of it by mail?" in page
    factories.make_person()
    desk.save(edith, first, change_class="material", reasons=None, acceptance="explicit")
    assert desk.press(edith, first, "submit").status_code == 302
    assert "They are asked by notice and banner before." in edith.get(version_url(first)).content.decode()


def test_a_second_version_is_asked(edith: Client) -> None:
    page = edith.get(version_url(desk.material_draft())).content.decode()
    assert all(f'name="{name}"' in page for name in QUESTIONS)


def test_before_publication_nothing_is_confirmed_renamed_or_retired(edith: Client, first: Version) -> None:
    verbs = ("confirm", "rename", "retire")
    page = edith.get(policy_url(first.policy)).content.decode()
    assert [verb for verb in verbs if policy_url(first.policy, verb) in page] == []
    assert 'name="slug"' in page
    factories.make_version(first.policy)
    page = edith.get(policy_url(first.policy)).content.decode()
    assert [verb for verb in verbs if policy_url(first.policy, verb) in page] == list(verbs)
    assert 'name="slug"' not in page


def test_people_who_are_stopped_and_not_told_are_not_said_to_be_asked_before(edith: Client, first: Version) -> None:
    for _ in range(3):
        factories.make_person()
    page = edith.get(version_url(first)).content.decode()
    assert "3 people would be stopped at once, at the moment of publication" in page
    assert "asked by notice and banner before" not in page
    assert "No notice tells them before" in page
    assert "The policy gives no days of grace." in page
    assert f'<a href="{policy_url(first.policy)}#id_grace_period_days">Give them days of grace</a>' in page
    assert 'id="id_grace_period_days"' in edith.get(policy_url(first.policy)).content.decode()
    Policy.objects.filter(pk=first.policy_id).update(grace_period_days=14)
    page = edith.get(version_url(first)).content.decode()
    assert "3 people would be stopped on " in page
    assert "They have 14 days of grace after it takes effect." in page


def test_people_who_are_told_are_said_to_be(edith: Client) -> None:
    policy = factories.make_version().policy
    draft = factories.make_draft(
        policy,
        body=factories.NEXT_BODY,
        **{**desk.MATERIAL, "acceptance": "explicit"},
        effective_at=factories.in_days(9),
    )
    page = edith.get(version_url(draft)).content.decode()
    assert "They are asked by notice and banner before." in page


def test_the_first_terms_can_be_published_without_a_question(edith: Client, sign_in: SignIn, first: Version) -> None:
    desk.press(edith, first, "submit")
    ravi = sign_in(people.ravi())
    desk.press(ravi, first, "review", approve="", seen_manifest=desk.seen_manifest(ravi, first, "review"))
    desk.press(edith, first, "publish", seen_manifest=desk.seen_manifest(edith, first, "publish"))
    first.refresh_from_db()
    assert first.number == 1
    assert publishing.next_number(first.policy) == 2
