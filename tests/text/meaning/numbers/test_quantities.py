import pytest

from policies.text.meaning.numbers import quantities
from policies.text.meaning.numbers.quantities import DATE, IDENTIFIER, QUANTITY
from policies.text.source.canonical import MAX_SOURCE_BYTES
from tests import growth


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("kept for 30 days", QUANTITY, "30 days"),
        ("for one (1) year", QUANTITY, "one (1) year"),
        ("pendant 13 mois", QUANTITY, "13 mois"),
        ("a 14-Day refund", QUANTITY, "14-Day"),
        ("orders over €15 only", QUANTITY, "€15"),
        ("costs 2€ more", QUANTITY, "2€"),
        ("en 3/4 jours ouvrés", QUANTITY, "3/4 jours"),
        ("company number 14259", IDENTIFIER, "14259"),
        ("Seattle, WA 98136", IDENTIFIER, "98136"),
        ("see section 4", IDENTIFIER, "4"),
        ("2.1 Scope of this policy", IDENTIFIER, "2.1"),
        ("on May 5, 2026", DATE, "May 5, 2026"),
    ],
)
def test_what_a_number_is(text: str, kind: str, written: str) -> None:
    found = quantities.find(text)
    assert [(number.kind, number.text) for number in found] == [(kind, written)]


def test_one_of_them_is_no_number() -> None:
    assert quantities.find("one of them may ask") == []


@pytest.mark.parametrize(
    ("text", "period"),
    [("thirty days", (30, "day")), ("2 weeks", (2, "week")), ("un mois", (1, "month")), ("5 minutes", None)],
)
def test_periods(text: str, period: tuple[int, str] | None) -> None:
    assert quantities.period(quantities.find(text)[0]) == period


@pytest.mark.parametrize("start", ["section ", "30", "one", "May", "1 May", "30 (a)"])
def test_the_time_grows_with_the_blanks_after_a_word(start: str) -> None:
    grown = growth.exponent(
        lambda size: list(quantities.find(start + " " * size + "x 2020")), size=1000, largest=MAX_SOURCE_BYTES // 4
    )
    assert grown < growth.LINEAR
