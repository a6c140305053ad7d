"""
Look for regular expressions whose time grows faster than the text they look at.

Every pattern that a source meets on its way in is taken apart. For each part of it that may repeat without end, texts
are made that repeat what it takes, after what leads to it, and end in what nothing takes; a search that grows with the
square of such a text, or worse, is named. What only ever meets a few hundred characters says so in a comment above it,
"# short: ...", with who sees to that.
"""

import ast
import math
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as signs
from re import _parser as parser
from typing import Any

ROOT = Path(__file__).parents[1]
# Whatever somebody brings from elsewhere meets these first.
ROOMS = ("policies/text/source", "policies/text/structure")
SIZES = 1500, 6000
# Squares have 2; what is in proportion, 1.
STEEPEST = 1.6
# Less than so many seconds for the larger text says nothing.
MEASURABLE = 0.003
DOUBLING = 0.01
ENDLESS = 1000
FLAGS = {name: getattr(re, name) for name in dir(re) if name.isupper() and isinstance(getattr(re, name), re.RegexFlag)}


def main() -> int:
    """Name every pattern that grows too fast, with where it stands and on what."""
    found = 0
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for line, pattern, flags in patterns(path.read_text(encoding="utf-8")):
            place = f"{path.relative_to(ROOT)}:{line}"
            if unit := steep(pattern, flags):
                found += 1
                print(f"{place}: grows too fast on {unit!r}: {pattern[:100]}")
    return int(bool(found))


def patterns(source: str) -> Iterator[tuple[int, str, int]]:
    """The patterns that are written in a module, those that a function of `re` is given, with their lines and flags."""
    allowed = {number for number, text in enumerate(source.split("\n"), start=1) if "# short:" in text}
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
            continue
        if allowed & {node.lineno, node.lineno - 1}:
            continue
        flags = sum(
            FLAGS.get(n.attr, 0) for arg in node.args[1:] for n in ast.walk(arg) if isinstance(n, ast.Attribute)
        )
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            yield node.lineno, node.args[0].value, flags


def steep(pattern: str, flags: int = 0) -> str:
    """What a pattern grows too fast on; "" for a sound one."""
    try:
        parts = parser.parse(pattern, flags)
    except re.error:
        return ""
    compiled = re.compile(pattern, flags)
    for lead, unit in dict.fromkeys(_attacks(parts, "")):
        if unit and grows(compiled, lead, unit):
            return lead + unit
    return ""


def grows(compiled: re.Pattern[str], lead: str, unit: str) -> bool:
    """True where the time of a search grows too fast in each of three rounds."""
    return all(_power(compiled, lead, unit) > STEEPEST for _ in range(3))


def _power(compiled: re.Pattern[str], lead: str, unit: str) -> float:
    # What doubles with every letter would not come back from a longer text.
    if _seconds(compiled, lead + unit * 18 + "\0") > DOUBLING:
        return math.inf
    small, large = (lead + unit * (size // len(unit)) + "\0" for size in SIZES)
    before = _seconds(compiled, small)
    if before > 0.3:
        return math.inf
    after = _seconds(compiled, large)
    return math.log(after / max(before, 1e-7), 4) if after > MEASURABLE else 0


def _seconds(compiled: re.Pattern[str], text: str) -> float:
    started = time.thread_time()
    compiled.search(text)
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
            yield from _attacks(body, lead)
            lead += unit * max(min(least, 3), 1 if least else 0)
        elif kind is signs.BRANCH:
            for branch in value[1]:
                yield from _attacks(branch, lead)
            lead += _sample(value[1][0])
        elif kind is signs.SUBPATTERN:
            yield from _attacks(value[-1], lead)
            lead += _sample(value[-1])
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
    if kind is signs.SUBPATTERN:
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
