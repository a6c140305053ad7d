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


def test_markdown_is_not_plain() -> None:
    assert plaintext.is_plain(TEXT)
    assert not plaintext.is_plain("# A heading\n\nwords")
    assert not plaintext.is_plain("a [link](https://example.org)")
