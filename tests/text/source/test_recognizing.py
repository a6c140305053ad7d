"""A file is what its content says: read, or refused by its name with what to do."""

# ruff: noqa: E501 - a source and what is read of it stand on one line each

import pytest

from policies.text import reading
from policies.text.rejected import TextRejected
from policies.text.source import charsets, recognizing, told

GERMAN = "# Datenschutz\n\nWir speichern nichts über Ihre Käufe für Österreich.\n" * 5


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_however_it_is_stored(encoding: str) -> None:
    assert "über Ihre Käufe" in recognizing.recognize(GERMAN.encode(encoding)).text


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("windows-1251", "Мы храним данные"),
        ("shift_jis", "個人情報の保護"),
        ("gb2312", "隐私政策"),
        ("iso-8859-1", "über Käufe"),
    ],
)
def test_a_stated_charset_holds(charset: str, words: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body><p>{words}</p></body></html>'
    found = recognizing.recognize(page.encode(charset))
    assert words in found.text
    assert not found.told


def test_a_guessed_charset_is_told() -> None:
    found = recognizing.recognize(GERMAN.encode("cp1252"))
    assert "über Ihre Käufe" in found.text
    assert [note.code for note in found.told] == [told.ENCODING_GUESSED]


def test_a_few_letters_of_another_encoding_are_mended() -> None:
    found = recognizing.recognize("Ä".encode() * 20 + b" \x93quoted\x94")
    assert found.text.endswith("“quoted”")


def test_a_page_saved_as_one_file_is_a_page() -> None:
    saved = (
        'From: <Saved by Browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<html><body><h1>Privacy</h1><p>=C3=9Cber uns</p></body></html>\r\n--b\r\nContent-Type: image/png\r\n\r\nxx\r\n--b--\r\n"
    )
    found = reading.read(saved.encode(), filename="saved.mht")
    assert found.text == "Privacy\nÜber uns"


@pytest.mark.parametrize(
    ("content", "name", "called"),
    [
        (b"%PDF-1.7 ...", "a.pdf", "a PDF"),
        (b"PK\x03\x04....word/document.xml", "a.docx", "a Word document (.docx)"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.text", "a.odt", "an OpenDocument text (.odt)"),
        (b"{\\rtf1\\ansi Words}", "a.rtf", "a text of a word processor (RTF)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.doc", "an old Office document (.doc)"),
        (b'{"privacy": {"title": "Privacy"}}', "en.json", "JSON"),
        (b'<?xml version="1.0"?><topic><p>Words</p></topic>', "a.xml", "XML"),
        (b"\\documentclass{article}\n\\begin{document}Words", "a.tex", "LaTeX"),
        (b"Privacy\n=======\n\n.. note::\n\n   Words\n", "a.txt", "reStructuredText"),
        (b"Privacy\n=======\n\nWords\n", "a.rst", "reStructuredText"),
        (b"= Privacy\n:toc:\n\n== Data\n\nWords\n", "a.txt", "AsciiDoc"),
        (b"== Data ==\nWords\n\n== Time ==\n'''Words'''\n", "a.txt", "a page of a wiki"),
        (b'msgid ""\nmsgstr ""\n', "a.po", "a catalog of translations"),
    ],
)
def test_what_is_not_read_is_called_by_its_name_with_a_way_out(content: bytes, name: str, called: str) -> None:
    with pytest.raises(TextRejected) as refusal:
        reading.read(content, filename=name)
    assert called in str(refusal.value)
    assert "import that" in str(refusal.value) or "paste its text" in str(refusal.value)


@pytest.mark.parametrize(
    "source", ["# A [link]\n\n.. and so on", "Title\n=====\n\nWords", "[1] a note\n\n{x}", "= equals"]
)
def test_markdown_and_plain_text_are_nothing_else(source: str) -> None:
    assert reading.read(source).text


def test_control_characters_go_and_are_told() -> None:
    found = reading.read("# Terms\n\nWe keep\x07 data. " + "And nothing else of you. " * 9)
    assert "keep data" in found.text
    assert told.CONTROLS_REMOVED in {warning.code for warning in found.losses}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("We keep “your” data, and the user’s – for 30 days.", "cp1252"),
        ("We keep\u00a0the data of the user.", "cp1252"),
        ("Wir speichern die Daten für die Nutzer und für die Prüfung „nicht“ länger.", "cp1252"),
        (
            "Przechowujemy dane użytkowników, które są przetwarzane w związku z usługą, oraz nie są sprzedawane.",
            "cp1250",
        ),
        ("Мы храним данные пользователей и не передаём их никому, кроме как по закону.", "cp1251"),
    ],
)
def test_bytes_that_do_not_say_what_they_are_are_read_as_what_is_likely(text: str, encoding: str) -> None:
    assert charsets.decode((f"{text}\n" * 3).encode(encoding)).text == f"{text}\n" * 3
