"""
Odd input to every address and every call of the API, by everybody: nothing of it ends in an error of ours.

A few hundred requests here; `make fuzz` sends FUZZ_REQUESTS of them, from FUZZ_SEED on, and names each that failed.
"""

import json
import os
import re
from http.cookies import SimpleCookie
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client

from policies import api_keys, clock
from policies.models import Scope
from policies.views.programs.api import api
from tests.fuzz import strange
from tests.views.forms import FORMS
from tests.whole_site import Route, World, by_code, nobody, root, routes

pytestmark = pytest.mark.django_db

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "300"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
# Where no worker runs, as in a test, health says so; PDF is an extra, which may be missing.
SAID = {
    "health/notices/": {503},
    "health/all/": {503},
    "v/<int:number>.pdf": {501, 503},
    "<label:after>.pdf": {501, 503},
}


def test_nothing_odd_ends_in_an_error_of_ours() -> None:
    fuzz = Fuzz(World(), Random(SEED))  # noqa: S311 - the same requests again for the same seed
    found = [problem for number in range(REQUESTS) if (problem := fuzz.send(number))]
    assert not found, "\n".join(found)


class Fuzz:
    """Takes one address after the other; what each request changed is rolled back, so that the next finds all."""

    def __init__(self, world: World, random: Random) -> None:
        self.random, self.world = random, world
        self.routes = [route for route in routes() if "logout" not in route.name]
        random.shuffle(self.routes)
        self.callers = [nobody(world), by_code(world), root(world)]
        self.key = api_keys.create(name="Fuzz", scopes=Scope.values, period=None, by=None, at=clock.now())[1]
        self.calls = list(_calls())
        self.paths = {route.key: world.paths(route) for route in self.routes}
        self.fields = {route.key: self._fields(route) for route in self.routes if route.key in FORMS}

    def send(self, number: int) -> str:
        route = self.routes[number % len(self.routes)]
        ask = self._call if self.random.random() < 0.2 else lambda: self._page(route)
        point = transaction.savepoint()
        try:
            response, said = ask()
        finally:
            transaction.savepoint_rollback(point)
            # Rolled back it would still stand, and each next one within it, till the database has no room for locks.
            transaction.savepoint_commit(point)
        if response.status_code < 500 or _is_said(response, said):
            return ""
        return f"{number}: {response.status_code} {said[:300]!r}"

    def _page(self, route: Route) -> tuple[Any, str]:
        caller = self.random.choice(self.callers)
        client = Client(raise_request_exception=False)
        client.cookies = SimpleCookie({name: each.value for name, each in caller.cookies.items()})
        path = self._bent(self.random.choice(self.paths[route.key]))
        headers = dict(strange.header(self.random) for _ in range(self.random.randrange(3)))
        if self.random.random() < 0.4:
            names = self.fields.get(route.key) or strange.NAMES
            fields = {self.random.choice(names): self._value() for _ in range(self.random.randrange(6))}
            body = urlencode(fields, errors="surrogatepass")
            response: Any = client.post(path, body, "application/x-www-form-urlencoded", headers=headers)
            return response, f"POST {path} {body} {headers} {len(caller.cookies)}"
        return client.get(path, headers=headers), f"GET {path} {headers} {len(caller.cookies)}"

    def _call(self) -> tuple[Any, str]:
        method, path, names = self.random.choice(self.calls)
        path = self._bent(re.sub(r"\{[^}]*\}", lambda _at: self._part(), path))
        given: Any = {self.random.choice(names): self._json() for _ in range(self.random.randrange(5))} if names else {}
        given = given if self.random.random() < 0.9 else self._json()
        body = json.dumps(given)
        client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.key}"})
        response = getattr(client, method)(
            path, **({"data": body, "content_type": "application/json"} if method != "get" else {})
        )
        return response, f"{method} {path} {body}"

    def _bent(self, path: str) -> str:
        """The address, in half of all cases with one of its parts changed, and with a query."""
        parts = path.split("/")
        if self.random.random() < 0.5:
            parts[self.random.randrange(1, len(parts))] = self._part()
        pairs = [(self.random.choice(strange.NAMES), self._value()) for _ in range(self.random.randrange(3))]
        query = urlencode(pairs, errors="surrogatepass")
        return "/".join(parts) + (f"?{query}" if query else "")

    def _part(self) -> str:
        return quote(self._value()[:200], safe="", errors="surrogatepass") or "uma"

    def _value(self) -> str:
        return strange.value(self.random)

    def _json(self) -> Any:
        return strange.anything(self.random)

    def _fields(self, route: Route) -> list[str]:
        page = FORMS[route.key](self.world).get(self.paths[route.key][0])
        if page.streaming:
            return []
        return sorted(set(re.findall(r'name="([^"]+)"', page.content.decode())) - {"csrfmiddlewaretoken"})


def _is_said(response: Any, said: str) -> bool:
    match = getattr(response, "resolver_match", None)
    return any(match and match.route.endswith(end) and response.status_code in known for end, known in SAID.items())


def _calls() -> list[tuple[str, str, list[str]]]:
    """Every call of the API: its method, its address, and the names its body takes."""
    schema = api.get_openapi_schema()
    known = {name: sorted(each.get("properties", {})) for name, each in schema["components"]["schemas"].items()}
    found = []
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {})
            refs = re.findall(r"schemas/(\w+)", json.dumps(content))
            found.append((method, path, known[refs[0]] if refs else []))
    return found
