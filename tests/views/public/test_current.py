"""What is in force under an address that stays, pieces for other pages, and addresses as telephones type them."""

import json

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client

from policies import authoring
from policies.models import Policy
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db


def read(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "lxml")


def piece_of(html: str, name: str) -> Tag:
    found = read(html).find(name)
    assert isinstance(found, Tag)
    return found


@pytest.fixture
def privacy() -> Policy:
    policy = factories.make_policy(slug="privacy", kind="privacy")
    factories.make_version(policy, published_at=factories.days_ago(30), effective_at=factories.days_ago(29))
    published_at, effective_at = factories.days_ago(2), factories.in_days(30)
    factories.make_version(policy, body=factories.NEXT_BODY, published_at=published_at, effective_at=effective_at)
    return policy


@pytest.mark.parametrize("ending", ["md", "txt", "json", "html"])
def test_what_is_in_force_has_an_address_for_programs(privacy: Policy, ending: str) -> None:
    current, first = answer(f"/p/privacy/current.{ending}"), answer(f"/p/privacy/v/1.{ending}")
    assert current.content == first.content
    assert current.headers["Content-Location"] == f"http://127.0.0.1:8000/p/privacy/v/1.{ending}"
    assert current.headers["Cache-Control"] == "public, no-cache", "It will be another version one day."
    again = answer(
        f"/p/privacy/current.{ending}", 200 if ending == "json" else 304, If_None_Match=first.headers.get("ETag", "-")
    )
    assert again.headers["Cache-Control"] == "public, no-cache"
    policy = factories.make_policy(slug="later")
    factories.make_version(policy, effective_at=factories.in_days(3))
    answer(f"/p/later/current.{ending}", 404)


def test_what_is_in_force_is_asked_in_a_language(privacy: Policy) -> None:
    answer("/p/privacy/de/current.md", 404)
    factories.add_translation(privacy.versions.get(number=1), authoring.TextInput("de", "Datenschutz", "## Hallo"))
    assert get("/p/privacy/de/current.md") == "## Hallo\n"
    assert 'lang="de"' in get("/p/privacy/de/current.html")


def test_a_piece_has_the_anchors_of_the_page_and_says_what_it_is(privacy: Policy) -> None:
    piece = piece_of(get("/p/privacy/v/1.html"), "article")
    anchors = [each["id"] for each in read(get("/p/privacy/v/1/")).select("[data-reading] [id]")]
    assert anchors
    assert [each["id"] for each in piece.select("[id]")] == anchors
    text = privacy.versions.get(number=1).texts.get()
    assert (piece.get("data-policy"), piece.get("data-version"), piece.get("data-sha256")) == (
        "privacy",
        "1",
        text.sha256,
    )
    assert piece.get("data-address") == "http://127.0.0.1:8000/p/privacy/v/1/"
    assert "In force since" in piece.get_text()


def test_a_redline_is_had_as_a_piece_too(privacy: Policy) -> None:
    for view in ("inline", "side", "changes"):
        piece = piece_of(get(f"/p/privacy/compare/1...2.html?view={view}"), "section")
        assert piece.find("ins")
        assert (piece.get("data-before"), piece.get("data-after"), piece.get("data-view")) == ("1", "2", view)
    ids = [each["id"] for each in read(get("/p/privacy/compare/1...2/")).select("#redline [id]")]
    assert [each["id"] for each in piece_of(get("/p/privacy/compare/1...2.html"), "section").select("[id]")] == ids
    answer("/p/privacy/compare/1...9.html", 404)
    answer("/p/privacy/compare/2...1.html", 302)
    answer("/p/privacy/compare/1...2.html?view=odd", 302)


def test_three_dots_as_a_telephone_types_them_lead_to_the_redline(privacy: Policy) -> None:
    assert answer("/p/privacy/compare/1…2/", 302).headers["Location"] == "/p/privacy/compare/1...2/"
    assert answer("/p/privacy/compare/2…1/?view=side", 302).headers["Location"] == "/p/privacy/compare/1...2/?view=side"


def test_programs_get_a_list_of_all_policies(privacy: Policy) -> None:
    factories.make_policy(slug="unpublished")
    (listed,) = json.loads(get("/api/v1/policies"))
    assert (listed["policy"], listed["kind"], listed["in_force"], listed["upcoming"]) == (
        "privacy",
        "privacy",
        "1",
        ["2"],
    )
    for address in listed["addresses"].values():
        answer(address.removeprefix("http://127.0.0.1:8000"))


def test_nobody_is_asked_to_follow_what_is_retired(privacy: Policy) -> None:
    Policy.objects.filter(pk=privacy.pk).update(retired_at=factories.days_ago(1))
    for method in ("get", "post"):
        said = getattr(Client(), method)("/p/privacy/follow/", {"address": "vera@example.org"})
        assert said.status_code == 410
        assert "no further version" in said.content.decode()
        assert "id_address" not in said.content.decode()


@pytest.mark.parametrize(
    ("kind", "relation"), [("privacy", "privacy-policy"), ("terms", "terms-of-service"), ("other", None)]
)
def test_what_a_policy_is_stands_in_its_links_whatever_its_address(kind: str, relation: str | None) -> None:
    policy = factories.make_policy(slug="datenschutz", kind=kind, language="de")
    factories.make_version(policy)
    for path in ("/p/datenschutz/", "/p/datenschutz/v/1/", "/"):
        said = answer(path)
        found = read(said.content.decode()).select("link[rel=privacy-policy], link[rel=terms-of-service]")
        assert [each["rel"] for each in found] == ([[relation]] if relation else []), path
        assert (f'rel="{relation}"' in said.headers.get("Link", "")) is bool(relation), path


def test_crawlers_get_whole_addresses(privacy: Policy) -> None:
    factories.add_translation(privacy.versions.get(number=1), authoring.TextInput("de", "Datenschutz", "## Hallo"))
    found = read(get("/p/privacy/")).select("link[rel=canonical], link[hreflang]")
    assert len(found) == 3
    assert all(str(each["href"]).startswith("http://127.0.0.1:8000/p/privacy/") for each in found)
