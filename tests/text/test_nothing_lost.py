"""What comes in keeps its words and numbers, whatever it is written in; what is left out is told."""

# ruff: noqa: E501 - a source and what is read of it stand on one line each

import pytest

from policies.text import left_out, reading
from policies.text.source import told

PAGE = '<!doctype html><html lang="en"><body><h1>Terms</h1>{}</body></html>'


def read(source: str | bytes, name: str = "a.md") -> reading.Reading:
    found = reading.read(source, filename=name)
    assert reading.read(found.markdown, filename="again.md").markdown == found.markdown
    return found


def page(body: str) -> reading.Reading:
    return read(PAGE.format(body), "a.html")


def losses(found: reading.Reading) -> set[str]:
    return {warning.code for warning in found.losses}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>within 30<sup>1</sup> days</p>", "within 30¹ days"),
        ("<p>10<sup>2</sup> €, 5 m<sup>2</sup>, CO<sub>2</sub></p>", "10² €, 5 m², CO₂"),
        ("<p>the 1<sup>st</sup> of May, Data<sup>a</sup></p>", "the 1st of May, Data[a]"),
        ('<p>2016/679<sup><a href="#fn3">3</a></sup></p>', "2016/679³"),
        ('<button aria-expanded="false">Sharing</button><div><p>With nobody.</p></div>', "Sharing\nWith nobody."),
        ("<h2><button>Your choices</button></h2>", "Your choices"),
        ("<p><label>Children</label></p>", "Children"),
        ('<h2><img src="x.png" alt="Contact"></h2>', "Contact"),
        ('<p>Write to <img alt="a [at] b.example">.</p>', "Write to a [at] b.example."),
        ("<details><summary>What</summary><p>Names.</p></details>", "What\nNames."),
        ("<dl><dt>Account</dt><dd>What you open.</dd></dl>", "Account\nWhat you open."),
        ('<h2><a href="#who">#</a> Who</h2>', "Who"),
        (
            "<p>a &lt;b&gt; and &amp;shy; and `code` and [x](y) and [^1]</p>",
            "a <b> and &shy; and `code` and [x](y) and [^1]",
        ),
        ("<textarea>We keep nothing.</textarea>", "We keep nothing."),
    ],
)
def test_words_of_a_page_stay_as_they_are_seen(body: str, words: str) -> None:
    found = page(body)
    assert found.text.removeprefix("Terms\n") == words
    assert not found.left_out


@pytest.mark.parametrize(
    ("attributes", "items", "marks"),
    [
        ("type=a", "<li>x<li>y", ["a. x", "b. y"]),
        ("type=I start=3", "<li>x<li>y", ["III. x", "IV. y"]),
        ('style="list-style-type: lower-roman"', "<li>x<li>y", ["i. x", "ii. y"]),
        ("reversed", "<li>x<li>y", ["2. x", "1. y"]),
        ("", "<li value=7>x<li value=9>y", ["7. x", "9. y"]),
    ],
)
def test_items_keep_the_marks_that_a_reader_sees(attributes: str, items: str, marks: list[str]) -> None:
    found = page(f"<ol {attributes}>{items}</ol>")
    assert found.text.split("\n")[1:] == marks
    assert not losses(found)


def test_numbered_lists_start_where_they_start() -> None:
    assert "3. x\n4. y" in page("<ol start=3><li>x<li>y</ol>").markdown
    assert "7. x\n8. y" in page("<ol><li value=7>x<li>y</ol>").markdown


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    found = page(
        "<table><thead><tr><th rowspan=2>Who<th colspan=2>Cookie<tr><th>Name<th>Kept</thead>"
        "<tr><td rowspan=2>Acorn<td>_a<td>1 day<tr><td>_b<td>2 days<tr><td colspan=2>Others<td>none</table>"
    )
    assert found.markdown.split("\n\n")[1] == (
        "| Who | Cookie<br>Name | Kept |\n| --- | --- | --- |\n"
        "| Acorn | _a | 1 day |\n| Acorn | _b | 2 days |\n| Others | | none |\n"
    )
    assert not losses(found)


def test_what_stands_around_the_text_is_listed() -> None:
    found = page(f"<nav>Home Products Prices</nav><main>{'<p>We keep your name for 30 days.</p>' * 9}</main>")
    assert found.left_out == ("Home Products Prices",)
    assert "3 words of the source were left out: “Home Products Prices”." in [w.message for w in found.warnings]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "# T\n\nAccount\n: What you open.\n\nContent\n:   Sent.\n\n    Stored.\n",
            "T\nAccount\nWhat you open.\nContent\nSent.\nStored.",
        ),
        ('# T\n\n!!! warning "Careful"\n    Words.\n\n    - one\n\nAfter.\n', "T\nCareful\nWords.\none\nAfter."),
        ("# T\n\n> [!NOTE]\n> Words.\n", "T\nNote\nWords."),
        ("# T\n\n:::note Heads up\nWords.\n:::\n", "T\nHeads up\nWords."),
        ("# T\n\n[TOC]\n\n[[_TOC_]]\n\n* TOC\n{:toc}\n\nWords.\n", "T\nWords."),
        ("# T\n\n- [ ] no\n- [x] yes\n", "T\n☐ no\n☑ yes"),
        ("# T\n\nx^2^, H~2~O, 30<sup>1</sup> days, ==marked==\n", "T\nx², H₂O, 30¹ days, marked"),
        ("# T\n\n**Note:**this and **„Dienst“**heißt\n", "T\nNote:this and „Dienst“heißt"),
        (
            "# T\n\nUsed[^a].\n\n[^a]: Yes.\n[^b]: Nobody refers to this.\n",
            "T\nUsed.\n[b]: Nobody refers to this.\nYes.",
        ),
        (
            "# T\n\n(a) You may read.\n(b) You may copy:\n    (i) with friends;\n    (ii) alone.\n",
            "T\n(a) You may read.\n(b) You may copy:\n(i) with friends;\n(ii) alone.",
        ),
        (
            "# T\n\nIntro.\n\n    Moved to the right, as a clause is.\n",
            "T\nIntro.\nMoved to the right, as a clause is.",
        ),
        ("# T\n\n<details>\n<summary>What</summary>\n\n- **one**\n\n</details>\n", "T\nWhat\none"),
        ("# T\n\n| a | b |\n| 1 | 2 |\n", "T\na\tb\n1\t2"),
        ("# T\n\n| a |\n|---|\n| 1 | 2 |\n", "T\na\n1\t2"),
        ("# T\n\n|---|---|\n| 1 | 2 |\n", "T\n\n1\t2"),
    ],
)
def test_marks_of_many_dialects_say_what_they_say(source: str, text: str) -> None:
    found = read(source)
    assert found.text == text
    assert not losses(found)


def test_front_matter_in_toml_is_none_of_the_text() -> None:
    found = read('+++\ntitle = "Privacy"\ndate = 2026-01-02\n+++\n\nWe keep nothing.\n')
    assert (found.title, found.text) == ("Privacy", "We keep nothing.")


def test_mdx_keeps_its_words_and_not_its_program() -> None:
    found = read(
        'import X from "x";\n\nexport const meta = {\n  a: 1,\n};\n\n# T\n\n<Tabs>\n<TabItem label="EU">\n\nYou may object.\n\n'
        '</TabItem>\n</Tabs>\n\nMail <Email address="a@b.example" />, {30} days, {props.version}. {/* ask legal first */}\n',
        "a.mdx",
    )
    assert found.text == "T\nEU\nYou may object.\nMail a@b.example, 30 days, [props.version]."
    assert losses(found) == {told.VALUE_MISSING, told.COMMENT_LEFT_OUT}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("We keep it for {{< param days >}} days.", "We keep it for [days] days."),
        ("Updated {{ .Lastmod }}.", "Updated [Lastmod]."),
        ("Dear {{ user.name|title }}.", "Dear [user.name]."),
        ("{{< notice warning >}}Words.{{< /notice >}}", "Words."),
        ('{% trans "Privacy" %} counts.', "Privacy counts."),
        ("[us]({{ site.url }}/x) and more", "us and more"),
    ],
)
def test_a_value_that_is_elsewhere_leaves_its_name(source: str, text: str) -> None:
    found = read(f"# T\n\n{source}\n")
    assert found.text.split("\n")[1] == text
    assert (told.VALUE_MISSING in losses(found)) == ("[" in text)


@pytest.mark.parametrize(
    ("source", "name", "text", "code"),
    [
        ("We keep {++no ++}{--all --}data.", "a.md", "We keep no data.", told.TRACKED_CHANGE),
        ("We keep {~~all~>no~~} data.", "a.md", "We keep no data.", told.TRACKED_CHANGE),
        ("We keep data.{>>ask legal<<}", "a.md", "We keep data.", told.COMMENT_LEFT_OUT),
        ("We keep <ins>no</ins><del>all</del> data.", "a.md", "We keep no data.", told.TRACKED_CHANGE),
        ("We keep data.<!-- TODO: ask legal -->", "a.md", "We keep data.", told.COMMENT_LEFT_OUT),
        ("We ~~never~~ keep data.", "a.md", "We never keep data.", told.STRUCK_THROUGH),
        (
            PAGE.format("<p>We keep <ins>no</ins> <del>all</del> data.</p>"),
            "a.html",
            "We keep no data.",
            told.TRACKED_CHANGE,
        ),
        (
            PAGE.format("<p>We keep data.<!-- please ask legal first --></p>"),
            "a.html",
            "We keep data.",
            told.COMMENT_LEFT_OUT,
        ),
        (
            PAGE.format("<p class=MsoNormal>We keep <span class=msoDel>all</span> data.</p>"),
            "a.html",
            "We keep data.",
            told.TRACKED_CHANGE,
        ),
        (
            PAGE.format(
                "<p class=MsoNormal>We keep data.<a class=msocomanchor>[A1]</a></p>"
                "<div style='mso-element:comment-list'><p>Ask legal</p></div>"
            ),
            "a.html",
            "We keep data.",
            told.COMMENT_LEFT_OUT,
        ),
    ],
)
def test_changes_and_remarks_left_in_a_file_are_told(source: str, name: str, text: str, code: str) -> None:
    found = read(source if name == "a.html" else f"# T\n\n{source}\n", name)
    assert " ".join(found.text.split("\n")[1].split()) == text
    assert code in losses(found)


def test_word_keeps_numbers_levels_and_title() -> None:
    item = "<p class=MsoListParagraph style='mso-list:l0 level{} lfo1'><span style='mso-list:Ignore'>{}</span>{}</p>"
    found = page(
        "<p class=MsoTitle>Privacy</p>"
        + item.format(1, "1.", "Data")
        + item.format(2, "(a)", "name")
        + item.format(1, "2.", "Time")
    )
    assert "# Privacy" in found.markdown
    assert "- 1\\. Data\n  - (a) name\n- 2\\. Time" in found.markdown


def test_google_docs_keep_bold_levels_and_targets_and_lose_remarks() -> None:
    found = read(
        '<html><head><style>.lst-kix_a-1>li:before{content:"(" counter(lst-ctn-kix_a-1,lower-latin) ") "}'
        ".c1{font-weight:700}</style></head><body class=doc-content><p class=title><span>Privacy</span></p>"
        '<ol class="lst-kix_a-0 start" start=1><li><span>Data</span></li></ol>'
        '<ol class="lst-kix_a-1 start" start=1><li><span>name</span></li></ol>'
        '<p><span class=c1>Note</span><span> this</span><sup><a href="#cmnt1">[a]</a></sup></p>'
        '<p><a href="https://www.google.com/url?q=https://example.org/rights&amp;sa=D">rights</a></p>'
        '<div><p><a href="#cmnt_ref1">[a]</a><span>Ask legal about it</span></p></div></body></html>',
        "a.html",
    )
    assert found.markdown == (
        "# Privacy\n\n1. Data\n   - (a) name\n\n**Note** this\n\n[rights](https://example.org/rights)\n"
    )
    assert losses(found) == {told.COMMENT_LEFT_OUT}


def test_one_text_has_one_form_whatever_its_characters_are_written_as() -> None:
    marks = "Infor&shy;mation&nbsp;we&#8203; keep&#8232;second&#133; &#8234;bidi&#8236; &#65279;bom&#28;fs"
    plain = "Information we keep\nsecond… bidi bomfs"
    sources = {
        read(f"# Terms\n\n{marks}\n").sha256,
        read(PAGE.format(f"<p>{marks}</p>"), "a.html").sha256,
        read(f"# Terms\n\n{plain}\n").sha256,
    }
    assert len(sources) == 1


def test_a_number_that_is_not_in_the_source_is_told() -> None:
    _, notes = left_out.told_of("<p>30<b>1</b> days of 5</p>", "3 days of 5", is_page=True)
    assert {note.code for note in notes} == {told.WORDS_LEFT_OUT, told.NUMBERS_DIFFER}
