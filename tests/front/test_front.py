"""What the front answers is what the view would, to the byte, and only for as long as the record stays as it is."""

import gzip
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import brotli
import pytest
import time_machine
from backports import zstd
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies import clock, publishing
from policies.front import watching, wsgi_front
from policies.front.kept_pages import EACH_TIME
from policies.models import Appearance, Policy, PublicChange
from tests import factories, people
from tests.front.asking import Said, a_front, ask, kept_paths, public_paths
from tests.whole_site import World

pytestmark = [pytest.mark.django_db]
ON_BOTH = pytest.mark.both_databases

MOST_QUERIES = 3
UNPACK = {"br": brotli.decompress, "zstd": zstd.decompress, "gzip": gzip.decompress, "": bytes}
SHARED_FOR = "public, max-age=0, must-revalidate, s-maxage=([1-9]|[1-5][0-9]|60)"
TABLES = re.compile(r'(?:FROM|JOIN) "(\w+)"')


@pytest.fixture
def world() -> World:
    return World()


def test_every_public_page_is_the_views_own_to_the_byte(world: World) -> None:
    view, front, others = WSGIHandler(), a_front(), {}
    kept = kept_paths(world)
    with_tags = [f"{path}{'&' if '?' in path else '?'}utm_source=mail%20one&b" for path in kept[::3]]
    # The last few are nobody's to keep.
    for path in [*kept, *with_tags, "/p/nowhere/", "/p/terms/v/99/", "/p/terms/?as_of=2020", "/.well-known/gpc.json"]:
        for method in ("GET", "HEAD", "OPTIONS"):
            for asked in ({}, {"accept_language": "de"}, {"if_none_match": '"other"'}):
                expected = ask(view, path, method, **asked)
                for turn in ("first", "second"):
                    said = ask(front, path, method, **asked)
                    if said != as_told(said, expected):
                        others[path, method, str(asked), turn] = (expected, said)
    assert others == {}


def test_whoever_has_a_page_is_told_so_as_the_view_does(world: World) -> None:
    view, front, paths = WSGIHandler(), a_front(), kept_paths(world)
    others = {}
    for path in paths:
        etag = ask(view, path).headers.get("etag")
        for had in filter(None, [etag, etag and f"W/{etag}", etag and f'"a", {etag}', etag and "*"]):
            expected = ask(view, path, if_none_match=had)
            for _turn in range(2):
                said = ask(front, path, if_none_match=had)
                if said != as_told(said, expected):
                    others[path, had] = (expected, said)
    assert others == {}
    assert len(paths) >= 25


def test_packed_pages_are_the_same_page(world: World) -> None:
    front, paths, seen = a_front(), kept_paths(world), set()
    for path in paths:
        plain = ask(front, path)
        for asked in ("br", "gzip", "zstd", "gzip, br;q=0.5", "br;q=0, gzip;q=0", "*"):
            said = ask(front, path, accept_encoding=asked)
            encoding = said.headers.get("content-encoding", "")
            seen.add(encoding)
            assert UNPACK[encoding](said.body) == plain.body, (path, asked)
            assert int(said.headers["content-length"]) == len(said.body)
            etag = plain.headers.get("etag")
            assert said.headers.get("etag") == (f"W/{etag}" if encoding and etag else etag)
            if encoding:
                assert "Accept-Encoding" in plain.headers["vary"]
                again = ask(front, path, accept_encoding=asked, if_none_match=said.headers.get("etag", ""))
                assert again.status[:3] == ("304" if etag else "200")
                assert again.headers.get("etag") == said.headers.get("etag")
    assert seen == {"", "br", "gzip", "zstd"}


@ON_BOTH
def test_a_kept_page_asks_no_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # What was made just after a change is made once more: that is not the question here, however slow the machine.
    monkeypatch.setattr(wsgi_front, "SETTLED_AFTER", float("inf"))
    front, paths = a_front(), kept_paths(world)
    for path in paths:
        ask(front, path)
    with CaptureQueriesContext(connection) as asked:
        before, began = front.hits, time.monotonic()
        for path in paths:
            ask(front, path)
    assert front.hits - before == len(paths)
    # Nothing but the look of each second.
    assert len(asked) <= 1 + int(time.monotonic() - began)


@ON_BOTH
def test_what_is_not_kept_is_made_with_three_queries(world: World) -> None:
    """Every kind of public page, asked days included, and what stands at no address."""
    view, too_many = WSGIHandler(), {}
    slug = world.told.policy.slug
    odd = [f"/p/{slug}/?as_of=2026-01-01", f"/p/{slug}/?as_of=soon", f"/p/{slug}/v/99/", f"/p/{slug}/x/", "/p/x/"]
    for path in [*kept_paths(world), *odd]:
        with CaptureQueriesContext(connection) as asked:
            ask(view, path)
        # A process asks for its look once a second, whatever it makes meanwhile.
        made = [query["sql"] for query in asked if Appearance._meta.db_table not in query["sql"]]
        if len(made) > MOST_QUERIES:
            too_many[path] = made
    assert too_many == {}


@ON_BOTH
def test_every_table_that_a_kept_page_reads_is_watched(world: World) -> None:
    view, paths, read = WSGIHandler(), kept_paths(world), set()
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            ask(view, path)
        read |= set(TABLES.findall(" ".join(query["sql"] for query in asked)))
    assert read - {watched.table for watched in watching.WATCHED} == set()
    assert len(read) >= 8


def test_nothing_is_kept_of_what_is_for_one_reader(world: World) -> None:
    private = ("/account", "/review", "/sign-in", "/hand-over", "/follow", "/api/v1/people", "/notices", "/demo")
    assert [path for path in kept_paths(world) if path.startswith(private) or "follow" in path] == []


@ON_BOTH
def test_a_change_is_seen_within_a_second() -> None:
    version = factories.make_version()
    path, front = f"/p/{version.policy.slug}/", a_front()
    ask(front, path)
    time.sleep(2.1)  # what was made soon after the first look is made once more
    ask(front, path)
    ask(front, path)
    assert front.hits
    publishing.rename(policy=version.policy, slug="another", by=people.ravi(), at=clock.now())
    time.sleep(1.05)
    assert ask(front, path).status.startswith("301")
    assert ask(front, "/p/another/").status.startswith("200")


@ON_BOTH
def test_whoever_changed_something_sees_it_at_once() -> None:
    version = factories.make_version()
    path, front = f"/p/{version.policy.slug}/", a_front()
    cookie = f"{settings.SESSION_COOKIE_NAME}={'e' * 32}"
    ask(front, path, cookie=cookie)
    ask(front, path, cookie=cookie)
    assert front.hits == 1
    publishing.rename(policy=version.policy, slug="another", by=people.ravi(), at=clock.now())
    assert ask(front, path, cookie=cookie).status.startswith("301")


@ON_BOTH
def test_the_next_version_is_there_at_its_very_instant() -> None:
    policy = factories.make_policy()
    now = clock.now()
    factories.make_version(policy, effective_at=factories.days_ago(3))
    upcoming = factories.make_version(policy, effective_at=now + timedelta(hours=1, seconds=7))
    path, front = f"/p/{policy.slug}/", a_front()
    instant = upcoming.effective_at
    assert instant is not None
    with time_machine.travel(instant - timedelta(milliseconds=2), tick=False) as machine:
        before = ask(front, path)
        assert ask(front, path) == before
        assert front.hits == 1
        machine.move_to(instant)
        after = ask(front, path)
        assert after.body == ask(WSGIHandler(), path).body
        assert after.body != before.body


@ON_BOTH
def test_where_no_trigger_notes_changes_nothing_is_kept() -> None:
    version = factories.make_version()
    path, front = f"/p/{version.policy.slug}/", a_front()
    with without_a_trigger() as name:
        assert watching.missing(connection) == [name]
        for _turn in range(3):
            assert ask(front, path).status.startswith("200")
        assert front.hits == 0
    assert watching.missing(connection) == []


@ON_BOTH
def test_unseen_the_record_is_shown_for_half_a_minute_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    version = factories.make_version()
    path, front = f"/p/{version.policy.slug}/", a_front()
    ask(front, path)
    began = time.monotonic()
    with without_a_trigger():
        PublicChange.objects.create()
        for later, hits in ((5, 1), (29, 2), (31, 2)):
            monkeypatch.setattr(time, "monotonic", lambda later=later: began + later)
            assert ask(front, path).status.startswith("200")
            assert front.hits == hits


@contextmanager
def without_a_trigger() -> Iterator[str]:
    name = watching.names(connection.vendor)[0]
    on = f" ON {Policy._meta.db_table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    yield name
    watching.install(connection)


def test_what_is_kept_stays_within_its_room(world: World) -> None:
    paths = kept_paths(world)
    front = a_front(most_bytes=120_000)
    for path in [*paths, *paths]:
        assert ask(front, path, accept_encoding="gzip").status.startswith("200")
        pages = front._pages
        assert sum(page.room for page in pages.found.values()) <= 120_000
    assert front._pages.found


def test_a_stranger_fills_no_room_with_queries() -> None:
    version = factories.make_version()
    front = a_front()
    for nth in range(20):
        assert ask(front, f"/p/{version.policy.slug}/?utm={nth}").status.startswith("200")
    assert len(front._pages.found) == 1
    assert front.hits == 19


@pytest.mark.parametrize(
    "query", ["as_of=2020-01-01", "utm=1&%61s_of=2020-01-01", "a=%00", "a=" + "b" * 900, "%zz", "view=side"]
)
def test_what_a_query_may_ask_is_left_to_the_view(query: str) -> None:
    version = factories.make_version()
    path, front, view = f"/p/{version.policy.slug}/", a_front(), WSGIHandler()
    ask(front, path)
    for _turn in range(2):
        said, expected = ask(front, f"{path}?{query}"), ask(view, f"{path}?{query}")
        assert as_told(said, expected) == said
    assert front.hits <= 1


def test_only_what_varies_with_its_reader_says_so(world: World) -> None:
    """What is kept nowhere needs not say it."""
    view, said_wrongly = WSGIHandler(), {}
    for path in public_paths(world):
        english = ask(view, path)
        if path.endswith(".pdf") or "no-store" in english.headers.get("cache-control", ""):
            continue
        german = ask(view, path, accept_language="de")
        varies = (english.status, english.body) != (german.status, german.body)
        says_so = "Accept-Language" in english.headers.get("vary", "")
        if (says_so != varies and english.status.startswith("200")) or varies > says_so:
            said_wrongly[path] = (english.status, english.headers.get("vary"))
    assert said_wrongly == {}


@ON_BOTH
def test_the_oldest_changes_are_deleted() -> None:
    factories.make_version()
    PublicChange.objects.bulk_create([PublicChange() for _ in range(watching.CHANGES_KEPT + 50)])
    watching.forget_old()
    assert PublicChange.objects.count() == watching.CHANGES_KEPT


def as_told(said: Said, view: Said) -> Said:
    """The view's answer; the front adds only that it packs what can be packed, and for how long caches may keep it."""
    vary = ", ".join(filter(None, [view.headers.get("vary", ""), "Accept-Encoding"]))
    told = {"vary": vary} if said.headers.get("vary") == vary else {}
    for_caches = said.headers.get("cache-control", "")
    if view.headers.get("cache-control") == EACH_TIME and re.fullmatch(SHARED_FOR, for_caches):
        told["cache-control"] = for_caches
    return replace(view, headers={**view.headers, **told})


def test_where_nothing_is_to_be_kept_the_view_is_asked_once() -> None:
    version = factories.make_version()
    path, front = f"/p/{version.policy.slug}/", a_front(most_bytes=0)
    etag = ask(WSGIHandler(), path).headers["etag"]
    with CaptureQueriesContext(connection) as by_the_view:
        ask(WSGIHandler(), path, if_none_match=etag)
    with CaptureQueriesContext(connection) as by_the_front:
        assert ask(front, path, if_none_match=etag).status.startswith("304")
    assert len(by_the_front) == len(by_the_view)
