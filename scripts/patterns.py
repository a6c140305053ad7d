"""
Look for regular expressions whose time grows faster than the text they look at.

Every pattern of the project is taken apart: those written where they are used, and those that a module holds once it
is imported, however it put them together. For each part that may repeat without end, texts are made that repeat what
it takes, after what leads to it, and end in what nothing takes; a look that grows with the square of such a text, or
worse, is named. A pattern is tried as it is used: one that is only matched at the start of a text is not searched for.

What only ever meets a few thousand characters says so in a comment above it, "# short: ...", with who sees to that.
"""

import ast
import importlib
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as signs
from re import _parser as parser
from typing import Any

import django

ROOT = Path(__file__).parents[1]
# Each four times the one before. What is too steep between the first two is not asked about the third: its cube would
# take minutes.
SIZES = 300, 1200, 4800
# Squares have 2; what is in proportion, 1.
STEEPEST = 1.6
# Less than so many seconds for the larger text of two says nothing.
MEASURABLE = 0.003
DOUBLING = 0.01
ENDLESS = 1000
FLAGS = {name: getattr(re, name) for name in dir(re) if name.isupper() and isinstance(getattr(re, name), re.RegexFlag)}
# What begins at the start of a text, or goes on from where it is told to, tries one place only.
AT_ONE_PLACE = {"match", "fullmatch"}
WAYS = {*AT_ONE_PLACE, "search", "sub", "subn", "split", "findall", "finditer"}


@dataclass(frozen=True)
class Written:
    """A pattern as a module has it: its line, its flags, and how it is looked for: search, match or fullmatch."""

    line: int
    pattern: str | bytes
    flags: int
    how: str = "search"


def main() -> int:
    """Name every pattern that grows too fast, with where it stands and on what."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")
    django.setup()
    sources = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "policies").rglob("*.py"))}
    everything = "\n".join(sources.values())
    found = 0
    for path, source in sources.items():
        if "migrations" in path.parts:
            continue
        held = dict.fromkeys((*patterns(source, everything), *compiled_in(path, source, everything)))
        for each in held:
            if unit := steep(each.pattern, each.flags, each.how):
                found += 1
                print(f"{path.relative_to(ROOT)}:{each.line}: grows too fast on {unit!r}: {each.pattern[:100]!r}")
    return int(bool(found))


def patterns(source: str, everything: str = "") -> Iterator[Written]:
    """The patterns that a module gives to a function of `re` as they are, and how `everything` uses their names."""
    allowed = _allowed(source)
    tree = ast.parse(source)
    names = {id(node.value): name for node in ast.walk(tree) for name in _names(node) if hasattr(node, "value")}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
            continue
        if allowed & {node.lineno, node.lineno - 1}:
            continue
        flags = sum(
            FLAGS.get(n.attr, 0) for arg in node.args[1:] for n in ast.walk(arg) if isinstance(n, ast.Attribute)
        )
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str | bytes):
            is_compiled = node.func.attr == "compile"
            how = _how(names.get(id(node), ""), everything) if is_compiled else _only({node.func.attr})
            yield Written(node.lineno, node.args[0].value, flags, how)


def compiled_in(path: Path, source: str, everything: str) -> Iterator[Written]:
    """The patterns that the names of a module hold once it is imported, also in tuples and tables."""
    allowed = _allowed(source)
    literal = {str(each.pattern) for each in patterns(source)}
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = vars(importlib.import_module(name)) if name != "policies.text.__main__" else {}
    for node in ast.parse(source).body:
        for name in _names(node):
            if allowed & {node.lineno, node.lineno - 1}:
                continue
            for pattern in _within(module.get(name), depth=4):
                if str(pattern.pattern) not in literal:
                    yield Written(node.lineno, pattern.pattern, pattern.flags & ~re.DEBUG, _how(name, everything))


def _names(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def _allowed(source: str) -> set[int]:
    return {number for number, text in enumerate(source.split("\n"), start=1) if "# short:" in text}


def _within(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from _within(each, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _within(each, depth - 1)


def _how(name: str, everything: str) -> str:
    """How a pattern of this name is looked for, wherever the name stands."""
    return _only(WAYS & set(re.findall(rf"\b{name}\.(\w+)\(", everything))) if name else "search"


def _only(used: set[str]) -> str:
    """The one way of looking, where it is one that tries one place; else a search, which is the slowest."""
    return "search" if not used or not used <= AT_ONE_PLACE else max(used)


def steep(pattern: str | bytes, flags: int = 0, how: str = "search") -> str:
    """What a pattern grows too fast on; "" for a sound one."""
    try:
        parts = parser.parse(pattern, flags)
    except re.error:
        return ""
    compiled = re.compile(pattern, flags)
    method = getattr(compiled, how)

    def look(text: str) -> object:
        return method(text.encode("latin-1", "replace") if isinstance(pattern, bytes) else text)

    attacks = dict.fromkeys((lead, unit + end) for lead, unit in _attacks(parts, "") for end in ("", " ") if unit)
    return next((lead + unit for lead, unit in attacks if grows(look, lead, unit)), "")


def grows(look: Callable[[str], object], lead: str, unit: str) -> bool:
    """True where the time of a look grows too fast in each of three rounds."""
    return all(_power(look, lead, unit) > STEEPEST for _ in range(3))


def _power(look: Callable[[str], object], lead: str, unit: str) -> float:
    # What doubles with every letter would not come back from a longer text.
    if _seconds(look, lead + unit * 18 + "\0") > DOUBLING:
        return math.inf
    first, *larger = (lead + unit * (size // len(unit)) + "\0" for size in SIZES)
    before, power = _seconds(look, first), 0.0
    for text in larger:
        after = _seconds(look, text)
        power = math.log(after / max(before, 1e-7), 4) if after > MEASURABLE else 0
        if power > STEEPEST:
            break
        before = after
    return power


def _seconds(look: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    look(text)
    return time.thread_time() - started


def _attacks(parts: Any, lead: str) -> Iterator[tuple[str, str]]:
    """Leads and units for every part that may repeat without end."""
    for kind, value in parts:
        if kind in {signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT}:
            least, most, body = value
            unit = _sample(body)
            if most == signs.MAXREPEAT or most >= ENDLESS:
                yield "", unit
                yield lead, unit
                yield "", lead + unit
                yield "", f"{lead} {unit}"
            yield from _attacks(body, lead)
            lead += unit * max(min(least, 3), 1 if least else 0)
        elif kind is signs.BRANCH:
            for branch in value[1]:
                yield from _attacks(branch, lead)
            lead += _sample(value[1][0])
        elif kind in {signs.SUBPATTERN, signs.ASSERT, signs.ASSERT_NOT}:
            yield from _attacks(value[-1], lead)
            lead += _sample([(kind, value)])
        elif kind is signs.ATOMIC_GROUP:
            yield from _attacks(value, lead)
            lead += _sample(value)
        else:
            lead += _sample([(kind, value)])


def _sample(parts: Any) -> str:
    """A text that these parts take."""
    return "".join(_of(kind, value) for kind, value in parts)


def _of(kind: Any, value: Any) -> str:  # noqa: PLR0911 - one kind of part, one line
    if kind is signs.LITERAL:
        return chr(value)
    if kind in {signs.ANY, signs.NOT_LITERAL}:
        return "a"
    if kind is signs.IN:
        return _one_of(value)
    if kind in {signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT}:
        return _sample(value[2]) * max(1, min(int(value[0]), 3))
    if kind is signs.SUBPATTERN or (kind is signs.ASSERT and value[0] < 0):
        return _sample(value[-1])
    if kind is signs.BRANCH:
        return _sample(value[1][0])
    return ""


_CATEGORIES: dict[Any, str] = {
    signs.CATEGORY_DIGIT: "1",
    signs.CATEGORY_SPACE: " ",
    signs.CATEGORY_WORD: "a",
    signs.CATEGORY_NOT_DIGIT: "a",
    signs.CATEGORY_NOT_SPACE: "a",
    signs.CATEGORY_NOT_WORD: " ",
}


def _one_of(value: Any) -> str:
    """A character of a set; of one that says what it is not, the first of some that are likely."""
    if value and value[0][0] is signs.NEGATE:
        rest = re.compile("[" + "".join(_written(*each) for each in value[1:]).join(("^", "]")))
        return next((each for each in "a1 (\n" if rest.match(each)), "a")
    kind, first = value[0]
    if kind is signs.LITERAL:
        return chr(first)
    return chr(first[0]) if kind is signs.RANGE else str(_CATEGORIES.get(first, "a"))


def _written(kind: Any, value: Any) -> str:
    if kind is signs.LITERAL:
        return re.escape(chr(value))
    if kind is signs.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    name = {signs.CATEGORY_DIGIT: r"\d", signs.CATEGORY_SPACE: r"\s", signs.CATEGORY_WORD: r"\w"}
    negated = {signs.CATEGORY_NOT_DIGIT: r"\D", signs.CATEGORY_NOT_SPACE: r"\S", signs.CATEGORY_NOT_WORD: r"\W"}
    return str((name | negated).get(value, ""))


if __name__ == "__main__":
    sys.exit(main())
