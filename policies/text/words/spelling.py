"""
Whether words differ in spelling alone.

That two words look alike says nothing: "employer" and "employee" do. One is a slip of the pen of the other where it is
no word of the language and the other one is, and a single slip leads from one to the other.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from policies.text.words import dictionary, function_words, wording

# More words than these are a rewording.
_MOST_WORDS = 8
# A shorter word is near to too many others.
_SHORTEST = 4
_SHORTENED = (
    ("won't", "will not"),
    ("can't", "can not"),
    ("n't", " not"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'m", " am"),
)
# British and American writing of one word, in words long enough that it is no other one ("our", "for").
_ENGLISH_VARIANTS = (
    (re.compile(r"(?<=\w{3})is(?=(?:e|es|ed|er|ers|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=\w{3})ys(?=(?:e|es|ed|er|ers|ing)$)"), "yz"),
    (re.compile(r"(?<=\w{2})our(?=(?:s|ed|ing|able|ite|ites|al|ful)?$)"), "or"),
    (re.compile(r"(?<=\w{3}[tb])re(?=s?$)"), "er"),
    (re.compile(r"(?<=\w{3}[ae]l)l(?=(?:ed|ing|ation|er|ers)$)"), ""),
    (re.compile(r"(?<=\w{3}l)ll(?=(?:ment|ful)$)"), "l"),
    (re.compile(r"(?<=^(?:def|lic|off))enc(?=es?$)"), "ens"),
    (re.compile(r"(?<=\w{2}og)ue(?=s?$)"), ""),
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SAYING = frozenset("%‰&@/#§")


@dataclass(frozen=True)
class Writing:
    """What a text is written in: its language, and the words that stand in it before and after a change."""

    language: str = function_words.UNKNOWN
    kept: Collection[str] = frozenset()

    def knows(self, word: str) -> bool:
        """True for a word of the language: by the dictionary, by its small words, or since the text keeps using it."""
        folded = word.casefold()
        return (
            folded in self.kept
            or folded in function_words.of(self.language).every
            or dictionary.knows(folded, self.language)
        )


def is_same(before: str, after: str) -> bool:
    """True for the same letters set otherwise: e-mail and email, you're and you are, Data and data."""
    a, b = letters(before), letters(after)
    return a == b and bool(a) and not _is_initialism(before, after)


def letters(text: str) -> str:
    """
    Return a text without capitals, blanks and the signs between words.

    A sign that says something stays: that of a currency, of a share, of a choice ("and/or"), and a point within a
    number, which is its value.
    """
    return _WITHIN_A_NUMBER.sub(_kept, _folded(text)).translate(_SILENT)


def _kept(sign: re.Match[str]) -> str:
    """A stand-in, for private use, of a sign that stays."""
    return chr(_PRIVATE + ord(sign[0]) % 0xFFF0)


class _Silent(dict[int, int | None]):
    """What becomes of each character, found out when it is met first: None where it says nothing."""

    def __missing__(self, code: int) -> int | None:
        is_silent = unicodedata.category(chr(code))[0] in "PZCS" and not _is_saying(chr(code)) and code < _PRIVATE
        self[code] = None if is_silent else code
        return self[code]


def _is_saying(sign: str) -> bool:
    return sign in _SAYING or (unicodedata.category(sign)[0] == "S" and sign not in "|`´^")


_PRIVATE = 0xF0000
_WITHIN_A_NUMBER = re.compile(r"(?<=\d)[^\w](?=\d)")
_SILENT = _Silent()


def is_spelling(before: str, after: str, writing: Writing) -> bool:
    """True for the same words written another way, or where slips of the pen came or went."""
    if is_same(before, after):
        return True
    old, new = _WORD.findall(_folded(before)), _WORD.findall(_folded(after))
    if old == new or len(old) != len(new) or len(old) > _MOST_WORDS or any(map(str.isdigit, before + after)):
        return False
    if signs(before) != signs(after):
        return False
    return all(a == b or _is_written_otherwise(a, b, writing) for a, b in zip(old, new, strict=True))


def signs(text: str) -> list[str]:
    """Return the signs of a text that say something, in order: those of currencies, of shares, of choices."""
    return [sign for sign in text if _is_saying(sign)]


def _is_written_otherwise(a: str, b: str, writing: Writing) -> bool:
    is_confused = wording.of(writing.language).is_confused(a, b)
    return is_confused or _is_variant(a, b, writing) or _is_slip(a, b, writing)


def _is_initialism(before: str, after: str) -> bool:
    """True for "us" and "US", "it" and "IT": two words of the same letters."""
    a, b = before.strip(), after.strip()
    return len(a) == len(b) <= 3 and a.isalpha() and a.isupper() != b.isupper() and a.casefold() in _READ_OTHERWISE


_READ_OTHERWISE = frozenset(["us", "it", "who", "may"])


def _is_variant(a: str, b: str, writing: Writing) -> bool:
    """True in English for behavior and behaviour, and for one more or less "s" of grammar: gives and give."""
    if writing.language != "en":
        return False
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    is_grammar = len(shorter) > 1 and longer.removeprefix(shorter) in {"s", "es", "'s"}
    forceful = function_words.of("en").forceful
    return _american(a) == _american(b) or (is_grammar and forceful.isdisjoint((a, b)))


def _american(word: str) -> str:
    for pattern, written in _ENGLISH_VARIANTS:
        word = pattern.sub(written, word)
    return word


def _is_slip(a: str, b: str, writing: Writing) -> bool:
    """True where one of the two is no word, the other is one, and a single slip lies between them."""
    small = function_words.of(writing.language)
    if small.is_denied_within or not dictionary.has(writing.language):
        return False
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    if any(longer in {affix + shorter, shorter + affix} for affix in small.affixes):
        return False
    if len(longer) < _SHORTEST or not _is_one_slip(longer, shorter):
        return False
    return writing.knows(a) != writing.knows(b)


def _is_one_slip(longer: str, shorter: str) -> bool:
    """A letter too many, another one, two swapped, or a stutter ("hehet")."""
    start = 0
    while start < len(shorter) and longer[start] == shorter[start]:
        start += 1
    end = 0
    while end < len(shorter) - start and longer[-1 - end] == shorter[-1 - end]:
        end += 1
    gone, come = longer[start : len(longer) - end], shorter[start : len(shorter) - end]
    if not come:
        before = longer[:start]
        return len(gone) == 1 or before.endswith(gone) or longer[start + len(gone) :].startswith(gone)
    is_swapped = len(gone) == len(come) == 2 and gone == come[::-1]
    is_another_letter = len(gone) == len(come) == 1 and len(longer) > _SHORTEST
    return is_swapped or is_another_letter


def _folded(text: str) -> str:
    """Return words without capitals, "you're" as "you are"."""
    folded = text.casefold().replace("’", "'").strip()
    for short, long in _SHORTENED:
        folded = folded.replace(short, long)
    return " ".join(folded.split())
