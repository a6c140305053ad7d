"""The notice's page: what keeps mails from going out, and what waits for somebody."""

import pytest
from django.test import Client

from policies import clock
from policies.models import Notice
from policies.notices.plan import steering
from policies.notices.send import route
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
