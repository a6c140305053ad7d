"""The tree can be walked: rooms that are not too full, one sentence for each, and one word for one thing."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "policies"
FULLEST = 14
# Where a name stands more than once, it means the same: a noun and its faces, or a part that each noun of the desk has.
ONE_MEANING = {
    "a part of each noun of the desk": {"admin", "page", "verbs"},
    "the demo's own": {"urls", "views"},
    "a noun, its table and its pages": {
        "acts",
        "answering",
        "continued_use",
        "desk",
        "following",
        "handover",
        "ledger",
        "monitoring",
        "notices",
        "people",
        "people_import",
        "policies",
        "prominent_notice",
        "promises",
        "provider_reports",
        "rehearsal",
        "review",
        "versions",
        "waiving",
        "webhooks",
    },
}


def rooms() -> list[Path]:
    """Every package of the app, without what Django and the migrations ask to be one flat folder."""
    flat = {HOUSE / "migrations", HOUSE / "management" / "commands"}
    return sorted(path.parent for path in HOUSE.rglob("__init__.py") if path.parent not in flat)


def modules(room: Path) -> list[Path]:
    return [path for path in room.glob("*.py") if path.stem != "__init__"]


@pytest.mark.parametrize("room", rooms(), ids=lambda room: str(room.relative_to(ROOT)))
def test_no_room_is_a_drawer(room: Path) -> None:
    assert len(modules(room)) <= FULLEST


@pytest.mark.parametrize("room", [room for room in rooms() if modules(room)], ids=lambda room: room.name)
def test_every_room_says_what_it_is_for(room: Path) -> None:
    if room.name in {"policies", "management", "templatetags"}:  # named by Django
        return
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text()))


def test_one_name_is_one_thing() -> None:
    places = defaultdict(list)
    for room in rooms():
        for module in modules(room):
            places[module.stem].append(str(module.relative_to(HOUSE)))
    several = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in several.items() if name not in set().union(*ONE_MEANING.values())} == {}


def test_every_term_of_the_glossary_is_where_it_says() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    terms = re.findall(r"\*\*([^*]+)\*\*(?:, \*[a-z ]+\*)?\s*\(`(policies/[\w/]+\.py)`\)", glossary)
    missing = [
        (term, place)
        for term, place in terms
        if not (ROOT / place).exists() or not _speaks_of(term, place + (ROOT / place).read_text())
    ]
    assert missing == []
    heads = re.findall(r"^\*\*([^*]+)\*\*", glossary, re.MULTILINE)
    assert set(heads) - {term for term, _place in terms} == set()


def _speaks_of(term: str, source: str) -> bool:
    """Whether a module names the term, in whatever form: "Last updated" as `last_updated`, "In force" as `in_force`."""
    words = re.sub(r"[\W_]+", "", term.lower()).removesuffix("s")
    return words in re.sub(r"[\W_]+", "", source.lower())


def test_the_map_names_every_room() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text()
    named = {room.relative_to(HOUSE).as_posix() for room in rooms()} - {
        ".",
        "management",
        "templatetags",
        "admin",
        "views",
    }
    assert {room for room in named if f"`{room}/`" not in drawn} == set()


def test_no_setting_is_set_twice_or_by_another_way_than_its_name() -> None:
    tree = ast.parse((ROOT / "policysite" / "settings.py").read_text())
    targets = [target for node in tree.body for target in _targets(node)]
    assert sorted(name for name in set(targets) if targets.count(name) > 1) == []
    calls = {ast.unparse(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)}
    assert calls & {"vars", "globals", "locals", "setattr"} == set()


def _targets(node: ast.stmt) -> list[str]:
    given = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [name for target in given for name in ast.walk(target) if isinstance(name, ast.Name)]
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]
