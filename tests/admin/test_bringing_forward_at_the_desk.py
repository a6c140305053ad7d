"""Bringing a version forward at the desk: the page looks at a day first, and says what will happen."""

import pytest
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import version_url
from policies.models import Notice, Version
from tests import factories, people
from tests.publishing.test_bringing_forward import announced, promising

pytestmark = pytest.mark.django_db


def day(days: int) -> str:
    return f"{factories.in_days(days):%Y-%m-%d}"


def test_a_day_is_looked_at_and_then_set(edith: Client) -> None:
    factories.make_person()
    version = announced(promising(10))
    address = version_url(version, "bring_forward")
    assert address in edith.get(version_url(version)).content.decode()
    empty = edith.get(address).content.decode()
    assert "No mail about it has been tried yet" in empty
    assert "The promise in force is kept from" in empty
    seen = edith.get(address, {"day": day(20)}).content.decode()
    assert "If it took effect on" in seen
    assert "The notice period of 10 days is kept." in seen
    assert "1 person gets a mail that names the new day" in seen
    answer = edith.post(address, {"day": day(20), "reason": "The year was wrong."}, follow=True).content.decode()
    assert "Brought forward: it takes effect on" in answer
    assert "The year was wrong." in answer
    found = Version.objects.get(pk=version.pk).effective_at
    assert found is not None
    assert f"{found:%Y-%m-%d}" == day(20)
    page = edith.get(f"/p/{version.policy.slug}/v/{version.label}/").content.decode()
    assert "Effective date brought forward from" in page
    told = edith.get(f"/api/v1/policies/{version.policy.slug}/versions/{version.label}").json()
    assert told["date_changes"][0]["reason"] == "The year was wrong."


def test_a_breach_is_shown_before_and_refused(edith: Client, ravi: Client) -> None:
    version = announced(promising(30))
    address = version_url(version, "bring_forward")
    seen = edith.get(address, {"day": day(20)}).content.decode()
    assert "The notice period is too short" in seen
    refused = edith.post(address, {"day": day(20), "reason": "Now."})
    assert refused.status_code == 409
    assert "The notice period is too short" in refused.content.decode()
    assert not version.date_changes.exists()


def test_after_the_first_try_the_page_says_so(edith: Client) -> None:
    version = announced()
    Notice.objects.create(
        version=version, stream="legal", rate_per_minute=60, created_at=clock.now(), begun_at=clock.now()
    )
    assert version_url(version, "bring_forward") not in edith.get(version_url(version)).content.decode()
    page = edith.get(version_url(version, "bring_forward")).content.decode()
    assert "it can only be postponed now" in page
    assert "Bring it forward</button>" not in page
    sent = edith.post(version_url(version, "bring_forward"), {"day": day(20), "reason": "x"})
    assert sent.status_code == 409


def test_an_odd_day_is_no_error(edith: Client) -> None:
    address = version_url(announced(), "bring_forward")
    for odd in ("", "x", "0000-00-00", "9999-99-99", "2027-02-31", "9999-12-31", "0001-01-01"):
        assert edith.get(address, {"day": odd}).status_code == 200


def test_overriding_is_offered_to_approvers_who_did_not_write_it() -> None:
    version = announced(promising(30))
    user = people.ravi()
    user.groups.add(*people.edith().groups.all())
    address = version_url(version, "bring_forward")
    client = people.signed_in(user)
    page = client.get(address, {"day": day(20)}).content.decode()
    assert 'name="override_reason"' in page
    sent = client.post(address, {"day": day(20), "reason": "Now.", "override_reason": "A court said so."})
    assert sent.status_code == 302
    assert version.date_changes.get().override_reason == "A court said so."
