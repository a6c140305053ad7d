import pytest

from policies.text.compare.redline import redline
from policies.text.meaning import proposal, reasons


def proposed(old: str, new: str) -> proposal.Proposal:
    return proposal.propose(redline(old + "\n", new + "\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Last updated: May 5, 2026", "Last updated: June 1, 2026"),
        ("We analyze how you behave in our shop.", "We analyse how you behave in our shop."),
        ("Acme keeps data. Ask Acme about data.", "Bolt keeps data. Ask Bolt about data."),
        (
            "Acme Ltd, company number 14259, is the company behind it.",
            "Acme Ltd, company number 617987, is the company behind it.",
        ),
        ("Acme Inc, 1 Main Street, Suite 400, Springfield", "Acme Inc, 9 Oak Avenue, Suite 7, Springfield"),
        ("We keep data that we need.", "We keep **data** that\nwe need."),
        ("As described in section 4, we keep data.", "As described in section 5, we keep data."),
        ("You're free to ask us about it.", "You are free to ask us about it."),
    ],
)
def test_what_changes_no_meaning_is_editorial(old: str, new: str) -> None:
    assert proposed(old, new) == proposal.Proposal(proposal.EDITORIAL)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("We keep logs for 30 days.", "We keep logs for 60 days.", reasons.RETENTION),
        ("You must be 13 years old.", "You must be 16 years old.", reasons.CHILDREN),
        ("The fee is €2 a month.", "The fee is €3 a month.", reasons.FEES),
        ("We may share data with partners.", "We will share data with partners.", reasons.THIRD_PARTY_CATEGORIES),
        ("We process your data lawfully.", "We process your data unlawfully.", reasons.DATA_CATEGORIES),
        ("We set cookies.", "We set cookies.\n\nWe also use your texts to train our AI models.", reasons.AI_TRAINING),
        (
            "We use these processors:\n\n- Alpha",
            "We use these processors:\n\n- Alpha\n- Beta",
            reasons.THIRD_PARTY_CATEGORIES,
        ),
        ("Courts of Delaware decide on every dispute.", "Courts of Texas decide on every dispute.", reasons.DISPUTES),
    ],
)
def test_what_changes_meaning_is_material_with_its_reason_and_quote(old: str, new: str, code: str) -> None:
    found = proposed(old, new)
    assert found.klass == proposal.MATERIAL
    assert [reason.code for reason in found.reasons] == [code]
    assert all(reason.quote for reason in found.reasons)


def test_codes_are_those_of_the_list() -> None:
    assert len(reasons.REASONS) == 15
    assert set(reasons.LABELS) == {code for code, _ in reasons.REASONS}
