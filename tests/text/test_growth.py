"""No text of a few signs over and over makes whoever works on it slow, whatever they ask of it (decision 078)."""

import ast
import importlib
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import policies
from policies.text import left_out, reading
from policies.text.meaning import promises, said_twice, summary_lint
from policies.text.source import canonical
from policies.text.structure import anchors, blocks, markdown
from tests import growth

SMALL = 1600
MOST = 1.2
# Each of them over and over, after words; what ends in a line break makes lines.
SHAPES = (
    *("[", "![", "[[", "]", "[a](b)", "[a](b) ", "![a](b)", "[a][b]", "[a]: b\n"),
    *("[date ", "](", "[^1]", "[^1]: a\n\n"),
    *("<a ", "<", "<b>", "<a href=x>", "</p>", "<!--", "<p>", "<table><tr><td>", "<del>a", "<sup>1", "<script>"),
    *("|", "| a ", "| a | b |\n", "|-|\n", "`", "` ", "```\n", "~~", "~~~\n", "*", "**a", "** ", "_a ", "__", "***a"),
    *("- a\n", "  - a\n", "1. a\n", "- ", "1) ", "> ", ">", "> a\n\n", "# ", "# a\n\n"),
    *("a\n===\n", "a\n---\n", "===\n"),
    *("&amp;", "&", "&#x", "\t", " ", "\n", "\ta\n", "    a\n", "a", "word ", "word. ", "a\n", "a\n\n", "a: b\n\n"),
    *("1", "1 ", "1.", "1.1 ", "30 days ", "May 5, 2026 ", "5.5.", "section 1 ", "a@b", "a@b.c ", "https://", "a.b."),
    *("{", "{{", "{% ", "{{ a }}", "{++a", "{--", "{~~a~>", "{>>", "{: .a", "{#", "!!! note\n    a\n", ":::\n", "!!!"),
    *("Last updated: ", "we will notify you ", "change this policy at any time ", "(", "()", '"', "'", ":", "::", "\\"),
    *("a\n: b\n\n", "- [ ] a\n", "(a) b\n", "in-\n", "©", "·", "• a\n", "\u0142", "\u4e00", "\u202e", "a\\\n", "a  \n"),
)


def of_page(text: str) -> object:
    """Reading a page but for what is asked of its text: that is asked of the same signs as Markdown."""
    found = reading.source(text, filename="a.html")
    return left_out.told_of(found.converted.original, found.markdown, is_page=True)


# What others call (tests of the names below hold this list complete). Reading asks for warnings, dates, the promise,
# furniture, the page and the words left out; the words are those that all later doors share.
DOORS: dict[str, Callable[[str], object]] = {
    "read a page": of_page,
    "read Markdown": partial(reading.read, filename="a.md"),
    "words": lambda text: [block.words for block in blocks.read(text)],
    "anchors": lambda text: anchors.apart(markdown.render(text).html, "terms"),
    "read promise": promises.read_promise,
    "clause": promises.find_clause,
    "check": canonical.check,
    "quote": lambda text: promises.stands_in(text, text),
    "date lines": said_twice.date_lines,
    "short version": said_twice.short_version,
    "answer": summary_lint.check,
    "figures": summary_lint.figures,
}
# What of `policies.text` the rest of the product calls with a string: it is measured above, alone or within reading;
MEASURED = {
    *(
        "reading.read",
        "markdown.render",
        "anchors.apart",
        "promises.find",
        "promises.find_clause",
        "promises.stands_in",
    ),
    *("said_twice.date_lines", "said_twice.short_version", "lint.lint", "furniture.find"),
    *(
        "summary_lint.check",
        "summary_lint.figures",
        "canonical.canonicalize",
        "canonical.check",
        "canonical.fingerprint",
    ),
}
# it compares two texts, whose operations compare/test_operations counts;
OF_TWO = {"two_texts.compare", "two_texts.changes_html", "two_texts.propose", "carrying.carry"}
# or it takes the tag of a language, at most 35 characters.
SHORT = {f"language_tags.{name}" for name in ("are_one", "canonical", "fallbacks", "nearest")}


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """The first time costs more: expressions are compiled, dictionaries read."""
    for door in DOORS.values():
        door(text_of("word ", SMALL))


def afresh(work: Callable[[str], object], text: str) -> object:
    """Let nothing be remembered of the text since it was read before; its words are measured by themselves."""
    if work not in (promises.read_promise, promises.find_clause):
        blocks.read.cache_clear()
    return work(text)


def text_of(shape: str, size: int) -> str:
    return canonical.canonicalize("Words of changes to this policy and " + growth.repeated(shape)(size) + " end.")


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_is_asked_of_a_text_takes_time_in_proportion_to_it(shape: str) -> None:
    texts = {size: text_of(shape, size) for size in (SMALL, 4 * SMALL)}
    powers = {
        name: growth.exponent(
            lambda size: afresh(door, texts[size]),  # noqa: B023
            size=SMALL,
            largest=SMALL,
            below=MOST,
            rounds=1,
            is_warm=True,
        )
        for name, door in DOORS.items()
    }
    assert {name: round(power, 2) for name, power in powers.items() if power > MOST} == {}


def _called_with_a_string() -> set[str]:
    """Functions of `policies.text` that other rooms call, whose first argument is a string."""
    called: set[str] = set()
    for path in Path(policies.__file__).parent.rglob("*.py"):
        if "text" in path.relative_to(Path(policies.__file__).parent).parts[:1]:
            continue
        tree = ast.parse(path.read_text())
        modules = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("policies.text")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                called.add(f"{modules[node.value.id]}.{node.attr}")
            elif isinstance(node, ast.Name) and node.id in modules:
                called.add(modules[node.id])
    return {name for full in called if (name := _takes_a_string(full))}


def _takes_a_string(full: str) -> str:
    """The short name of a function whose first argument is a string, "" for what is none."""
    module, _, name = full.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError:
        return ""
    if not inspect.isfunction(found):
        return ""
    first = next(iter(inspect.signature(found).parameters.values()), None)
    return (
        f"{module.rpartition('.')[2]}.{name}"
        if first and str(first.annotation).startswith(("str", "<class 'str'"))
        else ""
    )


def test_whatever_others_ask_of_a_text_is_measured() -> None:
    assert _called_with_a_string() - MEASURED - OF_TWO - SHORT == set()
