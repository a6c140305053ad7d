"""What holds for every page with a form: it is in the list, and its browser says where the form comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse

from tests.views.forms import FORMS, forms_on
from tests.whole_site import Route, World, by_code, nobody, root, routes

pytestmark = pytest.mark.django_db

# Under "no-referrer" a form of our own comes with the origin "null" (Fetch standard, append a request Origin header).
SAY_WHERE_THEY_COME_FROM = {"same-origin", "origin", "strict-origin", "strict-origin-when-cross-origin"}
# To other origins they say nothing: tokens stand in addresses.
GIVE_NOTHING_AWAY = {"same-origin"}


@dataclass(frozen=True)
class Seen:
    route: str
    policy: str
    templates: frozenset[str]
    source: str


def pages() -> Iterator[Seen]:
    """Each page with a form, as whoever meets it."""
    world = World()
    is_desk = {route: route.pattern.startswith("admin/") for route in routes()}
    for who in (nobody, by_code):
        yield from _seen(world, who, [route for route in routes() if not is_desk[route]])
    yield from _seen(world, root, [route for route in routes() if is_desk[route]])
    for route in routes():
        if FORMS.get(route.key, nobody) not in {nobody, by_code} and not is_desk[route]:
            yield from _seen(world, FORMS[route.key], [route])


def _seen(world: World, who: object, found: list[Route]) -> Iterator[Seen]:
    client = who(world)  # type: ignore[operator]
    for route in found:
        for path in world.paths(route):
            response: HttpResponse = client.get(path)
            if forms_on(route.key, response):
                templates = frozenset(str(template.name) for template in response.templates)  # type: ignore[attr-defined]
                policy = response.headers.get("Referrer-Policy", "")
                yield Seen(route.key, policy, templates, response.content.decode())
                break


def test_every_page_with_a_form_is_in_the_list_and_lets_its_browser_say_where_the_form_comes_from() -> None:
    seen = list(pages())
    assert {page.route for page in seen} == set(FORMS), "tests/views/forms.py lists the pages that a browser posts"
    assert {page.route: page.policy for page in seen if page.policy not in SAY_WHERE_THEY_COME_FROM} == {}
    assert {page.route: page.policy for page in seen if page.policy not in GIVE_NOTHING_AWAY} == {}
    assert [tag for tag in forms_in_templates() if not any(is_on(page, *tag) for page in seen)] == []


def forms_in_templates() -> Iterator[tuple[str, str]]:
    """Each form of our own templates that is posted: the template's name and the tag that opens it."""
    folder = Path(settings.BASE_DIR) / "templates"
    for path in sorted(folder.rglob("*.html")):
        for tag in re.findall(r"<form\b[^>]*>", path.read_text()):
            if 'method="post"' in tag:
                yield str(path.relative_to(folder)), tag


def is_on(page: Seen, template: str, tag: str) -> bool:
    """Whether a page was made with this template, and shows this form of it."""
    fixed = map(re.escape, re.split(r"{[{%].*?[%}]}", tag))
    return template in page.templates and re.search(".*?".join(fixed), page.source) is not None
