"""What a look brings to public pages: its colors and logo for ever at their addresses, and no cost for the pages."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from policies import clock
from policies.look import in_use
from tests import factories
from tests.views.asking import get

pytestmark = pytest.mark.django_db


def test_without_a_look_a_page_asks_for_nothing_more() -> None:
    page = get("/")
    assert "/look/" not in page
    assert "imprint" not in page


def test_pages_show_the_name_the_logo_the_links_and_the_imprint() -> None:
    words = {"en": {"links": [["About <us>", "https://example.org/about"]], "imprint": "Nordwind <b>\nHamburg"}}
    factories.make_look(
        used_at=clock.now(), organization="Nordwind", accent="#7a1f5c", logo=factories.LOGO, words=words
    )
    page = get("/")
    assert "Nordwind</title>" in page
    assert '<a href="https://example.org/about">About &lt;us&gt;</a>' in page
    assert "Nordwind &lt;b&gt;<br>Hamburg" in page
    look = in_use.look()
    assert f'<link rel="stylesheet" href="{look.sheet_url}">' in page
    assert f'src="{look.logo_url}"' in page


def test_colors_and_logos_stay_at_their_addresses_when_others_follow() -> None:
    factories.make_look(used_at=factories.days_ago(2), accent="#7a1f5c", logo=factories.LOGO)
    old = in_use.look()
    factories.make_look(used_at=factories.days_ago(1), accent="#124f2a")
    for address, kind in ((old.sheet_url, "text/css; charset=utf-8"), (old.logo_url, "image/png")):
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert "--accent: #7a1f5c" in Client().get(old.sheet_url).content.decode()


def test_what_is_prepared_has_no_public_address() -> None:
    prepared = in_use.look_of(factories.make_look(accent="#7a1f5c", logo=factories.LOGO))
    assert {Client().get(address).status_code for address in (prepared.sheet_url, prepared.logo_url)} == {404}


def test_pages_cost_no_query_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    factories.make_look(used_at=clock.now(), organization="Nordwind", accent="#7a1f5c")
    get("/robots.txt")
    in_use.look()
    with django_assert_num_queries(0):
        assert in_use.organization() == "Nordwind"


def test_another_process_has_a_new_look_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = in_use.InUse()
    assert memory.look().name == ""
    factories.make_look(used_at=clock.now(), organization="Nordwind")
    assert memory.look().name == ""
    monkeypatch.setattr(in_use, "REREAD_SECONDS", 0.0)
    assert memory.look().name == "Nordwind"
