"""What a language is called, and in which of ours somebody is spoken to, whatever tag they are known by."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language_info

from policies.text.words import language_tags


def name_of(tag: str) -> str:
    """A language in the language of the moment, such as “German (AT)”; the tag itself where it has no name."""
    return _named(tag, "name_translated")


def own_name_of(tag: str) -> str:
    """A language in its own words: “Deutsch”."""
    name = _named(tag, "name_local")
    return name if name == tag else f"{name[:1].upper()}{name[1:]}"


def spoken(*tags: str) -> str:
    """The language of our own words for readers of these, tried in turn; English for whoever reads none of ours."""
    ours = dict(settings.LANGUAGES)
    found = (language_tags.nearest(tag, ours) for tag in tags if tag)
    return next((each for each in found if each), settings.LANGUAGE_CODE)


def speaking(*tags: str) -> translation.override:
    """Our own words in the language of `spoken`, until the end of the block."""
    return translation.override(spoken(*tags))


def _named(tag: str, which: str) -> str:
    """The longest part of a tag that has a name, with the rest of it in parentheses."""
    for part in language_tags.fallbacks(tag):
        try:
            info = get_language_info(part.lower())
        except KeyError:
            continue
        if info["code"] == part.lower():
            rest = tag[len(part) + 1 :]
            return f"{info[which]} ({rest})" if rest else str(info[which])
    return tag
