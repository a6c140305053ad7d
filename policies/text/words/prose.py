"""What reads like the sentences of a text, and which of its words carry no meaning of their own."""

import re

from policies.text.words import languages

_SMALL = (
    "a an as at be been but do does from had has have he her his how if into it its other out own per s "
    "so some such than their them then there these they those through was were what when where which "
    "while who whom why re ve ll i me my below above following also just very too here see refer"
)
STOPWORDS = frozenset(" ".join([*languages.COMMON.values(), _SMALL]).split())
WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+(?=[\"“„«(]*[^\W\d_a-zà-ÿ])|(?<=[。！？])")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; one starts where another ended and no small letter follows."""
    return [sentence.strip() for sentence in _END.split(text) if sentence.strip()]


def is_unspaced(text: str) -> bool:
    """True for writing without blanks between words: how many words it has nobody can count."""
    return bool(_CJK.search(text))


def is_prose(text: str) -> bool:
    """True for a sentence: it ends like one or has the small words sentences have, and enough of any."""
    ends = text.rstrip()[-1:] in ".;:!?…。；："
    if len(_CJK.findall(text)) >= 12:
        return ends
    words = [word.casefold() for word in WORD.findall(text)]
    if len(words) < 5:
        return ends and len(words) >= 3
    small = sum(word in STOPWORDS for word in words)
    if ends:
        return len(words) >= 8 or small >= 0.2 * len(words)
    return len(words) >= 14 and (small >= 0.2 * len(words) or not text.isascii())
