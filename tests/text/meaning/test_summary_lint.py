"""What is looked at in the short answers about a change, and in their translation."""

import pytest

from policies.text.meaning import summary_lint


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Refunds come within 7 days instead of 14.", "Geld kommt binnen sieben Tagen zurück statt binnen 14."),
        ("Solo costs €9.50 and has 1,000 GB.", "Solo kostet 9,50 € und hat 1.000 GB."),
        ("It has 1000 GB or 10,000.", "Es hat 1.000 GB oder 10 000."),
        ("It applies from April 14, 2027 on.", "Das gilt ab dem 14. April 2027."),
        ("We keep invoices for ten years.", "Rechnungen heben wir 10 Jahre auf."),
        ("Write to us.", "Schreiben Sie uns."),
    ],
)
def test_figures_are_the_same_in_every_language(english: str, german: str) -> None:
    assert summary_lint.figures(english) == summary_lint.figures(german)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Refunds come within 7 days.", "Geld kommt binnen 17 Tagen zurück."),
        ("It applies from April 14, 2027 on.", "Das gilt ab dem 15. April 2027."),
        ("It costs 9 € instead of 8.", "Es kostet 9 €."),
    ],
)
def test_another_figure_is_another_promise(english: str, german: str) -> None:
    assert summary_lint.figures(english) != summary_lint.figures(german)


def test_dates_and_promises_are_checked_and_sections_of_the_text_are_not() -> None:
    said = "We may change this at any time without notice. See Section 9, effective [date]."
    assert {finding.code for finding in summary_lint.check(said, language="en")} == {"at-any-time", "placeholder-date"}
