"""Shorthand for whoever asks a WSGI application, with the front before it or without."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core import signals
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.test import RequestFactory

from policies import clock
from policies.front import wsgi_front
from tests.whole_site import World, routes

MOST_BYTES = 20_000_000
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Said:
    status: str
    headers: dict[str, str]
    body: bytes


def a_front(most_bytes: int = MOST_BYTES) -> wsgi_front.Front:
    return wsgi_front.Front(WSGIHandler(), now=clock.now, most_bytes=most_bytes)


def ask(application: Any, path: str, method: str = "GET", **headers: str) -> Said:
    """Header names are written with underscores."""
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    environ = RequestFactory().generic(method, path, SERVER_NAME=HOST, HTTP_HOST=HOST).environ | given
    # A request of Django's puts the decoded path there; a server hands over its bytes as Latin-1 (PEP 3333).
    environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
    begun: list[Any] = []
    # Nobody is held to so many printed pages a minute here.
    cache.clear()
    with _one_connection():
        parts: Iterable[bytes] = application(environ, lambda *said: begun.append(said))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
    status, pairs = begun[-1][:2]
    # It names the one request that was made.
    return Said(status, {name.lower(): value for name, value in pairs if name.lower() != "x-request-id"}, body)


def public_paths(world: World) -> Iterator[str]:
    """Every address outside the desk, in each language there is, with the queries that pages have."""
    for route in routes():
        if "admin/" not in route.pattern and not route.name.startswith("admin:"):
            yield from world.paths(route)
    for path in list(world.paths(next(route for route in routes() if route.key == "policies:compare"))):
        yield from (f"{path}?view=side", f"{path}?view=changes", f"{path}?view=nonsense")


def kept_paths(world: World) -> list[str]:
    """Those that the front keeps: the second time nobody asks a view. Of those that are slow to make, one."""
    found: list[str] = []
    front = a_front()
    for path in public_paths(world):
        if path.endswith(".pdf") and any(other.endswith(".pdf") for other in found):
            continue
        if ask(front, path).status.startswith("200"):
            before = front.hits
            ask(front, path)
            found += [path] * (front.hits - before)
    return found


@contextmanager
def _one_connection() -> Iterator[None]:
    """What Django's own test client does: a request ends, and the connection of the test stays open."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)
