"""What keeps a draft from being published is said when it is saved, handed in, approved and published: one list."""

from datetime import timedelta

import pytest
from django.test import Client

from policies import authoring, clock, publishing, review
from policies.admin.desk.page_links import version_url
from policies.authoring.obstacles import Kind, obstacles_of
from policies.models import Version
from tests import factories, people
from tests.admin import desk
from tests.admin.conftest import edith, ravi, sign_in  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def beside_an_upcoming_one() -> Version:
    """A complete draft that would take effect at once, where another version was announced."""
    policy = factories.make_version().policy
    factories.make_version(policy, published_at=factories.days_ago(1), effective_at=factories.in_days(20))
    draft = factories.make_draft(policy, body=factories.NEXT_BODY + "\nMore.\n", **desk.MATERIAL)
    return Version.objects.get(pk=draft.pk)


def kinds(version: Version) -> list[str]:
    return [each.kind for each in obstacles_of(version, at=clock.now())]


def test_at_once_beside_an_upcoming_version_is_in_the_way() -> None:
    draft = beside_an_upcoming_one()
    assert kinds(draft) == [Kind.OUT_OF_ORDER]
    with pytest.raises(review.Incomplete, match="none means at once"):
        review.submit(version=draft, by=people.edith(), at=clock.now())
    authoring.save_draft(
        version=draft, by=people.edith(), at=clock.now(), fields={"effective_at": factories.in_days(21)}
    )
    draft.refresh_from_db()
    assert kinds(draft) == []
    review.submit(version=draft, by=people.edith(), at=clock.now())


def test_it_is_said_on_saving_with_a_way_to_the_field(edith: Client) -> None:  # noqa: F811
    draft = beside_an_upcoming_one()
    saved = desk.save(edith, draft, why="Because.")
    page = edith.get(saved.headers["Location"]).content.decode()
    assert "Saved as revision 1." in page
    assert "It cannot be published like this. An earlier number takes effect only on" in page
    assert f'<a href="{version_url(draft)}#id_effective_on">' in page
    handed_in = edith.get(version_url(draft, "submit")).content.decode()
    assert f'<a href="{version_url(draft)}#id_effective_on">' in handed_in
    assert 'class="desk-button desk-button--first">Submit for review' not in handed_in


def test_today_is_refused_where_the_day_is_typed(edith: Client) -> None:  # noqa: F811
    draft = desk.material_draft()
    today = clock.now().astimezone(draft.policy.zone).date()
    answer = desk.save(edith, draft, effective_on=str(today))
    assert answer.status_code == 422
    assert "began at 00:00, before it could be published. Choose tomorrow or later" in answer.content.decode()


def test_what_came_in_the_way_since_keeps_it_from_being_approved(ravi: Client) -> None:  # noqa: F811
    draft = desk.material_draft()
    authoring.save_draft(
        version=draft, by=people.edith(), at=clock.now(), fields={"effective_at": factories.in_days(1)}
    )
    review.submit(version=draft, by=people.edith(), at=clock.now())
    later = clock.now() + timedelta(days=2)
    with pytest.raises(review.Incomplete, match="The effective date has passed"):
        review.approve(version=draft, by=people.ravi(), at=later)
    Version.objects.filter(pk=draft.pk).update(effective_at=factories.days_ago(1))
    page = ravi.get(version_url(draft, "review")).content.decode()
    assert "It could not be published as it stands, so it cannot be approved." in page
    assert 'name="approve"' not in page
    assert 'name="request_changes"' in page


@pytest.mark.parametrize("name", ["what_changed", "why", "impact", "what_you_can_do", "reasons"])
def test_each_missing_part_leads_to_its_field(edith: Client, name: str) -> None:  # noqa: F811
    draft = desk.material_draft()
    Version.objects.filter(pk=draft.pk).update(**{name: [] if name == "reasons" else ""})
    page = edith.get(version_url(draft)).content.decode()
    assert "1 thing is missing before review" in page
    place = "id_reasons_0" if name == "reasons" else f"id_{name}"
    assert f'<a href="{version_url(draft)}#{place}">' in page
    assert f'id="{place}"' in page


def test_the_publish_page_and_the_verb_say_the_same(edith: Client) -> None:  # noqa: F811
    draft = factories.make_approved(effective_at=factories.in_days(1))
    Version.objects.filter(pk=draft.pk).update(effective_at=factories.days_ago(1))
    draft.refresh_from_db()
    [found] = obstacles_of(draft, at=clock.now())
    assert found.words in edith.get(version_url(draft, "publish")).content.decode()
    with pytest.raises(publishing.TooSoon) as refused:
        publishing.publish(version=draft, by=people.edith(), at=clock.now())
    assert str(refused.value) == found.words


def test_handing_in_without_a_change_makes_no_revision(edith: Client) -> None:  # noqa: F811
    draft = desk.material_draft()
    desk.save(edith, draft, why="Because.")
    draft.refresh_from_db()
    form = desk.form_of(draft)
    # As a browser sends it.
    form["text-en-body"] = form["text-en-body"].replace("\n", "\r\n")
    answer = edith.post(version_url(draft), {**form, "_next": ""})
    assert answer.headers["Location"] == version_url(draft, "submit")
    assert [revision.number for revision in draft.revisions.all()] == [1]
    saved = edith.post(version_url(draft), {**form, "_save": ""}, follow=True)
    assert "Nothing was changed: revision 1 stands." in saved.content.decode()


def test_saving_without_a_change_keeps_an_approval() -> None:
    draft = factories.make_approved()
    text = draft.texts.get()
    same = authoring.TextInput("en", f" {text.title}", text.body.replace("\n", "\r\n"))
    kept = authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), texts=[same])
    draft.refresh_from_db()
    assert (kept, draft.status) == (draft.revisions.latest(), "approved")
