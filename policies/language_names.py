"""
What a language is called and how it runs, by CLDR, and in which of ours somebody is spoken to, whatever their tag.

CLDR knows some hundreds of languages: one that it does not know is called by its tag, and runs from left to right.
"""

from functools import cache, lru_cache
from operator import itemgetter

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.conf import settings
from django.utils import translation

from policies.text.words import language_tags

# Scripts that run from right to left (ISO 15924; Unicode, UAX 9). CLDR says which language is written in which.
_RIGHT_TO_LEFT = frozenset(
    ["Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"]
)


def name_of(tag: str) -> str:
    """A language in the language of the moment, such as “Austrian German”; the tag itself where it has no name."""
    return _named(tag, translation.get_language() or settings.LANGUAGE_CODE)


def own_name_of(tag: str) -> str:
    """A language in its own words: “Deutsch”; in those of the moment where it has none."""
    name = next((each for each in (_named(tag, tag), name_of(tag)) if each != tag), "")
    return f"{name[:1].upper()}{name[1:]}" or tag


@cache
def known() -> tuple[tuple[str, str], ...]:
    """Every language that CLDR has a name for: its tag, and that name in English, in the order of the names."""
    named = Locale("en").languages.items()
    return tuple(sorted(((code.replace("_", "-"), str(name)) for code, name in named), key=itemgetter(1)))


@lru_cache(maxsize=1_000)
def direction_of(tag: str) -> str:
    """How a language runs, as `dir` says it: by the script in its tag, or else by the one it is usually written in."""
    parts = language_tags.Parts.of(tag)
    likely = get_global("likely_subtags")
    usual = likely.get(f"{parts.language}_{parts.region}") or likely.get(parts.language) or ""
    script = parts.script or next((each for each in usual.split("_")[1:] if len(each) == 4), "")
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"


def locale() -> Locale:
    """What CLDR knows for the language of the moment."""
    return _locale(translation.get_language() or "") or Locale(settings.LANGUAGE_CODE)


def spoken(*tags: str) -> str:
    """The language of our own words for readers of these, tried in turn; English for whoever reads none of ours."""
    ours = dict(settings.LANGUAGES)
    found = (language_tags.nearest(tag, ours) for tag in tags if tag)
    return next((each for each in found if each), settings.LANGUAGE_CODE)


def speaking(*tags: str) -> translation.override:
    """Our own words in the language of `spoken`, until the end of the block."""
    return translation.override(spoken(*tags))


@lru_cache(maxsize=1_000)
def _named(tag: str, reader: str) -> str:
    """
    The longest part of a tag that has a name of its own, with the rest of it in parentheses (UTS 35, 1.5).

    The name of a language that a reader has no words for is its tag.
    """
    words, parts = _locale(reader), language_tags.Parts.of(tag)
    if words is None:
        return tag
    for script in dict.fromkeys((parts.script, "")):
        for region in dict.fromkeys((parts.region, "")):
            name = words.languages.get("_".join(filter(None, (parts.language, script, region))))
            if name:
                left = [words.scripts.get(parts.script, parts.script)] if parts.script != script else []
                left += [words.territories.get(parts.region, parts.region)] if parts.region != region else []
                left += [parts.rest] if parts.rest else []
                return f"{name} ({', '.join(left)})" if left else str(name)
    return tag


@lru_cache(maxsize=1_000)
def _locale(tag: str) -> Locale | None:
    """What CLDR knows for a language, or for the nearest that it falls back to; None where it knows neither."""
    for part in language_tags.fallbacks(tag):
        try:
            return Locale.parse(part, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return None
