from typing import Any

import pytest

from policies.text.meaning import lint


def codes(text: str, **options: Any) -> list[str]:
    return [finding.code for finding in lint.lint(text, **options)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "We use it for the following purposes:\n\nAnother paragraph follows here instead of a list.\n",
            [lint.LIST_MISSING],
        ),
        ("We use it for the following purposes:\n\n- one\n", []),
        ("We use it as follows:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", []),
        ("Please contact us at:\n\nExample Ltd, 1 Road, 12345 City\n", []),
        ("We collect the following:\n\n## Next\n\nWords.\n", [lint.LIST_MISSING]),
        # Headings that count what was announced are the list; the first section of the text is none.
        ("It covers the following topics:\n\n**1. Who are we?**\n\n**2. What do we keep?**\n", []),
        ("Data falls into the following categories:\n\n### a. Access data\n\nWe log it.\n", []),
        ("It covers the following topics:\n\n## 1. Who we are\n\nAcorn.\n\n## 2. Data\n", [lint.LIST_MISSING]),
        ("## 1. Data\n\nSee Section 1 and Section 4.\n", [lint.DANGLING_REFERENCE]),
        ("## 1. Data\n\nUnder Article 6 of the GDPR and section 1798.100 of the Civil Code.\n", []),
        ("Skip to content\n\nWe keep data.\n", [lint.PAGE_FURNITURE]),
        ("Last updated: XX March 2025\n", [lint.PLACEHOLDER_DATE]),
        ("Stand: [Datum]\n", [lint.PLACEHOLDER_DATE]),
        ("Mehr in der [Datenschutzerklärung](https://example.org/ds).\n", []),
        ("The [date of the last change](/changes) and our [dataset] are there.\n", []),
        ("Last updated: 3/4/2025\n", [lint.UNCLEAR_DATE]),
        ("We may change this policy at any time without prior notice.\n", [lint.AT_ANY_TIME]),
        (
            "Not directed to anyone under the age of 13.\n\nNot intended for persons under the age of 16.\n",
            [lint.DUPLICATE_FACT],
        ),
    ],
)
def test_what_an_editor_is_told(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_a_typed_date_that_disagrees_with_the_page() -> None:
    assert codes("Last updated: May 5, 2026\n", last_updated="2026-06-01") == [lint.TYPED_DATE_DIFFERS]
    assert codes("Last updated: May 5, 2026\n", last_updated="2026-05") == []


def test_a_date_promised_at_the_top() -> None:
    filler = "\n\n".join("Some more words of the policy." for _ in range(20))
    text = f"We will update the “Last Updated” date at the top of this page.\n\n{filler}\n\nLast updated: May 5, 2026\n"
    assert codes(text) == [lint.DATE_NOT_AT_TOP]
    assert codes(f"Last updated: May 5, 2026\n\n{text.rpartition('Last')[0]}") == []


def test_findings_say_where() -> None:
    assert lint.lint("Words.\n\nMenu\n")[0].line == 3
