"""The desk prints no instant without its zone."""

import re

import pytest
from django.test import Client

from policies import authoring, clock
from policies.admin.desk.page_links import version_url
from tests import factories, people
from tests.admin.addresses import every_address
from tests.whole_site import World, root

pytestmark = pytest.mark.django_db

CLOCK = re.compile(r"\b([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?\b(?P<after>[^<]{0,60})")
ZONE = re.compile(r"^\s*(UTC|\([A-Za-z_]+(/[A-Za-z_]+)*\)|[A-Z]{3,4}\b|in the .{0,16}legal zone)")
UNREAD = re.compile(r"<(script|style|pre|textarea|iframe)\b.*?</\1>|<!--.*?-->", re.DOTALL)
# Whose column or sentence names the zone; and what is no instant of the record.
NAMED_ELSEWHERE = {"admin:policies_notice_person"}


def test_every_time_of_day_at_the_desk_has_its_zone() -> None:
    world = World()
    client, bare = root(world), {}
    for name, path in every_address().items():
        if name in NAMED_ELSEWHERE:
            continue
        page = client.get(path)
        if page.status_code != 200 or page.streaming or "text/html" not in page.headers["Content-Type"]:
            continue
        words = re.sub(
            r"<(script|style|pre|textarea|iframe)\b.*?</\1>|<!--.*?-->", "", page.content.decode(), flags=re.DOTALL
        )
        words = re.sub(r"<[^>]+>", "<>", words)
        found = [match[0] for match in CLOCK.finditer(words) if not ZONE.match(match["after"])]
        if found:
            bare[name] = found[:3]
    assert bare == {}


def test_the_strip_the_reviews_and_the_revisions_name_the_zone_of_the_policy(edith: Client) -> None:
    policy = factories.make_policy(time_zone="America/Chicago")
    factories.make_version(policy)
    draft = factories.make_approved(policy)
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now(), fields={"why": "Because."})
    for verb in ("change", "revisions"):
        assert "(America/Chicago)" in edith.get(version_url(draft, verb)).content.decode()
