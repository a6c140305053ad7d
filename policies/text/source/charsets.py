"""The bytes of a file to characters: marks at its start, what it states of itself, and only then a guess."""

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

from policies.text.rejected import TextRejected
from policies.text.words import languages

# The longer marks first: UTF-32 begins like UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STATED = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.IGNORECASE)
# So far into a file it may state its encoding.
_HEAD = 4096
# What browsers take these names for (WHATWG, Encoding): each is part of the other.
_WIDER = {
    **dict.fromkeys(("ascii", "us-ascii", "iso-8859-1", "latin1", "latin-1", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601"), "cp949"),
    **dict.fromkeys(("tis-620", "iso-8859-11", "windows-874"), "cp874"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    "big5": "big5hkscs",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
}
# What a few quotation marks are taken for, and what nobody has written policies in: code pages of DOS and mainframes.
_NOT_OF_TODAY = [
    *(
        "cp037",
        "cp273",
        "cp424",
        "cp437",
        "cp500",
        "cp737",
        "cp775",
        "cp850",
        "cp852",
        "cp855",
        "cp857",
        "cp858",
        "cp860",
    ),
    *("cp861", "cp862", "cp863", "cp864", "cp865", "cp869", "cp875", "cp1026", "cp1125", "cp1140", "kz1048", "ptcp154"),
    *("hp_roman8", "johab", "cp1006", "cp720", "utf_7"),
]
_WESTERN = {"en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "fi", "id", "ca"}
_WESTERN_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŸªº")
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJ]|\$\)C)")


@dataclass(frozen=True)
class Decoded:
    """The characters; where the encoding was guessed, its name."""

    text: str
    guessed: str = ""


def decode(data: bytes) -> Decoded:
    """
    Return the characters of a file.

    :raises TextRejected: where no encoding that we know makes a text of it
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(data.decode(name, "replace").removeprefix("\ufeff"))
    if name := _wide(data):
        return Decoded(data.decode(name, "replace"))
    if _ESCAPES.search(data):
        return Decoded(data.decode("iso-2022-kr" if b"\x1b$)C" in data else "iso-2022-jp", "replace"))
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _stated(data) or _mended(data) or _guessed(data, error)


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: in most languages every other byte of its blanks and signs is 0."""
    pairs = len(data) // 2
    if pairs < 2 or b"\0" not in data:
        return ""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if max(even, odd) < 0.1 * pairs or min(even, odd) > 0.01 * pairs:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _stated(data: bytes) -> Decoded | None:
    for found in _STATED.finditer(data[:_HEAD]):
        name = found[1].decode("ascii").lower()
        try:
            return Decoded(data.decode(_WIDER.get(name, name)))
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _mended(data: bytes) -> Decoded | None:
    """UTF-8 into which somebody pasted a few characters of Windows-1252."""
    text = data.decode("utf-8", "surrogateescape")
    odd = sum("\udc80" <= character <= "\udcff" for character in text)
    sound = sum(character >= "\x80" for character in text) - odd
    if odd > 0.2 * sound:
        return None
    mended = re.sub("[\udc80-\udcff]", lambda each: bytes([ord(each[0]) - 0xDC00]).decode("cp1252", "ignore"), text)
    return Decoded(mended, "UTF-8 with some letters of Windows-1252")


def _is_western(data: bytes) -> bool:
    """True where Windows-1252 makes a text of it: its signs alone, or letters in a language that is written with it."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    odd = [character for character in text if not character.isascii()]
    if not any(map(str.isalpha, odd)):
        return True
    return languages.detect(text) in _WESTERN and all(
        character in _WESTERN_LETTERS for character in odd if character.isalpha()
    )


def _guessed(data: bytes, error: UnicodeDecodeError) -> Decoded:
    if _is_western(data):
        return Decoded(data.decode("cp1252"), "cp1252")
    found = charset_normalizer.from_bytes(data, cp_exclusion=_NOT_OF_TODAY).best()
    if found is None:
        line = data.count(b"\n", 0, error.start) + 1
        raise TextRejected(
            f"The file is not UTF-8 (byte {error.start:,}, line {line}), and does not say what it is. Save it as UTF-8"
            " and upload it again."
        )
    name = found.encoding.replace("_", "-")
    return Decoded(str(found), name)
