from hypothesis import given
from hypothesis import strategies as st

from policies.text.compare.redline import redline

LINES = st.lists(
    st.sampled_from(["We keep data.", "We keep data for 30 days.", "- an item", "", "## A heading", "a\tb  c"])
)
TEXTS = st.one_of(st.text(), LINES.map("\n".join))


@given(TEXTS, TEXTS)
def test_both_texts_can_be_rebuilt(old: str, new: str) -> None:
    runs = redline(old, new).runs
    assert "".join(text for op, text in runs if op in "=-") == old
    assert "".join(text for op, text in runs if op in "=+") == new


@given(TEXTS)
def test_a_text_against_itself_shows_nothing(text: str) -> None:
    found = redline(text, text)
    assert found.is_empty
    assert (found.words_inserted, found.words_deleted, found.regions) == (0, 0, 0)


def test_one_number_is_one_region() -> None:
    found = redline("We keep logs for 30 days.\n", "We keep logs for 60 days.\n")
    assert found.runs == (("=", "We keep logs for "), ("-", "30"), ("+", "60"), ("=", " days.\n"))
    assert (found.words_inserted, found.words_deleted, found.regions) == (1, 1, 1)
