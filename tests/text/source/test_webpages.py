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
        # Generators nest what is bold, and set a blank by itself.
        ("<p><b><span><b>1.</b><b>&nbsp;THE APP</b></span></b></p>", "**1. THE APP**"),
        ("<p><b><i>In Short:</i></b><b><i> </i></b><i>We keep it.</i></p>", "***In Short:*** *We keep it.*"),
        ("<p><b><i>In Short:</i></b><i>&nbsp;<i> </i>We keep it.</i></p>", "***In Short:*** *We keep it.*"),
        ("<p><b>Note:</b><i>we keep it.</i></p>", "**Note**:we keep it."),
        ("<p>a <i>b</i><i>c</i> d</p>", "a *bc* d"),
        ("<p>Kept data<br><br>We keep it.</p>", "Kept data\n\nWe keep it."),
        ("<p><b>One<br><br>two</b></p>", "**One\\\ntwo**"),
        (
            "<p>Go <a href='javascript:history.back()'>back</a> or <a href=' data:text/html,x'>on</a>.</p>",
            "Go back or on.",
        ),
        ("<p><a href='/a'>Home</a><a href='/b'>Terms</a></p>", "[Home](/a) [Terms](/b)"),
        ("<p><a href='/a'>Ter</a><a href='/a'>ms</a></p>", "[Ter](/a)[ms](/a)"),
        ("<ul><li><span>●</span> Your name</li><li>·&nbsp;your age</li></ul>", "- Your name\n- your age"),
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


DATED = "Last updated: May 5, 2026"


@pytest.mark.parametrize(
    ("head", "above"),
    [
        (
            f"<header><p>Acorn</p><h1>Terms of Use</h1><p>{DATED}</p><nav>EN DE</nav></header>",
            f"# Terms of Use\n\n{DATED}",
        ),
        (f"<div role=banner><h1>Terms of Use</h1><span>{DATED}</span></div>", f"# Terms of Use\n\n{DATED}"),
        (
            f"<header><h1>Acorn</h1></header><header><h1>Terms of Use</h1><p>{DATED}</p></header>",
            f"# Terms of Use\n\n{DATED}",
        ),
        ("<aside><dl><dt>Effective</dt><dd>May 5, 2026</dd></dl></aside>", "**Effective** May 5, 2026"),
        ("<header><p>آخر تحديث: 5 مايو 2026</p></header>", "آخر تحديث: 5 مايو 2026"),
        # Of something else, and of the site.
        ("<aside><p>Posted on May 5, 2026: five tips</p></aside>", ""),
        (f"<footer><p>{DATED}</p></footer>", ""),
    ],
)
def test_the_heading_and_the_dates_of_a_text_may_stand_in_the_head_of_its_page(head: str, above: str) -> None:
    text = "We keep what you write for as long as you want us to, and no longer than that. " * 9
    found = reading.read(page(f"{head}<main><p>{text}</p></main>"), filename="a.html")
    assert found.markdown.removesuffix(f"{text.strip()}\n").strip().replace("**", "") == above.replace("**", "")


STYLES = "<style>@media print{.paper{display:none}} .a{color:red} .quick, #x {font:1em; display: none;}</style>"


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("<div class='big quick'>Short <b>links</b></div>", True),
        ("<div id=x>Short <b>links</b></div>", True),
        ("<div style='color:red; display:none'>Short <b>links</b></div>", True),
        ("<div hidden>Short <b>links</b></div>", True),
        ("<div class=paper>Short <b>links</b></div>", False),
        ("<div class=a>Short <b>links</b></div>", False),
        ("<div class=quick></div><p>Short <b>links</b></p>", False),
    ],
)
def test_what_a_page_hides_is_kept_and_told(body: str, is_told: bool) -> None:
    found = reading.read(page(f"<p>We keep it.</p>{body}", head=STYLES), filename="a.html")
    assert found.markdown == "We keep it.\n\nShort **links**\n"
    assert (told.HIDDEN in [warning.code for warning in found.losses]) == is_told


def test_a_menu_that_is_hidden_is_left_out_as_menus_are() -> None:
    found = reading.read(page(f"<nav hidden>Home</nav><p>{'We keep it. ' * 20}</p>"), filename="a.html")
    assert [warning.code for warning in found.losses] == [told.WORDS_LEFT_OUT]
