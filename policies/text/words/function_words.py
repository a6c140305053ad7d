"""The small words of each language, and which language words are in by them."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from policies.text.words import languages

NEGATION, MODAL, QUANTIFIER, CONJUNCTION, PARTY = "negation", "modal", "quantifier", "conjunction", "party"
# In the order in which one of them is named where several changed.
FORCES = (NEGATION, MODAL, QUANTIFIER, CONJUNCTION, PARTY)
UNKNOWN = "und"

# Half of what is said is small words; where fewer than this are a language's own, it is another one.
_LEAST_SHARE = 0.12
_SAMPLE = 20_000
_WORD = re.compile(r"[^\W\d_]+(?:\u200c[^\W\d_]+)*")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_BY_WORDS_IN_CYRILLIC = ("ru", "uk", "bg", "sr", "mk")
_BY_WORDS_IN_ARABIC = ("ar", "fa")
_BY_SCRIPT = frozenset(["ja", "ko", "zh", "el", "he", "th", "hi"])


@dataclass(frozen=True)
class FunctionWords:
    """
    What is known of the small words of one language; of an unknown one, nothing.

    `empty` are those that may come and go; `forces` those that may not, by what they say; `affixes` the syllables
    that deny; `is_denied_within` is true where a letter within a verb denies it.
    """

    empty: frozenset[str] = frozenset()
    forces: tuple[tuple[str, frozenset[str]], ...] = ()
    affixes: frozenset[str] = frozenset()
    is_denied_within: bool = False

    @cached_property
    def forceful(self) -> frozenset[str]:
        return frozenset().union(*(words for _, words in self.forces))

    @cached_property
    def every(self) -> frozenset[str]:
        return self.empty | self.forceful

    def force_of(self, words: Iterable[str]) -> str:
        """Return the strongest force among words; "" where there is none."""
        found = frozenset(map(str.casefold, words))
        return next((force for force, listed in self.forces if not listed.isdisjoint(found)), "")


def of(language: str) -> FunctionWords:
    """Return what is known of a language (two letters)."""
    return _all().get(language, FunctionWords())


def known() -> tuple[str, ...]:
    """Return the languages whose small words are known."""
    return tuple(_all())


@lru_cache(maxsize=1)
def _all() -> dict[str, FunctionWords]:
    listed = tomllib.loads(Path(__file__).with_name("function_words.toml").read_text(encoding="utf-8"))
    return {language: _read(said) for language, said in listed.items()}


def _read(said: dict[str, Any]) -> FunctionWords:
    forces = tuple((force, frozenset(said[force].split())) for force in FORCES)
    # A word that may be either ("that", "he" in Hebrew) is taken for what carries force.
    empty = frozenset(said["empty"].split()).difference(*(words for _, words in forces))
    affixes = frozenset(said.get("affix", "").split())
    return FunctionWords(empty, forces, affixes, is_denied_within=said.get("is_denied_within", False))


@lru_cache(maxsize=256)
def language_of(text: str) -> str:
    """Return the language of a text, or of a sentence, as two letters; "und" where its small words do not tell."""
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample)) or 1
    if len(_CYRILLIC.findall(sample)) > 0.3 * letters:
        candidates: Iterable[str] = _BY_WORDS_IN_CYRILLIC
    elif len(_ARABIC.findall(sample)) > 0.3 * letters:
        candidates = _BY_WORDS_IN_ARABIC
    elif (by_script := languages.of_script(sample)) in _BY_SCRIPT:
        return by_script
    else:
        candidates = _in_latin()
    words = _WORD.findall(sample.casefold())
    return _by_words(words, frozenset(candidates))


def _by_words(words: Sequence[str], candidates: frozenset[str]) -> str:
    """A word of many languages says less about which one it is than a word of one."""
    weights: defaultdict[str, float] = defaultdict(float)
    times: Counter[str] = Counter()
    for word in words:
        listed = candidates.intersection(_languages().get(word, ()))
        for language in listed:
            weights[language] += 1 / len(listed)
            times[language] += 1
    best = max(weights, key=lambda language: weights[language], default=UNKNOWN)
    return best if times[best] >= max(2, _LEAST_SHARE * len(words)) else UNKNOWN


@lru_cache(maxsize=1)
def _languages() -> dict[str, frozenset[str]]:
    """Return the languages of each small word."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for language, known in _all().items():
        for word in known.every.union(languages.COMMON.get(language, "").split()):
            found[word].add(language)
    return {word: frozenset(listed) for word, listed in found.items()}


@lru_cache(maxsize=1)
def _in_latin() -> tuple[str, ...]:
    others = _BY_SCRIPT.union(_BY_WORDS_IN_ARABIC, _BY_WORDS_IN_CYRILLIC)
    return tuple(language for language in _all() if language not in others or language == "sr")
