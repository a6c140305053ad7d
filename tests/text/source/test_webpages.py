"""Pages as office programs and site generators save them; see also tests/text/test_nothing_lost.py."""

# ruff: noqa: E501 - a source and what is read of it stand on one line each

import pytest

from policies.text import reading
from policies.text.meaning import lint
from policies.text.source import told

BOLD = "<p><span class=SpellE><b><span>Privacy</span></b></span><b><span>\n <span>Policy</span></span></b></p>"


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<p>We keep\nyour data for\n30 days.</p>", "We keep your data for 30 days."),
        ("<p>Acorn<br>\n 1 Oak Lane</p>", "Acorn\\\n1 Oak Lane"),
        ("<p>One.</p><p>&nbsp;</p><p><o:p>&nbsp;</o:p></p><p>Two.</p>", "One.\n\nTwo."),
        ("<p>One:<br>&nbsp;<br></p><p>Two.</p>", "One:\n\nTwo."),
        (f"{BOLD}<p>We keep it.</p>", "**Privacy Policy**\n\nWe keep it."),
        ("<p><b>acorn</b><b>.example</b> and <b>it</b></p>", "**acorn.example** and **it**"),
        ("<p><i>two</i> <i>words</i> <b>and</b> more</p>", "*two words* **and** more"),
        ("<p><b>Others.</b>This is not theirs.</p>", "**Others**.This is not theirs."),
        (
            "<p>data (EU) is kept by the\nApp) and in the\ndata) too.</p>",
            "data (EU) is kept by the App) and in the data) too.",
        ),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
    ],
)
def test_a_page_is_written_as_it_is_seen_and_read_again_the_same(body: str, markdown: str) -> None:
    found = reading.read(page(body), filename="a.html")
    assert found.markdown == markdown + "\n"
    assert reading.read(found.markdown, filename="a.md").markdown == found.markdown


@pytest.mark.parametrize(
    ("comment", "is_told"),
    [
        ("Ask counsel about this", True),
        ("Begin Jekyll SEO tag", False),
        ("End of the header part", False),
        (".site-header menu wrapper", False),
        ("google_ad_section start of this", False),
    ],
)
def test_comments_of_somebody_are_told_and_marks_of_programs_are_not(comment: str, is_told: bool) -> None:
    found = reading.read(page(f"<p>We keep it.</p><!-- {comment} -->"), filename="a.html")
    assert (told.COMMENT_LEFT_OUT in [warning.code for warning in found.warnings]) == is_told
    in_head = reading.read(page("<p>We keep it.</p>", head=f"<!-- {comment} -->"), filename="a.html")
    assert not in_head.losses


def test_the_first_line_is_the_title_where_nothing_else_is() -> None:
    found = reading.read(page("<p>Refund Policy</p><p>We pay it back.</p>"), filename="a.html")
    assert found.title == "Refund Policy"
    assert lint.TITLE_MISSING in [warning.code for warning in found.warnings]


def test_a_warning_says_in_which_line_of_the_page_its_words_begin() -> None:
    body = "\n<p>We keep it.</p>\n<p class=a>\nWe use it for\nthe <b>following</b>\npurposes:</p>\n<p>Another paragraph follows here instead of a list.</p>"
    found = reading.read(page(body), filename="a.html")
    assert [warning.line for warning in found.warnings if warning.code == lint.LIST_MISSING] == [4]
