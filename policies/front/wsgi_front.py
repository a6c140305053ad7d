"""
The front: a WSGI application around the site's own that answers with pages it kept.

A view stays the only place that makes a page, its 304 included: what nobody asked for yet goes on to it, and what comes
back is kept where the view says so (`KEEP`). Everything kept is let go when the record changed, which each process
looks at once a second, and at the very instant that the next version appears or takes effect.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from policies.front import record_look
from policies.front.keeping import BY_READER, KEEP, Kept
from policies.front.kept_pages import Answer, Key, Page, Pages, without_request

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOOK_EVERY = 1.0
# Other parts of a process keep what they read for a second: what was made sooner after a change is made once more.
SETTLED_AFTER = 2.0
# While the database does not answer, the last known record is shown for so long; then the view says so.
SHOWN_UNSEEN = 30.0
# After so long without a look nobody is told that a page will stay.
SEEN_LATELY = 3.0
# A request waits for so long where another looks and nobody has looked for a while.
PATIENCE = 2.0
SCHEMES = ("", "http", "https")
# Where a key has the query.
QUERY = 6
# With more than a thousand names Django refuses a query; with NUL the site does (policies.middleware.OddInput).
LONGEST_QUERY = 900
ORDINARY = re.compile("(?:[!-$&-~]|%[2-9A-Fa-f][0-9A-Fa-f])*")
# With any of these an answer depends on more than its address.
OTHER_QUESTIONS = (
    "HTTP_ACCEPT_DATETIME",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
)


class Front:
    """
    :ivar hits: answers from what was kept, and `misses`, those that a view made, since this process began
    :ivar count: is told with each look how many hits and misses there were since the last
    """

    def __init__(
        self,
        application: Application,
        *,
        now: Callable[[], datetime],
        most_bytes: int,
        count: Callable[[int, int], None] = lambda _hits, _misses: None,
    ) -> None:
        self.application, self.now, self.most_bytes, self.count = application, now, most_bytes, count
        self.hits = self.misses = 0
        self._counted = (0, 0)
        self._pages = Pages(most_bytes)
        self._seen: record_look.Seen | None = None
        self._looks_at = self._tried_at = self._seen_at = float("-inf")
        self._settles_at = float("inf")
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        key = _key(environ)
        left = self._seconds_left(environ.get("HTTP_COOKIE", "")) if key and self.most_bytes else None
        if key is None or left is None:
            return self.application(environ, start_response)
        pages = self._pages
        page = _found(key, pages, environ)
        answer = _answer(page, pages, environ) if page else None
        if answer is None:
            return self._ask(key, pages, environ, start_response)
        self.hits += 1
        return _send(answer, start_response, left)

    def _ask(
        self, key: Key, pages: Pages, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Have the view answer; keep what it made where it says so."""
        self.misses += 1
        status, headers, rest, parts = self._made(environ)
        kept_at = _kept_at(key, environ)
        is_kept = status[:3] in {"200", "304"} and not any(name.lower() == "set-cookie" for name, _ in headers)
        if kept_at is None or not is_kept:
            start_response(status, headers, *rest)
            return parts
        answer = Answer(status, without_request(headers), _joined(parts))
        if status.startswith("200"):
            page = _page(kept_at, answer, environ)
            pages.keep(page)
            answer = pages.answer(page, environ.get("HTTP_ACCEPT_ENCODING", ""))
            return _send(answer, start_response, self._seconds_left() or 0.0)
        had = pages.found.get(kept_at) or self._whole(kept_at, pages, environ)
        if had:
            had.take_unchanged(answer)
            answer = pages.unchanged(had, environ.get("HTTP_ACCEPT_ENCODING", "")) or answer
        return _send(answer, start_response, self._seconds_left() or 0.0)

    def _whole(self, key: Key, pages: Pages, environ: dict[str, Any]) -> Page | None:
        """Whoever has a page already was the first to ask for it: have it made for all others."""
        asked = {name: value for name, value in environ.items() if name != "HTTP_IF_NONE_MATCH"}
        status, headers, _, parts = self._made(asked)
        body = _joined(parts)
        if not status.startswith("200"):
            return None
        page = _page(key, Answer(status, without_request(headers), body), asked)
        pages.keep(page)
        return page

    def _made(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], list[Any], Iterable[bytes]]:
        begun: list[Any] = []
        parts = self.application(environ, lambda *given: begun.append(given))
        status, headers, *rest = begun[-1]
        return status, headers, rest, parts

    def _seconds_left(self, cookies: str = "") -> float | None:
        """
        For how long what is kept stays as it is; 0 where nobody saw the record lately, None where nothing may be shown.

        Whoever is signed in may just have changed what they now want to see: for them it is looked each time.
        """
        now, is_signed_in = time.monotonic(), settings.SESSION_COOKIE_NAME in cookies
        if is_signed_in or now >= self._looks_at:
            self._look(force=is_signed_in)
        unseen_for = now - self._seen_at
        if self._seen is None or unseen_for > SHOWN_UNSEEN:
            return None
        left = self._seen.until - self.now().timestamp()
        if left <= 0:
            self._look(force=True)
            left = self._seen.until - self.now().timestamp()
            if left <= 0:
                return None
        return left if unseen_for <= SEEN_LATELY else 0.0

    def _look(self, *, force: bool = False) -> None:
        """Look, whoever comes first; others go on with what was seen a moment ago, and wait where that is long ago."""
        is_long_ago = force or time.monotonic() - self._tried_at > PATIENCE
        if not self._lock.acquire(timeout=PATIENCE if is_long_ago else 0):
            return
        try:
            if not force and time.monotonic() < self._looks_at:
                return
            self._tried_at = time.monotonic()
            self._looks_at = self._tried_at + LOOK_EVERY
            self._tell_counts()
            self._take(record_look.look(at=self.now(), last=self._seen))
        except record_look.NotSeen:
            return
        finally:
            self._lock.release()

    def _tell_counts(self) -> None:
        """With a look, so that a hit costs no more than an addition. One at a time looks, and so one tells."""
        hits, misses = self.hits, self.misses
        self.count(hits - self._counted[0], misses - self._counted[1])
        self._counted = (hits, misses)

    def _take(self, seen: record_look.Seen) -> None:
        began = self._tried_at
        if seen is not self._seen:
            # A new object: what is being made of the old record at this moment is kept with the old.
            self._pages = Pages(self.most_bytes)
            self._settles_at = began + SETTLED_AFTER
        elif began >= self._settles_at:
            self._pages = Pages(self.most_bytes)
            self._settles_at = float("inf")
        self._seen, self._seen_at = seen, began


def _key(environ: dict[str, Any]) -> Key | None:
    """Where a page is kept: method, scheme, host, path and query; None where no kept page may answer."""
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "")
    if method not in {"GET", "HEAD"} or forwarded not in SCHEMES:
        return None
    if any(name in environ for name in OTHER_QUESTIONS) or environ.get("CONTENT_LENGTH") not in {None, "", "0"}:
        return None
    scheme = environ["wsgi.url_scheme"]
    host = environ.get("HTTP_HOST", "")
    return (method, scheme, forwarded, host, environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), query)


def _found(key: Key, pages: Pages, environ: dict[str, Any]) -> Page | None:
    """The page at an address, or the one without its query, where that is no concern of the page."""
    page = pages.found.get(key) or pages.found.get((*key, _reader(environ)))
    if page is None and key[QUERY]:
        bare = (*key[:QUERY], "")
        page = pages.found.get(bare) or pages.found.get((*bare, _reader(environ)))
        return page if page and _is_no_concern(key[QUERY], page.reads) else None
    return page


def _kept_at(key: Key, environ: dict[str, Any]) -> Key | None:
    """Where the view that just answered lets its page be kept; None where it does not."""
    said: Kept | None = environ.get(KEEP)
    if said is None:
        return None
    if not _is_known(key[QUERY]):
        if not _is_no_concern(key[QUERY], said.reads):
            return None
        key = (*key[:QUERY], "")
    if said.by != BY_READER:
        return key
    language = _reader(environ)
    return (*key, language) if language else None


def _is_known(query: str) -> bool:
    """Whether it is one of the few queries that pages have: a stranger could think up any number of others."""
    if not query or query in {"view=side", "view=changes", "view=inline"}:
        return True
    return query.startswith("installed=") and query[10:].isdecimal() and query.isascii() and len(query) <= 14


def _is_no_concern(query: str, reads: frozenset[str] | None) -> bool:
    """
    Whether a page is the same with this query as without one: what others hang on to links, such as utm_source.

    Longer and odder ones are the views' to look at, which may refuse them.
    """
    if reads is None or len(query) > LONGEST_QUERY or not ORDINARY.fullmatch(query):
        return False
    return reads.isdisjoint(name for name, _ in parse_qsl(query, keep_blank_values=True))


def _page(key: Key, answer: Answer, environ: dict[str, Any]) -> Page:
    return Page.made_of(key, answer, reads=environ[KEEP].reads)


def _reader(environ: dict[str, Any]) -> str:
    """The language of whoever reads, for the few pages that have none of their own; empty where a cookie says it."""
    if settings.LANGUAGE_COOKIE_NAME in environ.get("HTTP_COOKIE", ""):
        return ""
    return _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))


@lru_cache(maxsize=1_000)
def _language(accepted: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(request)


def _answer(page: Page, pages: Pages, environ: dict[str, Any]) -> Answer | None:
    """What a caller gets of a kept page; None where only its view can say it."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    if (had := environ.get("HTTP_IF_NONE_MATCH")) and page.is_had_by(had):
        return pages.unchanged(page, accepted)
    return pages.answer(page, accepted)


def _send(answer: Answer, start_response: Callable[..., Any], left: float) -> Iterable[bytes]:
    start_response(answer.status, list(answer.told_until(left)))
    return (answer.body,)


def _joined(parts: Iterable[bytes]) -> bytes:
    try:
        return b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
