"""Every public page of every policy of the demo, as a visitor finds it, and the record behind it."""

import pytest
from django.test import Client

from policies import evidence
from policies.demo import cast, loading
from policies.models import Policy
from tests.demo.test_load_demo import SLUGS

pytestmark = pytest.mark.xdist_group("filled")


@pytest.mark.parametrize("slug", SLUGS)
def test_each_page_of_a_policy_is_there(demo: loading.Loaded, client: Client, slug: str) -> None:
    compared = ["compare/1...2/", "compare/2...3/"]
    for path in ["", "history/", "feed.atom", "follow/", *compared, "v/1/", "v/2/", "v/3/", "v/3.md"]:
        assert client.get(f"/p/{slug}/{path}").status_code == 200, path


@pytest.mark.parametrize("slug", SLUGS)
def test_a_visitor_sees_the_title_and_what_is_coming(demo: loading.Loaded, client: Client, slug: str) -> None:
    page = client.get(f"/p/{slug}/").content.decode()
    assert Policy.objects.get(slug=slug).title in page
    assert "Version 3 takes effect on" in page


def test_the_terms_can_be_read_in_german(demo: loading.Loaded, client: Client) -> None:
    page = client.get("/p/account-terms/de/v/3/").content.decode()
    assert "Gemeinsam arbeiten" in page


def test_the_home_page_says_how_each_of_the_cast_signs_in(demo: loading.Loaded, client: Client) -> None:
    page = client.get("/").content.decode()
    for address in [*(member.address for member in cast.CAST), cast.VERA_ADDRESS]:
        assert address in page


def test_the_ledger_of_the_demo_verifies(demo: loading.Loaded) -> None:
    report = evidence.verify(kept=[])
    assert report.is_good
    assert report.leaves > 500
