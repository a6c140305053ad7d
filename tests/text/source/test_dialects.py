import pytest

from policies.text import reading
from policies.text.meaning import lint
from policies.text.source import dialects, templates
from policies.text.source.canonical import MAX_SOURCE_BYTES
from tests import growth


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("a <b>bold</b> and <i>italic</i> word", "a **bold** and *italic* word"),
        ('a <a href="/x" class="y">link</a>', "a [link](/x)"),
        ("a <!-- comment --> b", "a  b"),
        (
            "| a | b |\n| --- | --- |\n| <ul><li>x</li><li>y</li></ul> | z |",
            "| a | b |\n| --- | --- |\n| <br>• x<br>• y | z |",
        ),
        ("| - |\n| --- |Words after it", "| - |\n| --- |\n\nWords after it"),
        ("a [](#nothing)b", "a b"),
        ("keep `<b>` and <name>", "keep `<b>` and <name>"),
        ("<script>alert(1)</script>words", "words"),
    ],
)
def test_html_in_markdown(source: str, markdown: str) -> None:
    assert dialects.to_markdown(source)[0] == markdown


def test_a_list_in_html_becomes_a_list() -> None:
    assert (
        dialects.to_markdown("Before\n\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n")[0].strip().endswith("- one\n- two")
    )


@pytest.mark.parametrize(
    "source", ["<script>", '<a onclick="x">', "[x](javascript:alert)", '<img src="data:x">', "<iframe "]
)
def test_what_acts_is_noticed(source: str) -> None:
    assert dialects.is_unsafe(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# Data {: #data .x }", "# Data"),
        ("{% include a.html %}Words {{ site.name }}here", "Words [site.name]here"),
        ("## Data {#data}", "## Data"),
        ("a set {1, 2} stays", "a set {1, 2} stays"),
        (
            """{{ _("On {0}, by {who}, {1}:", '<b>AWS</b> (Ireland)'|safe, count(), who=_("us")) }}""",
            "On <b>AWS</b> (Ireland), by us, [1]:",
        ),
    ],
)
def test_template_tags_go(source: str, words: str) -> None:
    assert templates.without_templates(source)[:2] == (words, "")


@pytest.mark.parametrize("opening", ["{{_(", "{%", "{{", "{# ", "{{_('a',", "{{_('a',b(", " ", "{: "])
def test_the_time_of_tags_left_open_grows_with_the_text(opening: str) -> None:
    text = growth.repeated(opening)
    grown = growth.exponent(
        lambda size: templates.without_templates("{#" + text(size)), size=1000, largest=MAX_SOURCE_BYTES // 4
    )
    assert grown < growth.LINEAR


@pytest.mark.parametrize(
    "unit", ["<b>", "<b> ", "<em>a", "<a href=x>", "<p>\n", "<p>", "a | <p>", "</b>", "<b>a</b>", "<!--", " "]
)
def test_the_time_of_html_grows_with_the_text(unit: str) -> None:
    text = growth.repeated(unit)
    grown = growth.exponent(
        lambda size: dialects.to_markdown("<b>" + text(size)), size=1000, largest=MAX_SOURCE_BYTES // 4
    )
    assert grown < growth.LINEAR


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("<b>a <i>b</i> c</b>", "**a <i>b</i> c**"),
        ("<b>a <b>b</b> c</b>", "**a <b>b** c</b>"),
        ("<b> a</b>", " **a**"),
        ("<b> </b>", " "),
        ("<b>a", "<b>a"),
    ],
)
def test_emphasis_ends_at_the_next_tag_of_its_name(source: str, markdown: str) -> None:
    assert dialects._with_elements(source, dialects._EMPHASIS, dialects._EMPHASIS_END, dialects._emphasis) == markdown


@pytest.mark.parametrize(
    "target", ["javascript:history.back()", "JavaScript:void(0)", "data:text/html,a", " vbscript:a"]
)
def test_a_link_that_runs_a_program_is_its_words(target: str) -> None:
    assert reading.read(f"# Terms\n\nGo [back]({target}) now.\n").markdown == "# Terms\n\nGo back now.\n"
    page = reading.read(f'# Terms\n\nGo <a href="{target}">back</a> now.\n')
    assert page.markdown == "# Terms\n\nGo back now.\n"
    assert lint.UNSAFE_CONTENT_REMOVED in [warning.code for warning in page.warnings]


def test_braces_in_code_of_mdx_are_braces() -> None:
    found = reading.read("# Terms\n\nAt `docs.example/{owner}` and {props.name}.\n", filename="a.mdx")
    assert found.markdown == "# Terms\n\nAt `docs.example/{owner}` and [props.name].\n"
