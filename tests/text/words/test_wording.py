import pytest

from policies.text.words import function_words, wording


@pytest.mark.parametrize(
    ("before", "after", "language"),
    [
        ("refer to the", "see", "en"),
        ("Below", "The following", "en"),
        ("We keep it in order to help you.", "We keep it to assist you.", "en"),
        ("z.B. Namen", "zum Beispiel Namen", "de"),
        ("e.g. names", "for example, names", "en"),
        ("afin de vous aider", "pour vous aider", "fr"),
        ("This policy applies.", "This notice applies.", "en"),
    ],
)
def test_phrases_of_a_group_say_the_same(before: str, after: str, language: str) -> None:
    assert wording.is_same(before, after, language)
    assert not wording.is_same(before, after, function_words.UNKNOWN)


@pytest.mark.parametrize(
    ("before", "after"),
    [("before", "after"), ("keep", "sell"), ("we may see it", "we must see it"), ("without notice", "without policy")],
)
def test_what_is_in_no_group_says_something_else(before: str, after: str) -> None:
    assert not wording.is_same(before, after, "en")


def test_no_group_holds_two_words_with_force() -> None:
    """One force never becomes another; "in the event that" and "if" are one."""
    for language in wording.known():
        forceful = function_words.of(language).forceful
        groups: dict[tuple[str, ...], list[str]] = {}
        for phrase, first in wording.of(language).same.items():
            groups.setdefault(first, []).append(" ".join(phrase))
        for first, phrases in groups.items():
            assert len(forceful.intersection(phrases)) <= 1, (language, first)
        for group in wording.of(language).confused:
            assert len(forceful & group) <= 1, (language, group)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We collect names, addresses and photos of you.", "We collect photos, names and addresses of you."),
        ("We do not sell names or photos.", "We do not sell photos or names."),
        ("Sellers and buyers pay.", "Buyers and sellers pay."),
    ],
)
def test_a_list_in_another_order_is_the_same_list(before: str, after: str) -> None:
    assert wording.is_list_in_another_order(before, after, "en")
    assert not wording.is_list_in_another_order(before, after, function_words.UNKNOWN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("If members cancel, merchants refund and pay.", "If merchants refund, members cancel and pay."),
        ("We keep names and you sell photos.", "You sell names and we keep photos."),
        ("We collect names and photos.", "We collect names or photos."),
        ("Sellers pay, buyers collect and ship.", "Buyers collect, sellers pay and ship."),
        ("We keep names, addresses and photos.", "We keep names, photos and mails."),
        ("It takes 10 days, 20 euros and a form.", "It takes 20 days, 10 euros and a form."),
        ("Members pay merchants.", "Merchants pay members."),
    ],
)
def test_an_order_that_says_something_is_none(before: str, after: str) -> None:
    assert not wording.is_list_in_another_order(before, after, "en")
