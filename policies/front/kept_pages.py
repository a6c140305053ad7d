"""Pages as bytes, packed in each way somebody asked for, and the room they take."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.http import parse_etags

from policies.front import encodings

Headers = list[tuple[str, str]]
Key = tuple[str, ...]

# What views say of a page whose next change nobody knows, and what goes out where it is known: for so many seconds
# caches that many readers share need not ask. Browsers ask each time, as before.
EACH_TIME = "public, no-cache"
SHARED = "public, max-age=0, must-revalidate, s-maxage={seconds}"
SHARED_SECONDS = 60
# So much earlier than the change: caches count whole seconds, and nginx from when an answer came, however long it took.
EARLIER = 3
# What a page takes beside its bytes, by a wide guess.
ROOM_OF_HEADERS = 3_000
# No page may drive out most of the others.
LARGEST_SHARE = 4
# It names one request. What is kept answers many, and no line of the log tells of them.
OF_ONE_REQUEST = "x-request-id"


@dataclass(frozen=True)
class Answer:
    """What goes back over WSGI."""

    status: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def told_until(self, seconds: float) -> Headers:
        """The headers, where the next known change is so many seconds away."""
        whole = int(min(seconds, SHARED_SECONDS + EARLIER)) - EARLIER
        return self._lasting if whole == SHARED_SECONDS else self._shared(whole) if whole > 0 else self.headers

    @cached_property
    def _lasting(self) -> Headers:
        return self._shared(SHARED_SECONDS)

    def _shared(self, seconds: int) -> Headers:
        said = SHARED.format(seconds=seconds)
        return [(name, said if value == EACH_TIME else value) for name, value in self.headers]


@dataclass(eq=False)
class Page:
    """
    One page as its view made it.

    :ivar key: where it is kept
    :ivar etag: its name, without the mark of a weak one
    :ivar reads: names of a query that would make it another page; None: any query would
    :ivar packed: by encoding; "" is the page as it is
    :ivar unchanged: what the view says to whoever has it already (304), as it is and packed; none until somebody had
    """

    key: Key
    answer: Answer
    etag: str
    is_packed: bool
    reads: frozenset[str] | None
    packed: dict[str, Answer] = field(default_factory=dict)
    unchanged: dict[bool, Answer] = field(default_factory=dict)

    @classmethod
    def made_of(cls, key: Key, answer: Answer, *, reads: frozenset[str] | None) -> "Page":
        # A digest is of the bytes as they go: those are not packed.
        whole = "repr-digest" in (name.lower() for name, _ in answer.headers)
        is_packed = not whole and encodings.is_worth_packing(answer.header("Content-Type"), answer.body)
        kept = varying(answer) if is_packed else answer
        return cls(key, kept, _bare(answer.header("ETag")), is_packed, reads, packed={"": kept})

    def take_unchanged(self, answer: Answer) -> None:
        """Keep the view's 304; whoever takes the page packed knows it by a weak name."""
        said = varying(answer) if self.is_packed else answer
        self.unchanged = {False: said, True: Answer(said.status, _weak(said.headers), b"")}

    def is_had_by(self, if_none_match: str) -> bool:
        """Whether a caller has this page already (RFC 9110, 13.1.2: weak comparison)."""
        if not self.etag:
            return False
        # What nearly everybody says, without reading it as a list.
        return _bare(if_none_match) == self.etag or any(
            each == "*" or _bare(each) == self.etag for each in parse_etags(if_none_match)
        )

    @property
    def room(self) -> int:
        return sum(len(answer.body) + ROOM_OF_HEADERS for answer in self.packed.values())


class Pages:
    """What one process keeps, up to so many bytes; the oldest go first. One lock for whoever adds, none for readers."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.found: dict[Key, Page] = {}
        self._room = 0
        self._lock = threading.Lock()

    def keep(self, page: Page) -> None:
        with self._lock:
            if page.room * LARGEST_SHARE <= self.most_bytes:
                before = self.found.pop(page.key, None)
                self._room += page.room - (before.room if before else 0)
                self.found[page.key] = page
                self._make_room()

    def answer(self, page: Page, accepted: str) -> Answer:
        """The page, packed as the caller takes it best."""
        encoding = encodings.wanted(accepted) if page.is_packed else ""
        return page.packed.get(encoding) or self._pack(page, encoding)

    def unchanged(self, page: Page, accepted: str) -> Answer | None:
        """The 304 for it, under the name that this caller's page has."""
        return page.unchanged.get(page.is_packed and encodings.wanted(accepted) != "")

    def _pack(self, page: Page, encoding: str) -> Answer:
        body = encodings.PACKED_BY[encoding](page.answer.body)
        headers = [pair for pair in _weak(page.answer.headers) if pair[0].lower() != "content-length"]
        headers += [("Content-Encoding", encoding), ("Content-Length", str(len(body)))]
        answer = Answer(page.answer.status, headers, body)
        with self._lock:
            if encoding not in page.packed:
                page.packed[encoding] = answer
                if self.found.get(page.key) is page:
                    self._room += len(body) + ROOM_OF_HEADERS
                    self._make_room()
        return answer

    def _make_room(self) -> None:
        while self._room > self.most_bytes and self.found:
            self._room -= self.found.pop(next(iter(self.found))).room


def without_request(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != OF_ONE_REQUEST]


def varying(answer: Answer) -> Answer:
    """Say to caches that the bytes depend on what a caller takes."""
    vary = answer.header("Vary")
    others = [pair for pair in answer.headers if pair[0].lower() != "vary"]
    on = ", ".join(filter(None, [vary, "Accept-Encoding"]))
    return Answer(answer.status, [*others, ("Vary", on)], answer.body)


def _bare(etag: str) -> str:
    return etag.removeprefix("W/")


def _weak(headers: Headers) -> Headers:
    """Packed bytes are others than the page's: its name says the same page, not the same bytes (RFC 9110, 8.8.3.3)."""
    return [(name, f"W/{_bare(value)}" if name.lower() == "etag" else value) for name, value in headers]
