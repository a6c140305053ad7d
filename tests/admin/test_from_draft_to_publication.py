"""The way of a version through the desk, button by button."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from policies.admin.desk.page_links import policy_url, version_url
from policies.models import AuditEvent
from tests import factories
from tests.admin import desk

pytestmark = pytest.mark.django_db


def test_edith_writes_ravi_approves_edith_publishes(edith: Client, ravi: Client) -> None:
    policy = factories.make_version().policy
    edith.post(policy_url(policy, "new_version"))
    draft = policy.versions.drafts().get()
    saved = desk.save(edith, draft, **desk.MATERIAL, **{"text-en-body": factories.NEXT_BODY})
    assert saved.url == version_url(draft)
    assert desk.press(edith, draft, "submit").status_code == 302
    seen = desk.seen_manifest(ravi, draft, "review")
    assert desk.press(ravi, draft, "review", approve="", seen_manifest=seen).status_code == 302
    published = desk.press(edith, draft, "publish", seen_manifest=desk.seen_manifest(edith, draft, "publish"))
    assert published.url == version_url(draft)
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("published", 2)
    verbs = AuditEvent.objects.filter(version=draft).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["version.started", "version.submitted", "version.approved", "version.published"]


def test_an_embargo_is_typed_in_the_policys_zone_and_said_before_publishing(edith: Client, ravi: Client) -> None:
    policy = factories.make_version(factories.make_policy(time_zone="America/Chicago")).policy
    edith.post(policy_url(policy, "new_version"))
    draft = policy.versions.drafts().get()
    fields = {**desk.MATERIAL, "text-en-body": factories.NEXT_BODY, "visible_from": "2099-07-01T09:30"}
    assert desk.save(edith, draft, **fields).status_code == 302
    draft.refresh_from_db()
    assert draft.visible_from == datetime(2099, 7, 1, 14, 30, tzinfo=UTC)
    assert 'value="2099-07-01T09:30"' in edith.get(version_url(draft)).content.decode()
    desk.press(edith, draft, "submit")
    desk.press(ravi, draft, "review", approve="", seen_manifest=desk.seen_manifest(ravi, draft, "review"))
    page = edith.get(version_url(draft, "publish")).content.decode()
    assert "Under embargo until July 1, 2099, 09:30" in page
    pressed = desk.press(edith, draft, "publish", seen_manifest=desk.seen_manifest(edith, draft, "publish"))
    assert pressed.status_code == 302
    assert "under embargo" in edith.get(version_url(draft)).content.decode()
    assert Client().get(f"/p/{policy.slug}/v/2/").status_code == 404
