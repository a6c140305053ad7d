import re
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.text.source.canonical import MAX_SOURCE_BYTES, canonicalize
from policies.text.structure import markdown
from tests import growth
from tests.growth import repeated

PIECES = st.sampled_from(
    [
        *(
            "# ",
            "## 1. ",
            "- ",
            "1. ",
            "> ",
            "|",
            "\n",
            "\n\n",
            "    ",
            "**",
            "_",
            "~~",
            "`",
            "```",
            "\\",
            "a",
            "word ",
        ),
        *(
            "[",
            "](",
            ")",
            "![",
            "<",
            ">",
            "script",
            "javascript:",
            "//evil.example",
            "data:text/html",
            "<br>",
            "&#x3c;",
        ),
        *("&lt;", "[^1]", "[^1]: ", "@b.example"),
    ]
)
SOURCES = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))
ACTIVE = re.compile(
    r"<(script|iframe|object|embed|style|form|link|meta|base|img|svg)|\son\w+\s*=|\sstyle\s*=|"
    r"(href|src)\s*=\s*[\"']?\s*(javascript|vbscript|data|//)",
    re.IGNORECASE,
)


@given(SOURCES)
def test_no_source_makes_an_active_page_and_cleaning_twice_is_cleaning_once(source: str) -> None:
    rendered = markdown.render(canonicalize(source))
    assert not ACTIVE.search(rendered.html)
    assert markdown.clean(rendered.html) == rendered.html


@given(SOURCES)
def test_anchors_are_unique(source: str) -> None:
    anchors = [heading.anchor for heading in markdown.render(canonicalize(source)).contents]
    assert len(anchors) == len(set(anchors))


@given(
    st.lists(
        st.sampled_from(
            ["<a href=x onclick=y>", "<img src=//e>", "<b>", "</b>", "<svg><p>", "text", "<!--", "-->", '"', "'"]
        )
    )
)
def test_cleaning_is_idempotent_on_any_html(parts: list[str]) -> None:
    once = markdown.clean("".join(parts))
    assert markdown.clean(once) == once
    assert not ACTIVE.search(once)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/\\evil.example",
        "data:text/html,x",
        "vbscript:x",
        "\\\\evil.example",
        "/\t/evil.example",
    ],
)
def test_a_dangerous_link_keeps_its_words_and_loses_its_target(target: str) -> None:
    html = markdown.render(f"[the words](<{target}>)\n").html
    assert "the words" in html
    # A backslash or a tab that is escaped is part of a path, and no way to another site.
    assert not re.search(r'href="(?!(/?%(5C|09)))', html)


def test_a_picture_is_its_description() -> None:
    rendered = markdown.render("![our seal](https://tracker.example/pixel.gif)\n")
    assert rendered.html == "<p>our seal</p>\n"
    assert rendered.text == "our seal"


def test_cells_are_aligned_by_class() -> None:
    html = markdown.render("| a | b |\n|--:|:-:|\n| 1 | 2<br>3 |\n").html
    assert '<th class="align-right">a</th>' in html
    assert '<td class="align-center">2<br>' in html
    assert "style" not in html


def test_other_tags_are_words() -> None:
    assert "&lt;script&gt;" in markdown.render("a <script>alert(1)</script>\n").html


def test_only_what_says_so_is_a_link() -> None:
    html = markdown.render("The key mixmaster.sound, http://a.example and hello@example.org.\n").html
    assert re.findall(r'href="([^"]*)"', html) == ["http://a.example", "mailto:hello@example.org"]


@pytest.mark.parametrize(
    ("before", "after"), [("## 4. How we share", "## 5. How we share"), ("## IV. How we share", "## How We Share")]
)
def test_an_anchor_survives_renumbering(before: str, after: str) -> None:
    assert markdown.render(before).contents[0].anchor == markdown.render(after).contents[0].anchor == "s-how-we-share"


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ("1. Introduction", "1", "Introduction"),
        ("2.1.4 Newsletter", "2.1.4", "Newsletter"),
        ("Article 14 – Changes", "14", "Changes"),
        ("XIV. Liability", "XIV", "Liability"),
        ("I agree", None, "I agree"),
        ("Contact", None, "Contact"),
        ("2024", None, "2024"),
        ("C. Cookies", "C", "Cookies"),
    ],
)
def test_a_heading_is_a_number_and_words(text: str, number: str | None, words: str) -> None:
    assert markdown.split_number(text) == (number, words)


def test_a_first_heading_that_repeats_the_title_is_left_out() -> None:
    text = "# Privacy  Policy\n\nWords.\n"
    assert "<h1" not in markdown.render(text, title="privacy policy").html
    assert "<h1" in markdown.render(text, title="Terms").html


def test_bold_lines_are_headings_where_there_are_no_others() -> None:
    rendered = markdown.render("**What we collect**\n\nWords.\n\n**Contact us**\n\nWords.\n")
    assert [(h.text, h.anchor) for h in rendered.contents] == [
        ("What we collect", "s-what-we-collect"),
        ("Contact us", "s-contact-us"),
    ]
    assert '<p id="s-contact-us">' in rendered.html


def test_a_list_stays_whole_and_keeps_its_start() -> None:
    html = markdown.render("3. a\n\n   more of a\n4. b\n").html
    assert html.count("<ol") == 1
    assert '<ol start="3">' in html


PATHOLOGICAL = {
    "brackets": repeated("["),
    "closed brackets": repeated("[]"),
    "links": repeated("[a]("),
    "pictures": repeated("!["),
    "images in links": repeated("[!["),
    "emphasis": repeated("*a_"),
    "stars": repeated("*"),
    "strong": repeated("**x "),
    "quotes": repeated(">"),
    "quoted lists": repeated("> - "),
    "nested lists": lambda size: "".join("  " * k + "- a\n" for k in range(isqrt(size))),
    "deep list line": repeated("- "),
    "numbers": repeated("1. "),
    "wide table": lambda size: "\n".join("|" + cell * (size // 6) for cell in ("a|", "-|", "b|")),
    "long table": lambda size: "|a|b|\n|-|-|\n" + "|1|2|\n" * (size // 6),
    "ragged table": lambda size: "|a\n|-\n" + "|x" * (size // 2),
    "code": repeated("`"),
    "code runs": lambda size: "".join("`" * k + "a" for k in range(1, isqrt(2 * size))),
    "angle brackets": repeated("<"),
    "open tags": repeated("<a "),
    "comments": repeated("<!--"),
    "entities": repeated("&#x"),
    "backslashes": repeated("\\"),
    "addresses": repeated("a@"),
    "mails": repeated("a@b.example "),
    "colons": repeated("://"),
    "schemes": repeated("http://"),
    "schemes apart": repeated("http:// "),
    "long word": repeated("a"),
    "long line": repeated("word "),
    "footnotes": repeated("[^1]"),
    "footnote definitions": lambda size: "".join(f"[^{k}]: x\n" for k in range(size // 9)),
    "references": lambda size: "".join(f"[{k}]: /x\n" for k in range(size // 10)),
    "headings": repeated("# a\n"),
    "setext": repeated("a\n=\n"),
    "fences": repeated("```\n"),
    "tildes": repeated("~~a"),
    "breaks": repeated("<br>"),
    "hashes": repeated("#"),
    "rules": repeated("---\n"),
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_the_time_grows_with_the_text_and_not_with_its_square(name: str) -> None:
    text = PATHOLOGICAL[name]
    grown = growth.exponent(lambda size: markdown.render(text(size)), size=1000, largest=MAX_SOURCE_BYTES // 4)
    assert grown < growth.LINEAR
