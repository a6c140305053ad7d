import pytest

from policies.text import reading
from policies.text.meaning import lint
from policies.text.source import plaintext

TEXT = """Legal
Privacy Policy
Last updated: April 2025
What we collect
The only data we handle is the file you upload. We do not collect:
- ·Your name
• Your address
Your rights
You may write to us at any time about anything we hold.
Contact
Write to hello@example.org.
"""


def test_headings_and_bullets_of_plain_lines() -> None:
    text, title = plaintext.to_markdown(TEXT)
    assert title == "Privacy Policy"
    assert text.split("\n\n")[:4] == ["Legal", "# Privacy Policy", "Last updated: April 2025", "## What we collect"]
    assert "- Your name\n- Your address" in text
    assert "## Contact" in text


def test_numbered_lines_are_headings_and_others_among_them_one_level_below() -> None:
    lines = ["Privacy Policy", "1. Introduction", "We make things, and this is how we treat data.", "Account data"]
    lines += ["- name", "2. Contact", "Write to us whenever you want to know more."]
    text, _ = plaintext.to_markdown("\n".join(lines))
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# Privacy Policy",
        "## 1. Introduction",
        "### Account data",
        "## 2. Contact",
    ]


def test_an_address_is_no_heading() -> None:
    text, _ = plaintext.to_markdown(
        "Please contact us at:\nExample Ltd\nUnited States\nWe answer within 30 days of your request."
    )
    assert "#" not in text


def test_paragraphs_wrapped_by_hand_are_joined() -> None:
    text, _ = plaintext.to_markdown("We keep\nyour data.\n\nAnd nothing\nelse.\n\n1. is no list")
    assert text.split("\n\n") == ["We keep your data.", "And nothing else.", "1\\. is no list"]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("We keep infor-\nmation.", "We keep information."),
        ("Of third-\nparty services.", "Of third-party services."),
        ("A cross-\ndevice and cross-device view.", "A cross-device and cross-device view."),
        ("Ask pre-\nand post-sale.", "Ask pre- and post-sale."),
        ("Outside of non-\nEU states.", "Outside of non-EU states."),
        ("Die Daten der Nutzer und die Daten-\nschutzerklärung.", "Die Daten der Nutzer und die Datenschutzerklärung."),
        ("Die Ver-\narbeitung der E-Mail-\nAdressen", "Die Verarbeitung der E-Mail-Adressen"),
        ("We keep infor\u00ad\nmation.", "We keep information."),
    ],
)
def test_a_word_parted_at_the_end_of_a_line_is_one_where_that_makes_a_word(lines: str, joined: str) -> None:
    found = reading.read(f"{lines}\n\nAnd more.\n", filename="a.txt")
    assert found.text.split("\n")[0] == joined
    assert not found.losses


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ("You may:\n(i) look\n  and read;\n(ii) copy.", ["You may:", "- (i) look and read;\n- (ii) copy."]),
        ("A) one\nB) two", ["- A) one\n- B) two"]),
        ("1.1 One\nof them.\n1.2 Two.", ["1.1 One of them.", "1.2 Two."]),
        ("1. One is\nhere.\n2. Two is.", ["1\\. One is here.", "2\\. Two is."]),
        ("It holds for one\n(1) year.", ["It holds for one (1) year."]),
    ],
)
def test_typed_marks_begin_lines_where_there_are_two_of_a_kind(lines: str, parts: list[str]) -> None:
    text, _ = plaintext.to_markdown(f"{lines}\n\nAnd more.")
    assert text.split("\n\n") == [*parts, "And more."]


PRINTED = """Acorn Privacy Policy

We collect what you
type in.

               Page 1 of 3
Acorn Ltd, 2026
We go on with the
text.
               Page 2 of 3
Acorn Ltd, 2026

And end it here.
"""


def test_numbers_and_heads_of_printed_pages_stand_apart_and_are_offered_for_removal() -> None:
    found = reading.read(PRINTED, filename="a.txt")
    assert found.furniture == ("Page 1 of 3", "Acorn Ltd, 2026", "Page 2 of 3", "Acorn Ltd, 2026")
    assert "We go on with the text." in found.text.split("\n")
    assert (found.title, found.headings) == ("Acorn Privacy Policy", ())
    assert [w.line for w in found.warnings if w.code == lint.PAGE_FURNITURE] == [6, 7, 7, 10]


def test_a_text_without_blank_lines_is_joined_where_its_lines_go_on() -> None:
    lines = ["We keep what you type into the form on this", "page, and nothing else that you do here or", "elsewhere."]
    text, _ = plaintext.to_markdown("\n".join(lines * 4))
    assert text.split("\n\n") == [" ".join(lines)] * 4


def test_markdown_is_not_plain() -> None:
    assert plaintext.is_plain(TEXT)
    assert not plaintext.is_plain("# A heading\n\nwords")
    assert not plaintext.is_plain("a [link](https://example.org)")
