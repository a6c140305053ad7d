import pytest

from policies.text.source import furniture


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        (["a", "Page 1", "b", "Page 2", "c"], {1, 3}),
        (["a", "- 1 -", "Acorn", "b", "- 2 -", "Acorn", "c", "- 3 -", "Acorn"], {1, 2, 4, 5, 7, 8}),
        (["Foot", "1", "Head", "b", "Foot", "2", "Head", "c", "Foot", "3", "Head"], {0, 1, 2, 4, 5, 6, 8, 9, 10}),
        # Sections whose numbers stand on lines of their own.
        (["1", "Data", "We keep it.", "2", "Rights", "Ask us.", "3", "Contact", "Write."], set()),
        (["12", "b", "40", "b", "7"], set()),
        (["Foot", "1", "Foot", "5", "Foot", "9"], set()),
    ],
)
def test_numbers_of_pages_with_what_stands_beside_them(lines: list[str], places: set[int]) -> None:
    assert furniture.printed(lines) == places


def test_a_line_beside_one_number_only_is_text() -> None:
    assert furniture.printed(["We keep data.", "Seite 1 von 2", "Und mehr.", "Seite 2 von 2"]) == {1, 3}
