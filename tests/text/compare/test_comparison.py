"""Golden redlines of hand-made cases: what a reader is shown, and that nothing else is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.text.compare.redline import redline
from policies.text.meaning import facts, proposal
from policies.text.show import plain_redline

BASE = """# Privacy Policy

We care about your data.

## 1. What we collect

We collect your name and your e-mail address when you register.

- your name
- your e-mail address
- your country

## 2. How long we keep it

We keep your account data for 30 days after you leave us.

| Data | Kept for |
|---|---|
| Logs | 30 days |
| Invoices | 7 years |

## 3. Contact

Write to privacy@example.com about anything in this policy.
"""


def changed(*replacements: tuple[str, str]) -> str:
    text = BASE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def told(new: str, old: str = BASE) -> list[dict[str, Any]]:
    return [fact.as_dict() for fact in facts.facts(redline(old, new))]


QUIET = {
    "bullets": changed(("- your", "* your")),
    "emphasis": changed(("We care", "**We** _care_")),
    "heading style": changed(("# Privacy Policy\n", "Privacy Policy\n==============\n")),
    "wrapping": changed((" when you register", "\nwhen you\nregister")),
    "quotes and dashes": changed(("e-mail", "e‑mail")),
    "links": changed(("privacy@example.com", "[privacy@example.com](mailto:privacy@example.com)")),
    "table padding": changed(("| Logs | 30 days |", "|  Logs  |  30 days  |")),
    "a heading in bold": changed(("## 3. Contact", "**3. Contact**")),
    "a list as paragraphs": changed(
        ("- your name\n- your e-mail address\n- your country", "your name\n\nyour e-mail address\n\nyour country")
    ),
    "paragraphs joined": changed(
        ("data.\n\n## 1.", "data.\n\n## 1."),
        ("- your name\n- your e-mail address\n", "- your name your e-mail address\n"),
    ),
    "stray signs": changed(("We care", "|\n\nWe care")),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_only_looks_different_is_not_shown(name: str) -> None:
    found = redline(BASE, QUIET[name])
    assert told(QUIET[name]) == []
    assert found.structure.is_quiet


def test_heading_levels_are_one_line() -> None:
    assert told(BASE.replace("## ", "### ")) == [{"kind": "heading_levels_shifted", "by": 1}]


def test_one_number() -> None:
    assert told(changed(("for 30 days after", "for 60 days after"))) == [
        {"kind": "number", "before": "30 days", "after": "60 days", "unit": "days"}
    ]


def test_a_number_in_words() -> None:
    old = "We keep it for one (1) year.\n"
    assert told("We keep it for two (2) years.\n", old) == [
        {"kind": "number", "before": "one (1) year", "after": "two (2) years", "unit": "years"}
    ]


def test_a_section_put_in_renumbers_the_next_ones() -> None:
    new = changed(("## 2. How", "## 2. Cookies\n\nWe set no cookies.\n\n## 3. How"), ("## 3. Contact", "## 4. Contact"))
    assert told(new) == [
        {"kind": "section_added", "heading": "Cookies", "number": "2"},
        {"kind": "sentence_added", "text": "We set no cookies."},
        {"kind": "renumbered", "heading": "How long we keep it", "before": "2", "after": "3"},
        {"kind": "renumbered", "heading": "Contact", "before": "3", "after": "4"},
    ]


def test_a_moved_section_is_a_move() -> None:
    head, one, two, three = BASE.split("## ")
    new = head + "## ".join(["", three.strip() + "\n\n", one, two])
    assert told(new) == [{"kind": "moved", "heading": "Contact", "after": "Privacy Policy"}]


def test_a_moved_paragraph_is_a_move() -> None:
    line = "We care about your data.\n\n"
    new = BASE.replace(line, "").replace("Write to", line + "Write to")
    assert [fact["kind"] for fact in told(new)] == ["moved_paragraph"]


def test_a_renamed_section() -> None:
    assert told(changed(("How long we keep it", "Retention")))[0] == {
        "kind": "renamed",
        "before": "How long we keep it",
        "after": "Retention",
    }


def test_a_row_a_cell_and_a_moved_row() -> None:
    assert told(changed(("| Invoices", "| Backups | 90 days |\n| Invoices"))) == [
        {"kind": "table_row_added", "row": "Backups | 90 days"}
    ]
    assert told(changed(("| Logs | 30 days |", "| Logs | 14 days |"))) == [
        {"kind": "table_cell", "row": "Logs", "before": "30 days", "after": "14 days"},
        {"kind": "number", "before": "30 days", "after": "14 days", "unit": "days"},
    ]
    swapped = changed(("| Logs | 30 days |\n| Invoices | 7 years |", "| Invoices | 7 years |\n| Logs | 30 days |"))
    assert told(swapped) == [{"kind": "table_rows_moved", "rows": 1}]


def test_items_come_and_go() -> None:
    assert told(changed(("- your country\n", "- your photograph\n- your country\n"))) == [
        {"kind": "list_item_added", "text": "your photograph"}
    ]
    assert told(changed(("- your country\n", ""))) == [{"kind": "list_item_removed", "text": "your country"}]


def test_a_heading_put_above_old_words_is_all_that_is_new() -> None:
    new = changed(("- your name", "## Your choices\n\n- your name"))
    assert told(new) == [{"kind": "section_added", "heading": "Your choices", "number": None}]


def test_an_identifier_is_no_quantity() -> None:
    old = "Example Ltd, company number 14259, is responsible.\n"
    assert told(old.replace("14259", "617987"), old) == [{"kind": "identifier", "before": "14259", "after": "617987"}]


def test_a_date() -> None:
    old = "Last updated: April 14, 2020\n"
    assert told("Last updated: May 6, 2020\n", old) == [{"kind": "date", "before": "2020-04-14", "after": "2020-05-06"}]


def test_another_spelling() -> None:
    old = "We analyze your behavior.\n"
    assert {fact["kind"] for fact in told("We analyse your behaviour.\n", old)} == {"spelling"}


BLOCKS = st.lists(
    st.sampled_from(
        [
            "## 1. One",
            "## Two",
            "**Three**",
            "We keep data for 30 days.",
            "We sell nothing.",
            "- an item",
            "- other",
            "| a | b |\n|---|---|\n| 1 | 2 |",
        ]
    ),
    max_size=12,
).map("\n\n".join)


@given(BLOCKS)
def test_a_text_against_itself_is_quiet(text: str) -> None:
    assert redline(text, text).structure.is_quiet


@given(BLOCKS, BLOCKS)
def test_any_two_texts_can_be_compared(old: str, new: str) -> None:
    found = redline(old, new)
    assert isinstance(facts.facts(found), tuple)
    visible = {
        word
        for section in found.structure.sections
        for change in section.changes
        for b in change.new
        for word in b.text.split()
    }
    assert {
        word
        for word in new.replace("|", " ").replace("#", " ").replace("-", " ").replace("*", " ").split()
        if word.isalpha()
    } - visible <= {
        "One",
        "Two",
        "Three",
        *"ab",
    }


def between(old: str, new: str) -> list[dict[str, object]]:
    return [fact.as_dict() for fact in facts.facts(redline(old + "\n", new + "\n"))]


@pytest.mark.parametrize("around", ["{}", "- {}", "# {}", "| a | b |\n|---|---|\n| x | {} |"])
def test_a_struck_word_is_a_change_wherever_it_stands(around: str) -> None:
    old, new = around.format("We will not sell it"), around.format("We will ~~not~~ sell it")
    assert "~~not~~" in plain_redline.plain_text(redline(old + "\n", new + "\n"))
    assert proposal.propose(redline(old + "\n", new + "\n")).klass == proposal.MATERIAL


def test_a_changed_link_is_told_in_plain_text_too() -> None:
    old, new = "Write [here](https://a.example) to us.", "Write [here](https://b.example) to us."
    assert "https://b.example" in plain_redline.plain_text(redline(old, new))


TABLE = "| Cookie | Purpose |\n|---|---|\n| sid | sign-in |\n| lang | language |"
LONGER = "| Cookie | Kept | Purpose |\n|---|---|---|\n| sid | 1 day | sign-in |\n| lang | 1 year | language |"
TURNED = "| Purpose | Cookie |\n|---|---|\n| sign-in | sid |\n| language | lang |"


def test_a_column_that_came_or_moved_is_one_fact() -> None:
    assert between(TABLE, LONGER) == [{"kind": "table_column_added", "column": "Kept"}]
    assert between(LONGER, TABLE) == [{"kind": "table_column_removed", "column": "Kept"}]
    assert between(TABLE, TURNED) == [{"kind": "table_columns_moved", "columns": ["Purpose", "Cookie"]}]


def test_what_changed_in_a_table_beside_its_columns_is_told_too() -> None:
    assert between(TABLE, LONGER.replace("sign-in", "adverts"))[1:] == [
        {"kind": "table_cell", "row": "sid", "before": "sign-in", "after": "adverts"}
    ]
    assert proposal.propose(redline(TABLE, TURNED.replace("sign-in", "adverts"))).klass == proposal.MATERIAL


def test_a_typed_number_made_a_list_is_no_change_and_a_list_that_counts_is_told() -> None:
    typed, listed = "1\\. We keep it.\n\n2\\. We show it.", "1. We keep it.\n2. We show it."
    assert between(typed, listed) == between(listed, typed) == []
    assert between("- We keep it.\n- We show it.", listed) == [{"kind": "list_numbered", "items": 2}]
