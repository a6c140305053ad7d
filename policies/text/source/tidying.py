"""The characters and the escapes of a source, made plain before anything else looks at it."""

import re

# Blanks of other widths become a blank; what has no width and no meaning goes. The joiners (U+200C, U+200D)
# shape words in several scripts and stay.
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# Where a word may be parted, it was: a line ends there.
_PARTED = re.compile("\u00ad[ \t]{0,9}\n[ \t]{0,99}")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Embeddings, overrides and isolates can make a sentence read other than it is stored; marks matter only to
# right-to-left scripts.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_MARKS = re.compile("[\u200e\u200f]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Bytes of Windows-1252 that were taken for Latin-1: U+0099 is a trade mark, U+0092 an apostrophe.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0) if code != 0x85}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BREAK_ALONE = re.compile(r"^[ \t]*\\[ \t]*\n", re.MULTILINE)
_EMPTY_BREAK = re.compile(r"(?:\\|<br\s{0,9}/?>)[ \t]{0,99}(?=\n[ \t]{0,99}(?:\n|\Z)|\Z)", re.IGNORECASE)
_BLOCK_START = re.compile(r"^([^\S\n]*)(?:(\d{1,9})([.)])(?=\s|$)|([#>+*-])(?=\s)|([=-]{3,})[^\S\n]*$)", re.MULTILINE)


def plain_blanks(text: str) -> str:
    """Return the text with blanks of one width."""
    return _BLANKS.sub(" ", text)


def tidy_characters(text: str) -> str:
    """Return the text with plain line ends and blanks, without invisible and direction-changing characters."""
    text = _PARTED.sub("", _LINE_ENDS.sub("\n", text))
    text = _INVISIBLE.sub("", plain_blanks(text)).translate(_WINDOWS)
    text = _BIDI.sub("", text)
    return text if _RIGHT_TO_LEFT.search(text) else _BIDI_MARKS.sub("", text)


def without_empty_breaks(text: str) -> str:
    """Remove line breaks that break nothing: before a blank line, and alone on a line."""
    return _EMPTY_BREAK.sub("", _BREAK_ALONE.sub("", text))


def escaped_start(text: str) -> str:
    """Escape what would turn a line of words into a list, a heading or a quote: "1. Introduction"."""
    return _BLOCK_START.sub(_escape, text)


def _escape(start: re.Match[str]) -> str:
    if start[2]:
        return f"{start[1]}{start[2]}\\{start[3]}"
    return f"{start[1]}\\{start[4] or start[5]}"
