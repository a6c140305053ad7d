import pytest

from policies.text import reading
from policies.text.meaning import lint
from policies.text.rejected import TextRejected
from policies.text.source.canonical import MAX_SOURCE_BYTES
from tests import growth

MARKDOWN = """---
title: Privacy Policy
---
# Privacy Policy

*Last updated: May 5, 2026*

## 1. Data {: #data }

We keep your&nbsp;data: {% include note.md %}

* one<br>
* two

<table><tr><th>Data</th><th>Kept</th></tr>
<tr><td>Logs<ul><li>web</li><li>mail</li></ul></td><td>30 days</td></tr></table>

Write to privacy@example.org <!-- hidden -->.
"""


def codes(found: reading.Reading) -> list[str]:
    return [warning.code for warning in found.warnings]


def test_markdown_with_front_matter_attributes_tags_and_html() -> None:
    found = reading.read(MARKDOWN, filename="policy.md")
    assert found.title == "Privacy Policy"
    assert found.language == "en"
    assert found.front_matter == {"title": "Privacy Policy"}
    assert [(d.value, d.line, d.position) for d in found.dates] == [("2026-05-05", 6, "top")]
    assert [(h.level, h.label, h.number) for h in found.headings] == [(1, "Privacy Policy", None), (2, "1. Data", "1")]
    assert [(t.rows, t.columns) for t in found.tables] == [(1, 2)]
    assert found.list_items == 2
    assert found.emails == ("privacy@example.org",)
    assert not any(sign in found.text for sign in ("{", "<", "hidden", "---"))
    assert "web" in found.html


def test_reading_its_own_markdown_changes_nothing() -> None:
    once = reading.read(MARKDOWN, filename="policy.md")
    assert reading.read(once.markdown, filename="policy.md").markdown == once.markdown


def test_a_page_keeps_its_article_and_loses_the_rest() -> None:
    page = (
        '<html lang="de"><head><title>Datenschutz | Beispiel</title><script>x()</script></head>'
        '<body><nav><a href="/">Start</a></nav>'
        '<main><h1>Datenschutz</h1><p onclick="y()">1. Wir speichern nichts.</p><ul><li>gar nichts</li></ul></main>'
        "<footer>Impressum</footer></body></html>"
    )
    found = reading.read(page.encode(), filename="page.html")
    assert (found.title, found.language, found.list_items) == ("Datenschutz", "de", 1)
    assert found.text == "Datenschutz\n1. Wir speichern nichts.\ngar nichts"
    assert lint.UNSAFE_CONTENT_REMOVED in codes(found)


def test_a_simplate_says_what_its_translations_say() -> None:
    head = 'import os\n[---]\ntitle = _("Legal")\n[---] text/html\n% extends "x"\n'
    source = head + '<p>{{ _("We keep "\n "nothing, {name}.", name=x) }}</p>\n'
    found = reading.read(source, filename="legal.spt")
    assert found.text == "Legal\nWe keep nothing, [name]."


def test_invisible_and_direction_changing_characters_go() -> None:
    found = reading.read("# Privacy\n\nWe\u200b keep\u00a0\u202e30\u202c days\u00ad.\n")
    assert found.markdown == "# Privacy\n\nWe keep 30 days.\n"


def test_two_blanks_at_the_end_break_the_line() -> None:
    found = reading.read("# Terms\n\nExample Ltd  \n1 Road\n", filename="a.md")
    assert found.markdown == "# Terms\n\nExample Ltd\\\n1 Road\n"
    assert "<br>" in found.html


@pytest.mark.parametrize("source", [b"", b"<!-- nothing -->", b"\xff\xfe", b"\x00\x01\x02\x03a"])
def test_what_cannot_be_read_is_refused(source: bytes) -> None:
    with pytest.raises(TextRejected):
        reading.read(source)


def test_a_rule_at_the_start_is_no_front_matter() -> None:
    assert reading.read("---\nWe keep data.\n---\n\nMore words here.\n").front_matter == {}


# Each of them once took time with the square of its length, or worse.
LENGTHY = [
    *(("a.md", unit) for unit in ("[", "![", "[a](", "[date", "section 1 ", "1.", "<b> ", "://", "* ")),
    *(("a.html", unit) for unit in (" ", "\n", "[")),
    *(("a.txt", unit) for unit in (" ", "\n", "[\n")),
]


@pytest.mark.parametrize(("name", "unit"), LENGTHY)
def test_the_time_of_reading_grows_with_the_text(name: str, unit: str) -> None:
    text, start = growth.repeated(unit), {"a.html": "<html><body><p>Words "}.get(name, "Words and ")
    grown = growth.exponent(
        lambda size: reading.read(start + text(size) + "end", filename=name), size=4000, largest=MAX_SOURCE_BYTES // 4
    )
    assert grown < growth.LINEAR


def test_elements_within_elements_without_end_are_refused_in_words() -> None:
    with pytest.raises(TextRejected, match="elements within elements"):
        reading.read("<html><body><p>Words</p>" + "<li>" * 5000, filename="a.html")
