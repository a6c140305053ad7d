"""The one form in which a policy text is stored, hashed and compared."""

import hashlib
import re
import unicodedata

from policies.text.rejected import TextRejected

MAX_SOURCE_BYTES = 256 * 1024

_BLANKS = " \t\u00a0"
# Everything of C0 and C1 but tab and line breaks: a browser drops these or shows boxes, and two texts that look
# alike would have two hashes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


_SURROGATE = re.compile("[\ud800-\udfff]")


def canonicalize(source: str) -> str:
    """Return the source in NFC with LF line ends, no trailing blanks and exactly one newline at the end."""
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip(_BLANKS) for line in text.split("\n")).strip("\n") + "\n"


def fingerprint(canonical: str) -> str:
    """
    Return the sha256 (hexadecimal) of the UTF-8 bytes: shown on the page, in mails, receipts and evidence.
    """
    return hashlib.sha256(canonical.encode()).hexdigest()


def decode(source: str | bytes) -> str:
    """
    Return the source as text with LF line ends.

    :raises TextRejected: for what is too large, not UTF-8, or empty
    """
    refuse_large(source)
    text = _decoded(source) if isinstance(source, bytes) else source
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise TextRejected("The text is empty. Paste or upload the whole policy.")
    return text


def refuse_large(source: str | bytes) -> None:
    """
    Refuse what has more bytes than a text may have.

    :raises TextRejected: for what is too large
    """
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_SOURCE_BYTES:
        raise TextRejected(
            f"The text has {size:,} bytes; the limit is {MAX_SOURCE_BYTES:,}. Split it, or remove embedded pictures."
        )


def refuse_controls(text: str) -> None:
    """
    Refuse characters that no reader sees.

    :raises TextRejected: for control characters and halves of characters
    """
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise TextRejected(f"Line {line} holds the control character U+{ord(found[0]):04X}. Delete it and try again.")
    refuse_halves(text)


def controls(text: str) -> int:
    """How many control characters a text holds."""
    return len(_CONTROL.findall(text))


def without_controls(text: str) -> str:
    """Return a source that is imported without what no reader sees."""
    return _CONTROL.sub("", text)


def refuse_halves(text: str) -> None:
    """
    Refuse halves of characters.

    :raises TextRejected: where there is a lone surrogate
    """
    if found := _SURROGATE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise TextRejected(f"Line {line} holds half of a character (a lone surrogate). Type it again.")


def check(source: str | bytes) -> str:
    """
    Return the canonical text of an acceptable source.

    :raises TextRejected: see :func:`decode` and :func:`refuse_controls`
    """
    text = decode(source)
    refuse_controls(text)
    return canonicalize(text)


def _decoded(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise TextRejected(
            f"The file is not UTF-8 (byte {error.start:,}, line {line}). Save it as UTF-8 and upload it again."
        ) from error
