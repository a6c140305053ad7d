import pytest

from policies.text.compare.carrying import carry
from tests import growth

BEFORE = """# Terms

We store your adress and your name. You may leave at any time.

- one thing
- an other thing

Write to privacy@example.org. We answer within a month.
"""
AFTER = BEFORE.replace("adress", "address").replace("an other", "another")
NEXT = BEFORE.replace("You may leave", "From now on you may leave").replace("a month", "two months") + "\nA new end.\n"


def test_a_correction_is_carried_to_where_the_same_words_stand() -> None:
    found = carry(BEFORE, AFTER, NEXT)
    assert found.text == NEXT.replace("adress", "address").replace("an other", "another")
    assert (found.carried, found.left) == (2, ())


def test_words_that_do_not_stand_there_are_left_and_named() -> None:
    elsewhere = NEXT.replace("your adress and your name", "what you told us")
    found = carry(BEFORE, AFTER, elsewhere)
    assert found.text == elsewhere.replace("an other", "another")
    assert found.carried == 1
    assert found.left == ("We store your adress and your name",)


def test_words_that_stand_there_twice_are_left_alone() -> None:
    twice = BEFORE + "\n" + BEFORE
    found = carry(BEFORE, AFTER, twice)
    assert (found.text, found.carried, len(found.left)) == (twice, 0, 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [("One two three four.\n", "One two, three four.\n"), ("One two two three.\n", "One two three.\n"), ("a\n", "b\n")],
    ids=["inserted", "deleted", "whole"],
)
def test_what_is_inserted_or_deleted_is_carried_too(before: str, after: str) -> None:
    assert carry(before, after, before).text == after
    assert carry(before, after, f"New.\n\n{before}").text == f"New.\n\n{after}"


def test_a_text_that_did_not_change_carries_nothing() -> None:
    assert carry(BEFORE, BEFORE, NEXT) == type(carry(BEFORE, BEFORE, NEXT))(NEXT, 0, ())


def test_a_long_text_is_carried_in_time_that_grows_with_it() -> None:
    def carried(lines: int) -> object:
        before = "".join(f"Line {number} says that we keep your data for {number} days.\n\n" for number in range(lines))
        after = before.replace("Line 77 says that", "Line 77 says").replace("for 99 days", "for 98 days")
        carrying = carry(before, after, before)
        assert carrying.text == after
        return carrying

    assert growth.exponent(carried, size=250, largest=1000) < growth.LINEAR
