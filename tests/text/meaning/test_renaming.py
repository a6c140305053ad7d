import pytest

from policies.text.compare.redline import redline
from policies.text.meaning import renaming
from policies.text.meaning.differences import differences


def renames(before: str, after: str, language: str = "en") -> frozenset[tuple[str, str]]:
    found = redline(f"{before}\n", f"{after}\n")
    return renaming.renames(differences(found.structure.sections), before, after, language)


def test_a_name_put_for_another_throughout_is_a_rename() -> None:
    assert renames("Gittip keeps data.\n\nAsk Gittip.", "Gratipay keeps data.\n\nAsk Gratipay.") == {
        ("gittip", "gratipay")
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Once only.
        ("Gittip keeps data.\n\nAsk us.", "Gratipay keeps data.\n\nAsk us."),
        # The old name still stands, or the new one did before.
        ("Acme keeps it.\n\nAcme sells it.\n\nAcme is here.", "Bolt keeps it.\n\nBolt sells it.\n\nAcme is here."),
        ("Acme keeps it.\n\nAcme sells it.\n\nBolt is here.", "Bolt keeps it.\n\nBolt sells it.\n\nBolt is here."),
        # Where something is matters.
        ("We are in Ireland.\n\nData stays in Ireland.", "We are in Iceland.\n\nData stays in Iceland."),
        ("You must pay.\n\nYou may ask.", "We must pay.\n\nWe may ask."),
    ],
)
def test_somebody_else_in_a_place_is_none(before: str, after: str) -> None:
    assert renames(before, after) == frozenset()


def test_the_text_may_say_that_two_names_are_one() -> None:
    before = "New Vector keeps it.\n\nNew Vector sells it.\n\nElement is here.\n\nNew Vector Ltd, trading as Element."
    after = "Element keeps it.\n\nElement sells it.\n\nElement is here.\n\nNew Vector Ltd, trading as Element."
    assert renames(before, after) == {("new vector", "element")}
