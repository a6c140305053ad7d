"""The notice's page: what keeps mails from going out, and what waits for somebody."""

import re

import pytest
from django.test import Client

from policies import clock
from policies.admin.desk.page_links import policy_url, version_url
from policies.models import Notice
from policies.notices.plan import steering
from policies.notices.send import route
from tests import factories
from tests.notices.telling import open_notice, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> Notice:
    people(2)
    return open_notice()


def page_of(notice: Notice, client: Client) -> str:
    return client.get(f"/admin/policies/notice/{notice.pk}/change/").content.decode()


def test_it_says_why_the_mail_server_is_left_alone(edith: Client, notice: Notice) -> None:
    route.hold(name="mail.example:25", reason="connect: Connection refused")
    shown = page_of(notice, edith)
    assert "mail.example:25 is left alone until" in shown
    assert "connect: Connection refused" in shown
    route.free(name="mail.example:25")
    assert "is left alone until" not in page_of(notice, edith)


def test_a_paused_notice_waits_at_the_desk_for_whoever_may_resume_it(
    edith: Client, ravi: Client, notice: Notice
) -> None:
    assert "Paused: look, then resume" not in edith.get("/admin/").content.decode()
    steering.pause(notice=notice, reason="Look.", by=None, at=clock.now())
    assert "Paused: look, then resume" in edith.get("/admin/").content.decode()
    assert "Paused: look" not in ravi.get("/admin/").content.decode()


def test_it_says_who_the_audience_is_and_leads_to_what_it_is_about(edith: Client, notice: Notice) -> None:
    shown, version = page_of(notice, edith), notice.version
    assert "Everybody with an account: the policy binds them all." in shown
    assert f'/people/">{notice.audience_count}</a>' in shown
    assert notice.audience_sha256 in shown
    way = shown.split('<div class="breadcrumbs">')[1].split("</div>")[0]
    for url in ("/admin/", policy_url(version.policy), version_url(version)):
        assert f'href="{url}"' in way
    assert "/notice/" not in way
    assert f'href="/p/{version.policy.slug}/v/{version.label}/"' in shown


def test_a_mail_is_shown_as_it_is_sent(edith: Client, notice: Notice) -> None:
    page = f"/admin/policies/notice/{notice.pk}/mail/en/"
    assert f'href="{page}"' in page_of(notice, edith)
    mail = edith.get(page)
    assert "sandbox" in mail["Content-Security-Policy"]
    assert notice.version.policy.title in mail.content.decode()
    assert "fill-in-the-account" not in mail.content.decode()
    assert edith.get(f"/admin/policies/notice/{notice.pk}/mail/tlh/").status_code == 404


def test_what_is_written_stands_above_what_was_published(edith: Client) -> None:
    policy = factories.make_version().policy
    factories.make_version(policy)
    factories.make_draft(policy)
    shown = edith.get(policy_url(policy)).content.decode()
    names = re.findall(r'<th scope="row"><a href="[^"]+">(\w+(?: \d+)?)</a>', shown)
    assert names == ["Draft", "Version 2", "Version 1"]
