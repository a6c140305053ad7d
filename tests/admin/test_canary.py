"""To whom a notice goes first is chosen on the publish page, and on the notice from its planning on."""

from typing import Any

import pytest
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import version_url
from policies.models import Notice, Version
from policies.notices.plan import planning
from tests import factories
from tests.admin import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved() -> Version:
    for _ in range(5):
        factories.make_person()
    return factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))


def publish(client: Client, version: Version, **choice: Any) -> Any:
    seen = desk.seen_manifest(client, version, "publish")
    return desk.press(client, version, "publish", seen_manifest=seen, **choice)


def planned(version: Version) -> Notice:
    planning.plan_due(at=clock.now())
    return version.notices.get(stream="legal")


@pytest.mark.parametrize(
    ("choice", "hold_after"),
    [
        ({"first": "few", "canary": "5"}, 5),
        ({"first": "everybody", "canary": "x"}, None),
        ({}, 2),
    ],
)
def test_the_notice_waits_as_was_chosen(
    choice: dict[str, str], hold_after: int | None, edith: Client, approved: Version, settings: Any
) -> None:
    settings.NOTICE_CANARY = 2
    assert publish(edith, approved, **choice).status_code == 302
    assert planned(approved).hold_after == hold_after


@pytest.mark.parametrize(
    ("canary", "said"),
    [
        ("6", "Choose a number from 1 to 5: so many have an address."),
        ("0", "Choose at least 1."),
        ("-3", "Choose at least 1."),
        ("", "Say how many people are told first, or choose everybody."),
        ("ten", "Enter a whole number."),
    ],
)
def test_a_number_that_cannot_be_is_refused_at_its_field(
    canary: str, said: str, edith: Client, approved: Version
) -> None:
    refused = publish(edith, approved, first="few", canary=canary)
    assert refused.context["form"].errors == {"canary": [said]}
    assert said in refused.content.decode()
    approved.refresh_from_db()
    assert approved.published_at is None


@pytest.mark.parametrize(("setting", "proposed"), [(0, ("everybody", 5)), (3, ("few", 3)), (900, ("few", 5))])
def test_the_page_proposes_what_the_deployment_is_set_to(
    setting: int, proposed: tuple[str, int], edith: Client, approved: Version, settings: Any
) -> None:
    settings.NOTICE_CANARY = setting
    first, canary = proposed
    page = edith.get(version_url(approved, "publish"))
    assert f'value="{first}" form="publish" checked' in page.content.decode()
    assert page.context["form"]["canary"].value() == canary


def test_where_nobody_is_told_by_mail_nothing_is_asked(edith: Client) -> None:
    alone = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    assert "Who gets the mail first?" not in edith.get(version_url(alone, "publish")).content.decode()
    assert publish(edith, alone).status_code == 302


def test_until_it_waits_the_notice_says_after_whom(edith: Client, approved: Version) -> None:
    publish(edith, approved, first="few", canary="4")
    shown = edith.get(f"/admin/policies/notice/{planned(approved).pk}/change/").content.decode()
    assert "after the first 4 mails" in shown


def test_oscar_chooses_nothing(oscar: Client, edith: Client, approved: Version) -> None:
    seen = desk.seen_manifest(edith, approved, "publish")
    pressed = desk.press(oscar, approved, "publish", seen_manifest=seen, first="few", canary="1")
    assert pressed.status_code in {302, 403}
    assert not Notice.objects.exists()
    approved.refresh_from_db()
    assert approved.published_at is None
