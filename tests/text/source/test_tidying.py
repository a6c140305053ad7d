import pytest

from policies.text.source import tidying
from policies.text.source.canonical import MAX_SOURCE_BYTES
from tests import growth


@pytest.mark.parametrize("unit", ["\n", " \n", " ", "\x0b", "-", "- ", "1.\n"])
def test_the_time_of_escaping_grows_with_the_text(unit: str) -> None:
    text = growth.repeated(unit)
    grown = growth.exponent(
        lambda size: tidying.escaped_start(tidying.tidy_characters(text(size))),
        size=1000,
        largest=MAX_SOURCE_BYTES // 4,
    )
    assert grown < growth.LINEAR


@pytest.mark.parametrize(
    ("words", "escaped"),
    [("1. a", "1\\. a"), ("a\n\n  - b", "a\n\n  \\- b"), ("--- \n\na", "\\---\n\na"), ("-a", "-a")],
)
def test_what_would_start_a_block_is_escaped_and_lines_stay_apart(words: str, escaped: str) -> None:
    assert tidying.escaped_start(words) == escaped
