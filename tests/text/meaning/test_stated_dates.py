from datetime import date

import pytest

from policies.text.meaning import stated_dates


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Last updated: May 5, 2026", [("updated", "2026-05-05")]),
        ("_Last updated: August 2025_", [("updated", "2025-08")]),
        (
            "Effective 1st of March 2026. Last revised 2 February 2026.",
            [("effective", "2026-03-01"), ("updated", "2026-02-02")],
        ),
        ("Terms of ServiceLast Modified: 2023-06-07", [("updated", "2023-06-07")]),
        ("Dernière mise à jour : 13 août 2025", [("updated", "2025-08-13")]),
        ("Stand: März 2024", [("updated", "2024-03")]),
        ("施行日：2024 年 4 月 29 日", [("effective", "2024-04-29")]),
        ("2024年1月1日更新", [("updated", "2024-01-01")]),
        ("2024年1月1日修订", [("updated", "2024-01-01")]),
        ("Last updated and effective: 2026-01-02", [("updated", "2026-01-02"), ("effective", "2026-01-02")]),
        ("This policy was last updated on April 14, 2026. We may change it at any time.", [("updated", "2026-04-14")]),
    ],
)
def test_a_line_that_dates_its_text(line: str, found: list[tuple[str, str]]) -> None:
    assert [(d.role, d.value) for d in stated_dates.read_line(line).dates] == found


@pytest.mark.parametrize(
    "line",
    [
        "* Version of [17/05/2018](https://example.org/old.pdf)",
        "| 2.2 | Document updated | 21.6.2022 |",
        "- March 30, 2020: terms revised in entirety",
        "March 30, 2020: section three was updated and rewritten",
        "Last updated: XX March 2025",
        "the Data Privacy Act of 2024, effective October 1, 2025",
        "The previous version was effective January 1, 2020",
        "We have been around since March 2012.",
        "Valid until July 2021",
    ],
)
def test_a_line_that_does_not(line: str) -> None:
    assert not stated_dates.read_line(line).is_last_updated


def test_an_ambiguous_date_is_never_guessed_silently() -> None:
    found = stated_dates.read_line("Updated on: 11/05/2026").dates[0]
    assert found.ambiguous
    assert found.candidates == ("2026-05-11", "2026-11-05")
    assert stated_dates.read_line("Updated on: 11/05/2026", captured=date(2026, 7, 16)).dates[0].value == "2026-05-11"
    assert stated_dates.read_line("Mise à jour : 11/05/2026").dates[0].value == "2026-05-11"
    assert not stated_dates.read_line("Updated on: 5/28/2026").dates[0].ambiguous


def test_a_label_and_its_date_may_stand_on_two_lines() -> None:
    found = stated_dates.find_dates("# Privacy\n\nLast updated:\nMay 5, 2026\n\nWords.\n")
    assert [(d.value, d.line, d.position) for d in found] == [("2026-05-05", 4, "top")]
