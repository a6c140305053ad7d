"""For how long caches that many readers share may show a page, and how they are told to let go of it."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from policies import clock, publishing
from policies.front.kept_pages import EACH_TIME
from policies.front.wsgi_front import Front
from policies.operations import purging
from tests import factories, people
from tests.front.asking import a_front, ask

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(("before", "said"), [(100, 60), (63, 60), (62.9, 59), (30.5, 27), (4, 1)])
def test_never_beyond_the_next_known_change(before: float, said: int) -> None:
    path, front, instant = a_page_that_changes()
    with time_machine.travel(instant - timedelta(seconds=before), tick=False):
        for _turn in ("made", "kept"):
            told = ask(front, path).headers["cache-control"]
            assert told == f"public, max-age=0, must-revalidate, s-maxage={said}"


def test_in_the_last_seconds_caches_ask_each_time() -> None:
    path, front, instant = a_page_that_changes()
    for before in (3.9, 0.1):
        with time_machine.travel(instant - timedelta(seconds=before), tick=False):
            assert ask(front, path).headers["cache-control"] == EACH_TIME


def test_another_day_somewhere_is_a_known_change() -> None:
    path, front, _ = a_page_that_changes()
    with time_machine.travel(datetime.fromisoformat("2031-03-05T22:59:40.000+00:00"), tick=False):
        assert ask(front, path).headers["cache-control"].endswith("s-maxage=17")


def test_where_the_record_was_not_seen_lately_caches_ask_each_time() -> None:
    path, front, instant = a_page_that_changes()
    with time_machine.travel(instant - timedelta(seconds=100), tick=False):
        assert "s-maxage=60" in ask(front, path).headers["cache-control"]
        # Somebody else looks, and it takes long.
        front._looks_at, front._seen_at = float("inf"), front._seen_at - 4
        assert ask(front, path).headers["cache-control"] == EACH_TIME


def test_what_never_changes_and_what_nobody_keeps_stay_as_they_are() -> None:
    path, front, _ = a_page_that_changes()
    assert "immutable" in ask(front, f"{path}v/1.md").headers["cache-control"]
    for not_kept in (f"{path}?as_of=2020-01-01", f"{path}v/99/"):
        assert ask(front, not_kept).headers["cache-control"] == EACH_TIME


def test_a_change_is_told_twice_and_then_no_more(settings: Settings) -> None:
    version, purger = factories.make_version(), purging.Purger()
    with a_cache() as cache:
        settings.CACHE_PURGE_URL, settings.CACHE_PURGE_HEADER = cache.url, ("Authorization", "Bearer abc")
        assert [purger.purge_due() for _ in range(3)] == [True, True, False]
        publishing.rename(policy=version.policy, slug="another", by=people.ravi(), at=clock.now())
        assert [purger.purge_due() for _ in range(3)] == [True, True, False]
    assert cache.told == [("Bearer abc", b'{"purge_everything":true}')] * 4


def test_it_is_told_until_it_takes_it(settings: Settings) -> None:
    factories.make_version()
    purger = purging.Purger()
    with a_cache(503, 500, 204) as cache:
        settings.CACHE_PURGE_URL = cache.url
        assert [purger.purge_due() for _ in range(5)] == [False, False, True, True, False]
    assert len(cache.told) == 4


def test_without_a_cache_nobody_is_told(settings: Settings) -> None:
    assert settings.CACHE_PURGE_URL == ""
    assert purging.Purger().purge_due() is False


def a_page_that_changes() -> tuple[str, Front, datetime]:
    policy = factories.make_policy()
    factories.make_version(policy, effective_at=factories.days_ago(3))
    instant = clock.now().replace(minute=7, second=0, microsecond=0) + timedelta(hours=2)
    factories.make_version(policy, effective_at=instant)
    return f"/p/{policy.slug}/", a_front(), instant


@dataclass
class Cache:
    """Something that takes the word, with a status for each time; the last one stays."""

    statuses: list[int]
    url: str = ""
    told: list[tuple[str | None, bytes]] = field(default_factory=list)


@contextmanager
def a_cache(*statuses: int) -> Iterator[Cache]:
    cache = Cache([*statuses] or [200])

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            cache.told.append((self.headers["Authorization"], body))
            self.send_response(cache.statuses.pop(0) if len(cache.statuses) > 1 else cache.statuses[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cache.url = f"http://127.0.0.1:{server.server_port}/purge"
        yield cache
        server.shutdown()
