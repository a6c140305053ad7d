"""What a file is, by its content: read, or refused by its name with what to do instead."""

import email
import email.policy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from policies.text.rejected import TextRejected
from policies.text.source import canonical, charsets, told
from policies.text.source.told import Told

# A saved page holds scripts and pictures beside its text.
MAX_FILE_BYTES = 1024 * 1024

_SAVE_AS_PAGE = "Open it, save it as a web page (.html) or as plain text in UTF-8, and import that; or paste its text."
_BINARY: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a text of a word processor (RTF)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"bplist", "a web archive of Safari"),
)
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a Word document (.docx)"),
    (b"opendocument.text", "an OpenDocument text (.odt)"),
    (b"xl/", "a spreadsheet (.xlsx)"),
    (b"ppt/", "a presentation (.pptx)"),
    (b"epub", "an electronic book (.epub)"),
    (b"Index/Document.iwa", "a Pages document"),
)
_MHT = re.compile(rb"\A(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){1,40}?(?i:content-type:\s*multipart/related)")
_RST_ENDING, _ADOC_ENDINGS = ".rst", (".adoc", ".asciidoc", ".asc")
_RST = re.compile(r"^\.\. (?:[\w-]+::|_[^:\n]+:|\[[#\w]+\])", re.MULTILINE)
_RST_TITLE = re.compile(r"^[^\s#>*|<-][^\n]*\n([=~^\"'*+-])\1{3,}[ \t]*$", re.MULTILINE)
_ADOC = re.compile(r"\A(?:(?://[^\n]*|:[\w-]+:[^\n]*)?\n)*= \S[^\n]*\n(?:[^\n]*\n)?(?::[\w!-]+:|\n+(?:==+ |\w))")
_ADOC_SECTION = re.compile(r"^==+ \S", re.MULTILINE)
_WIKI = re.compile(r"^==+ ?[^=\n]+ ?==+[ \t]*$", re.MULTILINE)
_LATEX = re.compile(r"^[ \t]*\\(?:documentclass|begin\{document\})", re.MULTILINE)
_GETTEXT = re.compile(r"^msgid \"", re.MULTILINE)
_PAGE = re.compile(r"<!doctype html|<html\b|<body\b", re.IGNORECASE)


@dataclass(frozen=True)
class Recognized:
    """A file that is read: its text, the ending that its content has earned, and what to tell of it."""

    text: str
    filename: str
    told: Sequence[Told] = ()


def recognize(content: str | bytes, *, filename: str = "") -> Recognized:
    """
    Return the text of a file.

    :raises TextRejected: for what is too large, empty or not a text; for formats that are not read, by their names
    """
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogatepass"))
    if size > MAX_FILE_BYTES:
        raise TextRejected(
            f"The file has {size:,} bytes; the limit is {MAX_FILE_BYTES:,}. Split it, or remove embedded pictures."
        )
    notes: list[Told] = []
    if isinstance(content, bytes):
        _refuse_binary(content)
        if _MHT.match(content.lstrip()[:_HEAD_OF_MAIL].replace(b"\r\n", b"\n")):
            content, filename = _page_of(content), "page.html"
    if isinstance(content, bytes):
        decoded = charsets.decode(content)
        content = decoded.text
        if decoded.guessed:
            message = (
                f"The file does not say how its letters are stored. It was read as {decoded.guessed}; look at them."
            )
            notes.append(Told(told.ENCODING_GUESSED, message, _first_odd_line(content)))
    text = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise TextRejected("The text is empty. Paste or upload the whole policy.")
    canonical.refuse_halves(text)
    if canonical.controls(text) > 0.01 * len(text):
        raise TextRejected(f"This is not a text: it is full of control characters. {_SAVE_AS_PAGE}")
    _refuse_formats(text, filename)
    return Recognized(text, filename, tuple(notes))


_HEAD_OF_MAIL = 8192


def _first_odd_line(text: str) -> str:
    return next((line for line in text.split("\n") if not line.isascii()), "")


def _refuse_binary(data: bytes) -> None:
    if data.startswith(b"PK\x03\x04"):
        name = next((name for mark, name in _ARCHIVES if mark in data), "an archive (ZIP)")
        raise TextRejected(f"This is {name}, which is not read. {_SAVE_AS_PAGE}")
    for mark, name in _BINARY:
        if data.startswith(mark):
            raise TextRejected(f"This is {name}, which is not read. {_SAVE_AS_PAGE}")


def _page_of(data: bytes) -> str | bytes:
    """The page in a page saved as one file (RFC 2557); its pictures stay where they are."""
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            body = part.get_payload(decode=True)
            charset = part.get_content_charset()
            if not isinstance(body, bytes):
                break
            try:
                return body.decode(charset) if charset else body
            except (LookupError, UnicodeDecodeError):
                return body
    raise TextRejected(f"This is a web archive without a page in it. {_SAVE_AS_PAGE}")


def _refuse_formats(text: str, filename: str) -> None:
    """Refuse what would be read as if its marks were words."""
    name, remedy = _foreign(text, filename.lower())
    if name:
        raise TextRejected(f"This is {name}, which is not read. {remedy}")


def _foreign(text: str, filename: str) -> tuple[str, str]:
    start = text.lstrip()[:4000]
    has_markdown = "\n# " in text or text.startswith("# ")
    is_page = bool(_PAGE.search(start)) or filename.endswith((".html", ".htm", ".xhtml"))
    shown = "Import the page that shows it, or paste its text."
    looks: tuple[tuple[bool, str, str], ...] = (
        (_is_json(text), "JSON, data of a program", shown),
        (start.startswith("<?xml") and not _PAGE.search(start), "XML", shown),
        (start.startswith("{\\rtf"), "a text of a word processor (RTF)", _SAVE_AS_PAGE),
        (_LATEX.search(text) is not None, "LaTeX", "Make a page of it (make4ht, pandoc), and import that."),
        (_GETTEXT.search(start) is not None and "msgstr" in text, "a catalog of translations (gettext)", shown),
        (
            not is_page and (filename.endswith(_RST_ENDING) or (not has_markdown and _is_rst(text))),
            "reStructuredText",
            "Make a page of it (rst2html5 policy.rst policy.html), and import that.",
        ),
        (
            not is_page
            and (filename.endswith(_ADOC_ENDINGS) or bool(_ADOC.match(text) and _ADOC_SECTION.search(text))),
            "AsciiDoc",
            "Make a page of it (asciidoctor policy.adoc), and import that.",
        ),
        (not is_page and not has_markdown and len(_WIKI.findall(text)) >= 2, "a page of a wiki", shown),
    )
    return next(((name, remedy) for is_one, name, remedy in looks if is_one), ("", ""))


def _is_rst(text: str) -> bool:
    return bool(_RST.search(text) and _RST_TITLE.search(text))


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")) or not text.rstrip().endswith(("}", "]")):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
