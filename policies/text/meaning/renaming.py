"""Names put for names throughout a text: a product, a company, a plan."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from policies.text.meaning.differences import Difference
from policies.text.words import dictionary, function_words
from policies.text.words.prose import WORD

Pair = tuple[str, str]

_MOST_WORDS = 5
# A name put in place of another one as often as this is the same one's, although it stood in the text before.
_OFTEN = 5
_ADDRESSES = re.compile(r"(?<!\S)[^\s@]*@\S+|(?<!\S)\S*(?://|www\.)\S+|\]\([^()]*\)")
_CALLED = (
    r"(?:trading as|doing business as|d/?b/?a|(?:formerly|previously|now|also)(?: known as)?|früher|vormals|"
    r"anciennement|antes|già|dříve|dawniej|voorheen|tidligere|tidigare)"
)
_DETERMINED = (
    r"(?i:\b(?:the|an?|each|every|der|die|das|dem|den|des|le|la|les|el|los|il|lo|gli|o|os|as|de|"
    r"het|een)\s+|l['’])"
)
# What is named after these is a place, and where something is matters.
_PLACED = r"\b(?:in|within|from|outside|en|dans|au|aux|nel|nella|em|no|na|aus|nach|außerhalb|w|v|ve|i|uit)\s+"


def renames(found: Iterable[Difference], before: str, after: str, language: str) -> frozenset[Pair]:
    """
    Return the replacements of one name by another made again and again in these two texts.

    The old name is gone afterwards, and the new one was not there before: else somebody else is meant now.
    """
    found_in: defaultdict[Pair, list[str]] = defaultdict(list)
    names: dict[Pair, Pair] = {}
    for difference in found:
        if _may_be_one(difference, language):
            found_in[pair(difference)].append(difference.context)
            names[pair(difference)] = _bare(difference.before), _bare(difference.after)
    contexts = {key: places for key, places in found_in.items() if len(set(places)) >= 2}
    if not contexts:
        return frozenset()
    old, new = (_ADDRESSES.sub(" ", text) for text in (before, after))
    return frozenset(
        key for key, places in contexts.items() if _is_renamed(names[key], len(places), old, new, language)
    )


def _is_renamed(names: Pair, times: int, old: str, new: str, language: str) -> bool:
    gone, come = names
    if _are_one(gone, come, new) or _are_one(gone, come, old):
        return True
    allowed = times // 3
    if times >= _OFTEN and _standing(gone, new, come) <= allowed and not (_is_role(gone, old) or _is_role(come, new)):
        return True
    is_swap = _standing(gone, new, come) > allowed or _standing(come, old, gone) > allowed
    return not is_swap and not any(_is_place(name, text, language) for name, text in ((gone, old), (come, new)))


def pair(difference: Difference) -> Pair:
    """Return both sides of a difference as names are compared: "Acme’s" is Acme."""
    return _stem(difference.before), _stem(difference.after)


def _may_be_one(difference: Difference, language: str) -> bool:
    before, after = difference.before, difference.after
    if difference.kind != "words" or not before or not after or any(map(str.isdigit, before + after)):
        return False
    if max(len(before.split()), len(after.split())) > _MOST_WORDS:
        return False
    small = function_words.of(language)
    sides = [[word for word in WORD.findall(text) if word.casefold() not in small.empty] for text in (before, after)]
    forceful = [Counter(word.casefold() for word in side if word.casefold() in small.forceful) for side in sides]
    return forceful[0] == forceful[1] and all(
        side and all(word[0].isupper() or word.casefold() in small.forceful for word in side) for side in sides
    )


def _stem(text: str) -> str:
    return _bare(text).casefold()


def _bare(text: str) -> str:
    return re.sub(r"['’]s\b|[^\w\s]", "", text).strip().removesuffix("s")


def _standing(name: str, text: str, other: str) -> int:
    """Return how often a name stands in a text, unless it is a part of the other one."""
    return 0 if name in other else len(re.findall(rf"(?<!\w){re.escape(name)}s?(?!\w)", text))


def _is_role(name: str, text: str) -> bool:
    """True for "the Buyer": who is meant by it is a party."""
    return bool(re.search(_DETERMINED + re.escape(name) + r"s?\b", text))


def _are_one(one: str, other: str, text: str) -> bool:
    """True where the text says that both are names of the same: "New Vector Ltd., trading as Element"."""
    return any(
        re.search(rf"{re.escape(a)}\W+(?:\w+\W+){{0,3}}?{_CALLED}\W+{re.escape(b)}\b", text)
        for a, b in ((one, other), (other, one))
    )


def _is_place(name: str, text: str, language: str) -> bool:
    """True for a word of the language that something is in or comes from; what no dictionary knows is a product."""
    is_word = all(dictionary.knows(word, language) for word in name.split()) or not dictionary.has(language)
    return is_word and bool(re.search(_PLACED + re.escape(name) + r"\b", text))
