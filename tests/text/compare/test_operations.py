"""Whatever two texts look like, comparing them takes a bounded number of operations, counted one by one."""

import random
import sys
from collections.abc import Callable
from itertools import chain
from types import FrameType
from typing import Any

import pytest

from policies.text.compare import diffing, redline

SMALL = 240
# Operations for each token, once the budgets are used up; work that is square would take four times as many at the
# larger size.
MOST_PER_TOKEN, MOST_GROWTH = 90, 1.3
# Bits of an integer that are worked on at once, and how often `_by_bits` does for each token.
_BITS, _PASSES = 64, 4

_FILES = {diffing.__file__, redline.__file__}


def operations(work: Callable[[], object]) -> int:
    """Lines that were run in the comparison, and the words of its large integers."""
    count = 0

    def line(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in _FILES:
            return None
        if frame.f_code.co_name == "_by_bits":
            count += _PASSES * len(frame.f_locals["old"]) * len(frame.f_locals["new"]) // _BITS
        return line

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def shuffled(words: list[str]) -> list[str]:
    return random.Random(1).sample(words, len(words))  # noqa: S311 - the same each time


def every_other(words: list[str], other: str) -> list[str]:
    return [other if k % 2 else word for k, word in enumerate(words)]


def numbered(size: int, name: str = "w") -> list[str]:
    return [f"{name}{k}" for k in range(size)]


def periodic(size: int, period: int) -> list[str]:
    return [f"p{k % period}" for k in range(size)]


# The words of both texts, by how many there are.
SHAPES: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "the same": lambda n: (numbered(n), numbered(n)),
    "nothing alike": lambda n: (numbered(n), numbered(n, "v")),
    "one word": lambda n: (["a"] * n, ["a"] * (n - 3)),
    "two words against one": lambda n: (["a", "b"] * (n // 2), ["a"] * n),
    "two words, turned": lambda n: (["a", "b"] * (n // 2), ["b", "a"] * (n // 2)),
    "backwards": lambda n: (numbered(n), numbered(n)[::-1]),
    "shuffled": lambda n: (numbered(n), shuffled(numbered(n))),
    "shuffled, of few words": lambda n: (periodic(n, 7), shuffled(periodic(n, 7))),
    "halves changed": lambda n: (numbered(n), numbered(n)[n // 2 :] + numbered(n)[: n // 2]),
    "every other changed": lambda n: (numbered(n), every_other(numbered(n), "x")),
    "every other changed anew": lambda n: (numbered(n), [w + "x" * (k % 2) for k, w in enumerate(numbered(n))]),
    "two periods": lambda n: (periodic(n, 5), periodic(n, 7)),
    "two long periods": lambda n: (periodic(n, 31), periodic(n, 37)),
    "a period against words that stand once": lambda n: (periodic(n, 5), numbered(n)),
    "words between": lambda n: (numbered(n), list(chain.from_iterable((w, "and") for w in numbered(n // 2)))),
    "the first word at the end": lambda n: (numbered(n), [*numbered(n)[1:], "w0"]),
    "doubled": lambda n: (numbered(n // 2), [w for w in numbered(n // 2) for _ in range(2)]),
    "signs": lambda n: ([".", ","] * (n // 2), [",", ".", ";"] * (n // 3)),
    "growing stretches": lambda n: (["a"] * (n // 2) + ["b"] * (n // 2), ["b"] * (n // 2) + ["a"] * (n // 2)),
    "nearly all gone": lambda n: (numbered(n), numbered(n)[:: n // 8]),
}
# Words are compared within lines, lines among themselves.
BETWEEN = {"one line": " ", "lines": "\n", "paragraphs": "\n\n"}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_redline_takes_so_many_operations_and_no_more(
    shape: Callable[[int], tuple[list[str], list[str]]], between: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is exact costs more, up to these budgets; small texts are within them, as large ones are not.
    monkeypatch.setattr(diffing, "_MATRIX_BITS", 4000)
    monkeypatch.setattr(diffing, "_MOST_STEPS", 12)

    def count(size: int) -> int:
        old, new = (between.join(words) + "\n" for words in shape(size))
        return operations(lambda: redline.redline(old, new))

    small, large = count(SMALL), count(4 * SMALL)
    assert large <= MOST_PER_TOKEN * 4 * 4 * SMALL
    assert large <= 4 * MOST_GROWTH * small
