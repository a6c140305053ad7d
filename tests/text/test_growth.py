"""No text of a few signs over and over makes whoever works on it slow, whatever they ask of it (decision 078)."""

from collections.abc import Callable
from functools import partial

import pytest

from policies.text import reading
from policies.text.meaning import promises, said_twice, summary_lint
from policies.text.source import canonical
from policies.text.structure import anchors, blocks, markdown
from tests import growth

SMALL = 2000
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
# Reading asks for warnings, dates, the promise, furniture, the page and the words left out.
DOORS: dict[str, Callable[[str], object]] = {
    "read a page": partial(reading.read, filename="a.html"),
    "read Markdown": partial(reading.read, filename="a.md"),
    "anchors": lambda text: anchors.apart(markdown.render(text).html, "terms"),
    "words": lambda text: [block.words for block in blocks.read(text)],
    "read promise": promises.read_promise,
    "quote": lambda text: promises.stands_in(text, text),
    "date lines": said_twice.date_lines,
    "short version": said_twice.short_version,
    "answer": summary_lint.check,
    "figures": summary_lint.figures,
}


def afresh(work: Callable[[str], object], text: str) -> object:
    """Let nothing be remembered of the text since it was read before."""
    blocks.read.cache_clear()
    return work(text)


def text_of(shape: str, size: int) -> str:
    return canonical.canonicalize("Words of changes to this policy and " + growth.repeated(shape)(size) + " end.")


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_is_asked_of_a_text_takes_time_in_proportion_to_it(shape: str) -> None:
    texts = {size: text_of(shape, size) for size in (SMALL, 4 * SMALL)}
    powers = {
        name: growth.exponent(lambda size: afresh(door, texts[size]), size=SMALL, largest=SMALL, below=MOST, rounds=1)  # noqa: B023
        for name, door in DOORS.items()
    }
    assert {name: round(power, 2) for name, power in powers.items() if power > MOST} == {}
