"""What a visitor reads: home, a policy, a version, the history, and which version governed when."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from policies.evidence.pack import printing
from policies.look import in_use
from policies.models import DateChange, Policy, PolicyReview, Version
from tests import factories, people
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db


@pytest.fixture
def privacy() -> Policy:
    """Two versions in force one after the other, a third one announced."""
    policy = factories.make_policy(slug="privacy", time_zone="Europe/Berlin")
    factories.make_version(policy, published_at=datetime(2025, 4, 1, 9, tzinfo=UTC))
    factories.make_version(
        policy,
        body=factories.NEXT_BODY,
        published_at=datetime(2026, 5, 5, 9, tzinfo=UTC),
        effective_at=datetime(2026, 5, 19, 22, tzinfo=UTC),
        what_changed="We keep your data longer.",
        short_version="Little, and not for long.",
    )
    factories.make_version(policy, published_at=factories.days_ago(1), effective_at=factories.in_days(30))
    return policy


def test_home_lists_each_policy_with_its_dates(privacy: Policy) -> None:
    page = get("/")
    assert "Last updated <strong>May 5, 2026</strong>" in page
    assert "In force since May 20, 2026 (Berlin)" in page
    assert "/p/privacy/compare/2...3/" in page


def test_an_empty_home_says_how_to_start() -> None:
    assert "Nothing is published yet" in get("/")


def test_a_policy_shows_the_version_in_force_and_what_is_announced(privacy: Policy) -> None:
    page = get("/p/privacy/")
    assert "two years after you leave" in page
    assert "In effect since" in page
    assert "Version 3 takes effect on" in page
    assert "Little, and not for long." in page
    assert "We keep your data longer." in page


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_pdf_is_offered_where_one_can_be_made(
    privacy: Policy, is_installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda _name: object() if is_installed else None)
    assert ("1.pdf" in get("/p/privacy/v/1/")) == is_installed


def test_the_fingerprint_is_the_one_of_the_text(privacy: Policy) -> None:
    text = privacy.versions.get(number=2).text_in("en")
    page = get("/p/privacy/")
    assert f"{text.sha256[:12]}…" in page
    assert text.sha256 in page


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "Superseded on May 20, 2026 (Berlin) by version 2"), (2, "In effect since"), (3, "Takes effect on")],
)
def test_a_version_says_where_it_stands(privacy: Policy, number: int, words: str) -> None:
    assert words in get(f"/p/privacy/v/{number}/")


def test_a_superseded_version_leads_to_the_current_one_and_to_the_changes_since(privacy: Policy) -> None:
    page = get("/p/privacy/v/1/")
    assert 'href="/p/privacy/compare/1...2/"' in page
    assert 'name="robots" content="noindex"' in page


def test_a_withdrawn_version_says_so(privacy: Policy) -> None:
    factories.make_version(
        privacy,
        published_at=factories.days_ago(0.5),
        effective_at=factories.in_days(40),
        withdrawn_at=factories.days_ago(0.2),
    )
    assert "It never applied to anybody." in get("/p/privacy/v/4/")
    assert "v/4/" not in get("/p/privacy/")


def test_an_imported_version_says_that_nobody_witnessed_it() -> None:
    factories.make_version(factories.make_policy(slug="old"), imported=True)
    assert "Imported, not witnessed" in get("/p/old/v/1/")
    assert "imported, not witnessed" in get("/p/old/history/")


def test_a_month_is_never_shown_as_a_day() -> None:
    policy = factories.make_policy(slug="terms", date_precision="month")
    factories.make_version(policy, published_at=datetime(2025, 8, 12, 9, tzinfo=UTC))
    factories.make_version(policy, published_at=datetime(2025, 9, 14, 9, tzinfo=UTC))
    for path in ("/", "/p/terms/", "/p/terms/v/1/", "/p/terms/history/", "/p/terms/compare/1...2/"):
        page = get(path)
        assert "August 12" not in page
        assert "September 14" not in page
    assert "September 2025" in page


def test_a_postponed_version_says_so_with_the_reason(privacy: Policy) -> None:
    version = privacy.versions.get(number=3)
    later = factories.in_days(60)
    DateChange.objects.create(
        version=version,
        effective_at=later,
        was_effective_at=version.effective_at or later,
        reason="The mails took longer.",
        by=people.edith(),
        at=factories.days_ago(0.5),
    )
    Version.objects.filter(pk=version.pk).update(effective_at=later)
    page = get("/p/privacy/v/3/")
    assert "it was to take effect on" in page
    assert "The mails took longer." in page


def test_a_retired_policy_says_so_and_stays(privacy: Policy) -> None:
    Policy.objects.filter(pk=privacy.pk).update(retired_at=factories.days_ago(1))
    assert "is retired" in get("/p/privacy/")
    assert "Retired" in get("/")


def test_a_review_without_a_change_moves_another_date(privacy: Policy) -> None:
    PolicyReview.objects.create(policy=privacy, by=people.edith(), at=datetime(2026, 9, 1, tzinfo=UTC))
    page = get("/p/privacy/")
    assert "Last reviewed" in page
    assert "September 1, 2026" in page


def test_a_policy_with_only_an_announced_version_shows_that_one() -> None:
    policy = factories.make_policy(slug="soon")
    factories.make_version(policy, published_at=factories.days_ago(1), effective_at=factories.in_days(5))
    assert "Nothing is in force before it." in get("/p/soon/")


def test_a_draft_is_seen_by_nobody() -> None:
    factories.make_draft(factories.make_policy(slug="secret", title="A Secret Policy"))
    get("/p/secret/", 404)
    assert "Secret" not in get("/")
    client = Client()
    client.force_login(people.oscar())
    assert client.get("/p/secret/").status_code == 404


def test_a_language_has_its_own_address_and_words() -> None:
    policy = factories.make_policy(slug="privacy")
    factories.make_version(policy, translations={"de": "Kurz.\n\n## Eins\n\nZwei.\n"})
    response = answer("/p/privacy/de/")
    assert response.headers["Content-Language"] == "de"
    assert '<html lang="de"' in response.content.decode()
    assert "Zwei." in response.content.decode()
    assert 'hreflang="en" href="http://127.0.0.1:8000/p/privacy/"' in response.content.decode()


def test_a_missing_language_is_said_and_the_authoritative_text_shown(privacy: Policy) -> None:
    response = answer("/p/privacy/fr/")
    assert response.headers["Content-Language"] == "en"
    assert "français" in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2025-04-02", "version 1 governed"),
        ("2026-05-19", "version 1 governed"),
        ("2026-05-20", "version 2 governed"),
        ("2026-05-19T21:59:59Z", "version 1 governed"),
        ("2026-05-19T22:00:00Z", "version 2 governed"),
        ("2025-04-01", "before that, none did"),
    ],
)
def test_which_version_governed_then(privacy: Policy, asked: str, words: str) -> None:
    assert words in get(f"/p/privacy/?as_of={asked}")


def test_a_change_during_the_day_is_told_with_both_versions() -> None:
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, published_at=datetime(2025, 1, 1, tzinfo=UTC))
    factories.make_version(policy, published_at=datetime(2025, 6, 1, 14, 30, tzinfo=UTC))
    page = get("/p/terms/?as_of=2025-06-01")
    assert "14:30" in page
    assert '<a href="/p/terms/v/1/">version 1</a>' in page


def test_before_the_first_version_none_governed(privacy: Policy) -> None:
    page = get("/p/privacy/?as_of=2024-01-01", 404)
    assert "no version of Privacy Policy was in force" in page
    assert "/p/privacy/v/1/" in page


def test_what_is_no_date_is_answered_with_how_to_write_one(privacy: Policy) -> None:
    page = get("/p/privacy/?as_of=<b>soon", 400)
    assert "2026-03-01T14:30Z" in page
    assert "&lt;b&gt;soon" in page


def test_an_unknown_version_leads_to_those_there_are(privacy: Policy) -> None:
    page = get("/p/privacy/v/77/", 404)
    assert "no such page" in page
    assert "/p/privacy/v/3/" in page


def test_a_mistyped_address_below_a_policy_leads_to_its_versions(privacy: Policy) -> None:
    page = get("/p/privacy/histroy/", 404)
    assert "/p/privacy/v/3/" in page


def test_the_history_tells_every_version(privacy: Policy) -> None:
    page = get("/p/privacy/history/")
    assert [page.index(f"/p/privacy/v/{number}/") for number in (3, 2, 1)] == sorted(
        page.index(f"/p/privacy/v/{number}/") for number in (3, 2, 1)
    )
    assert "/p/privacy/compare/1...2/" in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/", 1), ("/p/privacy/", 3), ("/p/privacy/v/1/", 3), ("/p/privacy/history/", 1), ("/p/privacy/feed.atom", 2)],
)
def test_pages_ask_the_database_little_and_the_same_for_every_length(
    privacy: Policy,
    path: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A process asks for it once a second, whatever pages it makes; here that second is long.
    monkeypatch.setattr(in_use, "REREAD_SECONDS", 3600)
    in_use.look()
    with django_assert_num_queries(queries):
        get(path)
    for days in (40, 50, 60):
        factories.make_version(privacy, published_at=factories.days_ago(0), effective_at=factories.in_days(days))
    with django_assert_num_queries(queries):
        get(path)


def test_a_signed_in_reader_gets_the_very_same_page(privacy: Policy) -> None:
    """The page cannot depend on who reads it, so that it may be kept by anybody."""
    client = Client()
    client.force_login(people.uma())
    response = client.get("/p/privacy/")
    assert response.content.decode() == get("/p/privacy/")
    assert "Cookie" not in response.headers.get("Vary", "")


def test_pages_are_only_read(privacy: Policy) -> None:
    assert Client().post("/p/privacy/").status_code == 405


def test_a_german_page_speaks_german_around_its_text() -> None:
    policy = factories.make_policy(slug="privacy", time_zone="Europe/Berlin")
    german = {"de": "Kurz.\n"}
    factories.make_version(policy, published_at=datetime(2025, 5, 5, tzinfo=UTC), translations=german)
    factories.make_version(policy, published_at=datetime(2026, 5, 20, tzinfo=UTC), translations={"de": "Lang.\n"})
    assert "Am <strong>" in get("/p/privacy/de/?as_of=2026-05-21")
    assert "Zuletzt geändert" in get("/p/privacy/de/")
    assert "Abgelöst am 20. Mai 2026 (Berlin) durch Fassung 2" in get("/p/privacy/de/v/1/")
    assert "Nur die Änderungen" in get("/p/privacy/de/compare/1...2/")
