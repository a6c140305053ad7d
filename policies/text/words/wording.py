"""The same said in other words: phrases that may be put for each other, and lists in another order."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from policies.text.words import function_words
from policies.text.words.prose import WORD

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """
    What may be said in other words in one language; of an undescribed one, nothing.

    `same` and `names` give the first phrase of the group that each phrase is in.
    """

    same: dict[Phrase, Phrase] = field(default_factory=dict)
    names: dict[Phrase, Phrase] = field(default_factory=dict)
    confused: tuple[frozenset[str], ...] = ()

    def is_confused(self, before: str, after: str) -> bool:
        """True for "though" and "through": no sentence is right with both."""
        return any({before, after} <= group for group in self.confused)


def of(language: str) -> Wording:
    """Return what may be said in other words in a language (two letters)."""
    return _all().get(language, Wording())


def known() -> tuple[str, ...]:
    """Return the languages of which any of it is known."""
    return tuple(_all())


@lru_cache(maxsize=1)
def _all() -> dict[str, Wording]:
    listed = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))
    return {
        language: Wording(
            _grouped(said.get("same", ())),
            _grouped(said.get("names", ())),
            tuple(frozenset(group.split()) for group in said.get("confused", ())),
        )
        for language, said in listed.items()
    }


def _grouped(groups: Sequence[str]) -> dict[Phrase, Phrase]:
    found: dict[Phrase, Phrase] = {}
    for group in groups:
        phrases = [tuple(_words(phrase)) for phrase in group.split("|")]
        found.update(dict.fromkeys(phrases, phrases[0]))
    return found


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in WORD.findall(text)]


def is_same(before: str, after: str, language: str) -> bool:
    """True where both say the same in phrases that may be put for each other; numbers and signs are not looked at."""
    if not of(language).same:
        return False
    old, new = (_plain(_words(text), of(language).same, language) for text in (before, after))
    return bool(old) and old == new


def renamed(before: str, after: str, language: str) -> frozenset[str]:
    """Return the names that were put away for others of their group in a sentence; none where more of it changed."""
    known = of(language)
    old, new = (_words(text) for text in (before, after))
    phrases = known.same | known.names
    if not known.names or _plain(old, phrases, language) != _plain(new, phrases, language):
        return frozenset()
    sides = [f" {' '.join(words)} " for words in (old, new)]
    names = {" ".join(name) for name in known.names}
    return frozenset(name for name in names if sides[0].count(f" {name} ") > sides[1].count(f" {name} "))


def _plain(words: Sequence[str], phrases: dict[Phrase, Phrase], language: str) -> list[str]:
    """Return words with each phrase as the first one of its group, and without what may come and go."""
    longest = max(map(len, phrases), default=0)
    empty = function_words.of(language).empty
    found: list[str] = []
    k = 0
    while k < len(words):
        size = next((n for n in range(longest, 0, -1) if tuple(words[k : k + n]) in phrases), 0)
        if size:
            found.append(" ".join(phrases[tuple(words[k : k + size])]))
        elif words[k] not in empty:
            found.append(words[k])
        k += size or 1
    return found


# Lists


_LONGEST_ITEM = 3
_JOINED = {
    "en": ("and", "or"),
    "de": ("und", "oder"),
    "fr": ("et", "ou"),
    "es": ("y", "o", "e", "u"),
    "it": ("e", "o", "ed", "od"),
    "pt": ("e", "ou"),
    "nl": ("en", "of"),
    "sv": ("och", "eller"),
    "da": ("og", "eller"),
    "nb": ("og", "eller"),
    "pl": ("i", "lub", "oraz"),
    "cs": ("a", "nebo"),
    "sk": ("a", "alebo"),
    "ru": ("и", "или"),
    "uk": ("і", "або"),
}


def is_list_in_another_order(before: str, after: str, language: str) -> bool:
    """
    True for "names, addresses and photos" and "photos, names and addresses" in the same sentence.

    Only of a few words each and without force: "you cancel, we pay and ship" is no list.
    """
    joined = _JOINED.get(language)
    if joined is None or any(map(str.isdigit, before + after)) or before == after:
        return False
    old, new = (re.findall(r"[^\W\d_][\w'’-]*|[^\w\s\"“”„«»]", text.casefold()) for text in (before, after))
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    sides = [side[start : len(side) - end] for side in (old, new)]
    small = function_words.of(language)
    hangs_together = small.force_of({*old[:start]} - {*joined}) == function_words.CONJUNCTION
    if hangs_together or not (small.forceful - {*joined}).isdisjoint(sides[0]) or not {*joined} & {*old[start:]}:
        return False
    # At the start of a sentence several words may be a clause: "sellers pay, buyers collect".
    items = [_items(side, joined, longest=_LONGEST_ITEM if start else 1) for side in sides]
    return items[0] is not None and items[0] == items[1]


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    return next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _items(words: Sequence[str], joined: Sequence[str], *, longest: int) -> tuple[list[str], list[str]] | None:
    """Return the items of a list and the words that join them, sorted; None where it is none."""
    items: list[list[str]] = [[]]
    joints = []
    for word in words:
        if word in joined or word == ",":
            joints.append(word)
            items.append([])
        else:
            items[-1].append(word)
    said = [item for item in items if item]
    is_list = len(said) > 1 and all(len(item) <= longest for item in said)
    return (sorted(map(" ".join, said)), sorted({*joints} - {","})) if is_list else None
