"""Work on large texts in processes of their own; see also tests/views/test_large_texts.py."""

import ast
import importlib
import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from policies.text import bounded, reading, two_texts
from policies.text.bounded import Busy, Limits, Pool, TookTooLong, TookTooMuch
from policies.text.meaning import lint, promises, said_twice
from policies.text.rejected import TextRejected
from policies.text.show.labels import Counted, Labels
from policies.text.source import furniture
from policies.text.structure import markdown

LARGE = "# Data\n\nWe keep your data for 30 days.\n\n" + "Words and more words. " * 1000
LIMITS = Limits(processes=1, waiting=1, seconds=60, megabytes=512)
# A regular expression that nobody waits for: meanwhile no other thread of its process runs.
ENDLESS: tuple[Any, ...] = ("re:match", [LARGE], (r"(a+)+$", "a" * 60 + "b"), {})


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(LIMITS)
    yield pool
    pool.close()


def impatient(**limits: float) -> Pool:
    return Pool(Limits(**{"processes": 1, "waiting": 1, "seconds": 0.5, "megabytes": 512, **limits}))  # type: ignore[arg-type]


CALLS: dict[str, Callable[[], object]] = {
    "render": lambda: markdown.render(LARGE, title="Data", before=[("Data", "s-data")]),
    "lint": lambda: lint.lint(LARGE, title="Data", language="en"),
    "promise": lambda: promises.find(f"## Changes\n\nWe tell you by e-mail of changes.\n\n{LARGE}"),
    "furniture": lambda: furniture.find(f"Skip to content\n\n{LARGE}", "Data"),
    "date lines": lambda: said_twice.date_lines(f"Last updated: May 5, 2026\n\n{LARGE}", "en"),
    "short version": lambda: said_twice.short_version(f"## In short\n\nLittle.\n\n## More\n\n{LARGE}"),
    "read": lambda: reading.read(LARGE.encode(), filename="a.md"),
    "compare": lambda: two_texts.compare(LARGE, f"{LARGE} b", Labels(unchanged_rows=Counted.of("{} %(n)d".format))),
    "changes": lambda: two_texts.changes_html(LARGE, f"{LARGE} b"),
    "propose": lambda: two_texts.propose(LARGE, f"{LARGE} We sell it."),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_answer_is_the_same_in_another_process(name: str) -> None:
    at_home = CALLS[name]()
    with bounded.within(LIMITS):
        assert CALLS[name]() == at_home
        assert bounded.pool_of(LIMITS)._idle != []


# What is done with a text in the process that asks: each takes time in proportion to it, or is given a short one.
AT_HOME = {
    "canonical.canonicalize",
    "canonical.check",
    "canonical.fingerprint",
    "anchors.apart",  # HTML of our own making
    "answers.check",  # answers are short
    "answers.figures",
    "promises.find_clause",  # by the demo, which no request loads
    "reading.source",
}


def test_whatever_others_ask_of_a_text_is_bounded() -> None:
    """Who adds a call decides where it runs: `@bounded`, or a line above."""
    asked = set()
    for path in (bounded.ROOT / "policies").rglob("*.py"):
        if path.is_relative_to(bounded.ROOT / "policies" / "text"):
            continue
        tree = ast.parse(path.read_text())
        modules = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "policies.text"
            for alias in node.names
        }
        asked |= {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)} & {
            f"{module}.{name}" for module in modules for name in functions_of(module)
        }
    assert asked
    assert asked - AT_HOME == {name for name in asked if is_bounded(name)}


def functions_of(module: str) -> list[str]:
    found = vars(importlib.import_module(f"policies.text.{module}")).items()
    return [name for name, value in found if inspect.isfunction(value) and module not in {"bounded", "labels"}]


def is_bounded(name: str) -> bool:
    module, _dot, function = name.partition(".")
    return hasattr(getattr(importlib.import_module(f"policies.text.{module}"), function), "__wrapped__")


def test_a_small_text_stays_at_home_and_so_does_a_command_with_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "run", lambda *_call: pytest.fail("It went to another process."))
    markdown.render(LARGE)
    with bounded.within(LIMITS):
        markdown.render(LARGE[:1000])


def test_what_a_text_is_refused_for_comes_back(pool: Pool) -> None:
    with pytest.raises(TextRejected, match="Line 3 holds the control character"):
        pool.run("policies.text.source.canonical:check", [LARGE], ("a\n\n\0",), {})


def test_over_the_time_a_sentence_says_where_to_look_and_others_go_on_meanwhile() -> None:
    pool, ticks, is_over = impatient(), [0], threading.Event()

    def tick() -> None:
        while not is_over.wait(0.01):
            ticks.append(ticks[-1] + 1)

    ticking = threading.Thread(target=tick)
    ticking.start()
    with pytest.raises(TookTooLong, match=r"more than 0\.5 seconds.* line 5, with 22,000 characters\. Break up"):
        pool.run(*ENDLESS)
    is_over.set()
    ticking.join()
    assert len(ticks) > 2
    assert pool._idle == []


def test_over_the_memory_too_and_the_next_call_is_answered(pool: Pool) -> None:
    with pytest.raises(TookTooMuch, match="more than 512 MB of memory"):
        pool.run("operator:mul", [LARGE], ("x" * 1000, 10**7), {})
    assert pool.run("operator:add", [LARGE], (1, 2), {}) == 3


def test_a_process_that_somebody_ended_is_replaced(pool: Pool) -> None:
    assert pool.run("operator:add", [LARGE], (1, 2), {}) == 3
    os.kill(pool._idle[0].process.pid, signal.SIGKILL)
    assert pool.run("operator:add", [LARGE], (1, 2), {}) == 3


def test_beyond_those_who_may_wait_callers_are_told_to_come_back() -> None:
    pool = impatient(waiting=0, seconds=30)
    first = threading.Thread(target=lambda: pool.run("time:sleep", [LARGE], (1,), {}))
    first.start()
    while pool._room.acquire(blocking=False):  # until the first has taken the only place
        pool._room.release()
        time.sleep(0.001)
    with pytest.raises(Busy, match="Wait a minute"):
        pool.run("operator:add", [LARGE], (1, 2), {})
    first.join()
    pool.close()


def test_a_count_has_the_words_of_its_language_also_where_it_is_large() -> None:
    words = Counted.of(lambda n: "%(n)d row" if n % 10 == 1 and n % 100 != 11 else "%(n)d rows")
    assert [words(n) for n in (1, 11, 21, 311, 4321)] == ["1 row", "11 rows", "21 row", "311 rows", "4321 row"]


# Whatever started the tests may ignore Ctrl-C, as a shell does in the background, and children inherit that.
CALLER = """
import signal, threading, time
from policies.text import bounded
signal.signal(signal.SIGINT, signal.default_int_handler)
pool = bounded.Pool(bounded.Limits(2, 2, 100, 512))
pool.run("operator:add", ["x"], (1, 2), {{}})
print(pool._idle[0].process.pid, flush=True)
{}
"""


@pytest.mark.parametrize("at_work", [True, False], ids=["at work", "idle"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_is_left_however_the_caller_ends(how: signal.Signals, *, at_work: bool) -> None:
    then = f"pool.run(*{ENDLESS!r})" if at_work else "time.sleep(100)"
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER.format(then)], cwd=bounded.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with caller:
        assert caller.stdout is not None
        worker = int(caller.stdout.readline())
        if at_work:
            wait_until(lambda: state_of(worker) == "R")
        caller.send_signal(how)
        caller.wait(timeout=60)
        wait_until(lambda: state_of(worker) in {"", "Z"})


def state_of(process: int) -> str:
    """Such as R, running; Z, ended but not buried; empty for one that is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    return ""


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
