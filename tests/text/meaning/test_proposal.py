import pytest

from policies.text.compare.redline import redline
from policies.text.meaning import proposal, reasons
from policies.text.words import function_words


def proposed(old: str, new: str) -> proposal.Proposal:
    return proposal.propose(redline(old + "\n", new + "\n"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Last updated: May 5, 2026", "Last updated: June 1, 2026", reasons.OWN_DATE),
        ("We analyze how you behave in our shop.", "We analyse how you behave in our shop.", reasons.SPELLING),
        ("You're free to ask us about it.", "You are free to ask us about it.", reasons.SPELLING),
        ("We keep the the data that we need.", "We keep the data that we need.", reasons.DOUBLED),
        ("We keep a record of it for you.", "We keep the record of it for you.", reasons.SMALL_WORDS),
        ("You can buy it through us.", "You can buy it though us.", reasons.SPELLING),
        ("Any subject rights request is kept by us.", "Any subject's rights request is kept by us.", reasons.SPELLING),
        ("Write to Acme Corporation (Acme Corporation) today.", "Write to Acme Corporation today.", reasons.DOUBLED),
        ("For more, please refer to the page we made.", "For more, see the page we made.", reasons.WORDING),
        ("Below is a list of all of them.", "The following is a list of all of them.", reasons.WORDING),
        ("Wir nutzen z. B. Namen und Mails.", "Wir nutzen zum Beispiel Namen und Mails.", reasons.WORDING),
        ("We keep names, mails and photos of you.", "We keep photos, names and mails of you.", reasons.ORDER),
        ("(a) You pay.\n\n(b) We ship it to you.", "(b) You pay.\n\n(c) We ship it to you.", reasons.IDENTIFIER),
        (
            "The page is made by Red Had Inc for all of us.",
            "The page is made by Red Hat Inc for all of us.",
            reasons.SPELLING,
        ),
        (
            "# Sharing in 2020\n\nDuring 2020, we showed it.\n\nThis is so of all of 2020.",
            "# Sharing in 2021\n\nDuring 2021, we showed it.\n\nThis is so of all of 2021.",
            reasons.OWN_DATE,
        ),
        ("Ask Wellfound (formerly AngelList) about it.", "Ask Wellfound about it.", reasons.RENAME),
        (
            "Read the terms of use. You agree to the terms of use.",
            "Read the terms of service. You agree to the terms of service.",
            reasons.RENAME,
        ),
        (
            "You can write to us at Acme, 12 Main Street, Springfield, IL 62701, and we answer you.",
            "You can write to us at Acme, 9 Oak Avenue, Shelbyville, IL 62565, and we answer you.",
            reasons.CONTACT,
        ),
        (
            "We keep the data that you give us.",
            "We keep the data that you give us.\n\nDid you get the help you needed?\n\nYes\n\nNo",
            reasons.PAGE,
        ),
        ("We keep data, if you ask.", "We keep data if you ask.", reasons.SIGNS),
        ("Acme keeps data. Ask Acme about data.", "Bolt keeps data. Ask Bolt about data.", reasons.RENAME),
        (
            "Acme Ltd, company number 14259, is the company behind it.",
            "Acme Ltd, company number 617987, is the company behind it.",
            reasons.IDENTIFIER,
        ),
        ("As described in section 4, we keep data.", "As described in section 5, we keep data.", reasons.IDENTIFIER),
        (
            "Acme Inc, 1 Main Street, Suite 400, Springfield",
            "Acme Inc, 9 Oak Avenue, Suite 7, Springfield",
            reasons.CONTACT,
        ),
        ("Write to us at a@example.org, please.", "Write to us at b@example.org, please.", reasons.CONTACT),
        ("See https://example.org/a for it.", "See https://example.com/b for it.", reasons.LINK),
        ("We keep:\n\n- your name\n- your mail", "We keep:\n\n1. your name\n2. your mail", reasons.COUNTED),
        ("We keep it.\n\n## Other ways to get help", "We keep it.", reasons.PAGE),
        ("We keep it.\n\n## Cookies", "We keep it.", reasons.HEADING),
        ("Complain [here](https://a.example) to us.", "Complain [here](https://b.example) to us.", reasons.LINK),
        (
            "We keep your data safe. You may ask us about it.",
            "You may ask us about it. We keep your data safe.",
            reasons.ORDER,
        ),
        (
            "You may ask us about it.\n\nWe keep your data safe.\n\nYou may ask us about it.",
            "You may ask us about it.\n\nWe keep your data safe.",
            reasons.ORDER,
        ),
        (
            "We keep your data for 30 days and we show it to you.\n\nWir bewahren Ihre Daten auf.",
            "Wir bewahren Ihre Daten 30 Tage auf und zeigen sie Ihnen.\n\nWir bewahren Ihre Daten auf.",
            reasons.TRANSLATION,
        ),
    ],
)
def test_what_changes_no_meaning_is_editorial_and_says_why(old: str, new: str, code: str) -> None:
    found = proposed(old, new)
    assert found.klass == proposal.EDITORIAL
    assert [reason.code for reason in found.reasons] == [code]


def test_what_stands_elsewhere_now_is_said_although_no_word_changed() -> None:
    sections = [
        "# Terms",
        "## Data\n\nWe keep your data.",
        "## Fees\n\nYou pay us.",
        "## Law\n\nThe law of Utopia holds.",
    ]
    moved = [sections[0], sections[3], *sections[1:3]]
    assert proposed("\n\n".join(sections), "\n\n".join(moved)) == proposal.Proposal(
        proposal.EDITORIAL, (proposal.Reason(reasons.ORDER, "Law"),)
    )


def test_a_difference_of_signs_alone_is_quoted() -> None:
    (reason,) = proposed("# Terms of us\n\nWords.", "# Terms of us!\n\nWords.").reasons
    assert reason.quote


def test_what_changes_nothing_has_no_reason() -> None:
    assert proposed("We keep data that we need.", "We keep **data** that\nwe need.") == proposal.Proposal("editorial")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You pay the fee to us.", "You pay the fee by us."),
        ("# What we sell\n\nNames.", "# What we do not sell\n\nNames."),
        ("Ireland decides. Ask in Ireland about it.", "Iceland decides. Ask in Iceland about it."),
        ("Buyer pays. Seller ships. Buyer may ask us.", "Seller pays. Seller ships. Seller may ask us."),
        ("The fee is 5 € a month.", "The fee is 5 $ a month."),
        ("We keep 10 GB of it for you.", "We keep 20 GB of it for you."),
        ("You may store 10000 files here.", "You may store 20000 files here."),
        ("We do not not sell data.", "We do not sell data."),
        ("| sold | no |\n|---|---|\n| mail | ✓ |", "| sold | no |\n|---|---|\n| mail | ✗ |"),
        ("We rely on Article 6 of the GDPR.", "We rely on Article 9 of the GDPR."),
        ("Legal basis: our interest, art. 6(1)(f).", "Legal basis: our interest, art. 9(1)(f)."),
        ("You waive California Civil Code Section 1542.", "You waive California Civil Code Section 1543."),
        ("It takes 0,5 of what you pay.", "It takes 45,5 of what you pay."),
        ("You owe us 100, we said, in any way.", "You owe us 900, we said, in any way."),
        ("We store it. You must tell us.", "We store it. We must tell us."),
        # A telephone is an address where its number stands, and a kind of data where it does not.
        ("We collect:\n\n- Name\n- Phone number", "We collect:\n\n- Name"),
        ("We collect:\n\n1. Name\n2. Phone", "We collect:\n\n1. Name\n2. Phone, Income"),
        ("- Name, Phone", "- Name, Phone, Birthdate"),
        ("| N | Data |\n|---|---|\n| 1 | Phone |", "| N | Data |\n|---|---|\n| 1 | Phone, Income |"),
        ("| Data | Kept |\n|---|---|\n| Phone | 30 days |", "| Data | Kept |\n|---|---|\n| Phone, Fax | 30 days |"),
        ("# Data we collect\n\nName\n\nMail", "# Data we collect\n\nName\n\nMail\n\nIncome"),
        ("# Who gets cookies\n\nAcme", "# Who gets cookies\n\nAcme\n\nBolt"),
        # Who is written to, and where data lies.
        (
            "You can write to us at Acme Inc, 12 Main Street, for it.",
            "You can write to us at Bolt Ltd, 12 Main Street, for it.",
        ),
        (
            "Data is stored at 12 Main Street, Springfield, for you.",
            "Data is stored at 12 Main Street, Ogdenville, for you.",
        ),
        (
            "# Sharing in 2020\n\nDuring 2020, we showed it.\n\nYou may object until 2020.",
            "# Sharing in 2021\n\nDuring 2021, we showed it.\n\nYou may object until 2021.",
        ),
        (
            "Vous pouvez écrire à Acme, 5 rue de Lyon 75012 Paris, pour tout.",
            "Pouvez écrire à Acme, 5 rue de Lyon 75012 Paris, pour tout.",
        ),
        ("Do you sell my data?\n\nNo", "Do you sell my data?\n\nYes"),
        ("If members cancel, merchants refund and pay.", "If merchants refund, members cancel and pay."),
        (
            "Read the terms of use. You agree to the privacy policy.",
            "Read the privacy policy. You agree to the terms of use.",
        ),
        ("We keep it.", "We keep it.\n\n## All sales are final"),
        ("We keep it.\n\n## We never sell your data", "We keep it."),
        ("მონაცემებს არ ვყიდით", "მონაცემებს ვყიდით"),
        ("ไม่ขายข้อมูลของคุณ", "ขายข้อมูลของคุณ"),
    ],
)
def test_what_may_matter_is_never_called_harmless(old: str, new: str) -> None:
    assert proposed(old, new).klass == proposal.MATERIAL


def test_a_force_is_named_where_no_subject_is_found_and_nothing_is_made_up() -> None:
    assert [r.code for r in proposed("Nie robimy tego w ogóle.", "Robimy to w ogóle.").reasons] == ["negation"]
    assert [r.code for r in proposed("Biz bunu yaparız ve severiz.", "Biz bunu satarız ve severiz.").reasons] == [
        "unclear"
    ]
    assert reasons.LABELS["unclear"] == "No reason found: read it"


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
    assert len(reasons.LABELS) == len(reasons.REASONS) + len(reasons.FORCES) + len(reasons.HARMLESS)
    assert {code for code, _ in reasons.FORCES} >= set(function_words.FORCES)


@pytest.mark.parametrize(
    ("old", "new", "quote"),
    [
        (
            "The assistant is off at first.",
            "The assistant is off at first, and again after each update.",
            "The assistant is off at first {+, and again after each update+}.",
        ),
        (
            "We keep the last ten questions for a year.",
            "We keep the last five questions for a year.",
            "We keep the last [-ten-] {+five+} questions for a year.",
        ),
    ],
)
def test_a_quote_is_the_sentence_with_its_change_marked(old: str, new: str, quote: str) -> None:
    assert [reason.quote for reason in proposed(old, new).reasons] == [quote]
