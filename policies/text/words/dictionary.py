"""Whether a word is one of its language, by simplemma's dictionaries (MIT; forms of words in 54 languages)."""

import simplemma
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

# Serbian and Croatian are one dictionary, in Latin letters.
_NAMED_OTHERWISE = {"hr": "hbs", "sr": "hbs", "bs": "hbs", "no": "nb"}


def has(language: str) -> bool:
    """True where there is a dictionary of the language."""
    return _NAMED_OTHERWISE.get(language, language) in SUPPORTED_LANGUAGES


def knows(word: str, language: str) -> bool:
    """True for a word, in any of its forms, that stands in the dictionary; false as well where there is none."""
    name = _NAMED_OTHERWISE.get(language, language)
    # The whole dictionary of a large language would take 140 MB of memory; so it is 20 MB, and hardly slower.
    return name in SUPPORTED_LANGUAGES and simplemma.is_known(word.casefold(), lang=name, low_memory=True)
