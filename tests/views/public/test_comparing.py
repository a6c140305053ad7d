"""The redline of any two versions."""

import pytest
from django.core.cache import cache

from policies.models import Policy
from policies.views.public import comparing
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db


@pytest.fixture
def privacy() -> Policy:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, published_at=factories.days_ago(90))
    factories.make_version(
        policy, published_at=factories.days_ago(60), body=factories.NEXT_BODY, what_changed="Data is kept longer."
    )
    factories.make_version(policy, published_at=factories.days_ago(30), body=factories.NEXT_BODY.replace("two", "nine"))
    return policy


def test_a_redline_says_what_changed_in_words_numbers_and_place(privacy: Policy) -> None:
    page = get("/p/privacy/compare/1...2/")
    assert "Data is kept longer." in page
    assert "2 sections changed; 4 words added, 2 removed." in page
    assert 'href="#r-s-how-long-we-keep-it"' in page
    assert 'id="r-s-how-long-we-keep-it"' in page
    assert "telephone number" in page
    assert "<ins>" in page


@pytest.mark.parametrize(
    ("view", "sign"), [("inline", "redline-inline"), ("side", "redline-side"), ("changes", "redline-folded")]
)
def test_a_redline_can_be_looked_at_in_three_ways(privacy: Policy, view: str, sign: str) -> None:
    assert sign in get(f"/p/privacy/compare/1...2/?view={view}")


def test_versions_that_do_not_follow_each_other_are_compared_too(privacy: Policy) -> None:
    page = get("/p/privacy/compare/1...3/")
    assert "nine years" in page
    assert "No summary was written for this version." in page


def test_the_selects_lead_to_the_address_of_the_pair(privacy: Policy) -> None:
    assert answer("/p/privacy/compare/?from=3&to=1&view=side", 302).headers["Location"] == (
        "/p/privacy/compare/1...3/?view=side"
    )
    assert answer("/p/privacy/compare/", 302).headers["Location"] == "/p/privacy/compare/2...3/"
    assert answer("/p/privacy/compare/?from=2&to=2", 302).headers["Location"] == "/p/privacy/v/2/"


@pytest.mark.parametrize("path", ["compare/1...9/", "compare/?from=x&to=1", f"compare/?from={'9' * 5000}&to=1"])
def test_what_does_not_exist_is_answered_with_what_does(privacy: Policy, path: str) -> None:
    assert "no such page" in get(f"/p/privacy/{path}", 404)


def test_an_unknown_view_and_a_wrong_order_lead_to_the_right_address(privacy: Policy) -> None:
    assert answer("/p/privacy/compare/1...2/?view=x", 302).headers["Location"] == "/p/privacy/compare/1...2/"
    assert answer("/p/privacy/compare/2...1/", 302).headers["Location"] == "/p/privacy/compare/1...2/"


def test_equal_texts_say_so(privacy: Policy) -> None:
    factories.make_version(privacy, body=factories.NEXT_BODY.replace("two", "nine"))
    assert "Not a word is different" in get("/p/privacy/compare/3...4/")


def test_two_languages_are_never_compared() -> None:
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, published_at=factories.days_ago(9))
    factories.make_version(policy, body=factories.NEXT_BODY, translations={"de": "Ganz anders.\n"})
    response = answer("/p/terms/de/compare/1...2/")
    assert response.headers["Content-Language"] == "en"
    assert "Ganz" not in response.content.decode()


def test_counts_are_said_as_people_say_them() -> None:
    counts = {"sections_changed": 1, "sections_added": 2, "sections_moved": 1, "words_added": 1, "words_removed": 0}
    assert comparing.sentence(counts) == "1 section changed, 2 new, 1 moved; 1 word added, 0 removed"


def test_new_comparisons_are_counted_and_stored_ones_are_free(privacy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(comparing, "COMPARISONS_PER_MINUTE", 0)
    assert "One minute, please" in get("/p/privacy/compare/1...3/", 429)
    get("/p/privacy/compare/1...2/")
