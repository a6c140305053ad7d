"""What a change is said to be, in facts."""

import pytest

from policies.text.compare.redline import redline
from policies.text.meaning import facts


def between(old: str, new: str) -> list[dict[str, object]]:
    return [fact.as_dict() for fact in facts.facts(redline(old + "\n", new + "\n"))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Access.\n\nWe keep it.", "# Access\n\nWe keep it."),
        (
            "1. ### Fees\n\n   You pay.\n\n2. ### Data\n\n   We keep it.",
            "### 1. Fees\n\nYou pay.\n\n### 2. Data\n\nWe keep it.",
        ),
        ("We keep what is fine](https://example.org/fine/).** for you.", "We keep what is fine. for you."),
        ("We keep it for 18months here.", "We keep it for 18 months here."),
    ],
)
def test_mark_up_alone_is_no_fact(old: str, new: str) -> None:
    assert between(old, new) == []


def test_a_heading_with_another_word_has_another_name() -> None:
    assert {"kind": "renamed", "before": "Access", "after": "No access"} in between(
        "# Access\n\nWe keep it.", "# No access\n\nWe keep it."
    )


def test_a_section_split_in_two_is_one_fact() -> None:
    old = "# 3. Content and Usage\n\nWe own it here.\n\n# 4. Fees\n\nYou pay."
    new = "# 3. Content\n\nWe own it here.\n\n# 4. Usage\n\nYou use it well.\n\n# 5. Fees\n\nYou pay."
    assert between(old, new) == [
        {"kind": "section_split", "before": "3. Content and Usage", "after": ["3. Content", "4. Usage"]},
        {"kind": "sentence_added", "text": "You use it well."},
        {"kind": "renumbered", "heading": "Fees", "before": "4", "after": "5"},
    ]


def test_a_column_gone_from_several_tables_is_one_fact_also_below_a_title() -> None:
    table = "| Collected here | | |\n|---|---|---|\n| Category | Law | Why |\n| {} | strict | {} |"
    fewer = "| Collected here | |\n|---|---|\n| Category | Why |\n| {} | {} |"
    pairs = [("Names", "to greet you"), ("Mails", "to write to you")]
    old, new = ("\n\nWe say more.\n\n".join(form.format(*pair) for pair in pairs) for form in (table, fewer))
    assert between(old, new) == [{"kind": "table_column_removed", "column": "Law", "tables": 2}]


def test_a_cell_is_told_as_a_cell_where_its_name_has_other_capitals() -> None:
    table = "| Kind | Kept |\n|---|---|\n| pwa | {} |"
    assert between(table.format("Local storage"), table.format("Local Storage")) == [
        {"kind": "table_cell", "row": "pwa", "before": "Local storage", "after": "Local Storage"}
    ]


def test_a_date_with_a_month_typed_in_a_hurry_is_a_date() -> None:
    assert between("Last updated: Feburary 16, 2023", "Last updated: August 18, 2025") == [
        {"kind": "date", "before": "2023-02-16", "after": "2025-08-18"}
    ]
