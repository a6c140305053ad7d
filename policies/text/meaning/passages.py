"""Whole sentences and passages that are said all the same: elsewhere, in another order, in another language."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from policies.text.compare.changes import SectionChange
from policies.text.meaning.differences import Difference
from policies.text.structure.blocks import Block
from policies.text.words import function_words, prose, spelling

# A shorter sentence stands in more than one place by chance, and says another thing in each.
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 8
_FEWEST_TO_TELL_A_LANGUAGE = 5
# What a page asks of its readers, not of the text.
FEEDBACK = (
    r"(?:did (?:you (?:find|get)|we|this)|was this|is this|do you find this)\b.{0,40}?"
    r"\b(?:helpful|useful|help you need(?:ed)?|looking for|answer your question)\b.{0,20}?\?"
)
_ANSWERS = frozenset(["yes", "no"])
_NEAR = (
    frozenset(["da", "nb", "sv", "is"]),
    frozenset(["cs", "sk", "pl"]),
    frozenset(["hr", "sr", "sl", "mk", "bg"]),
    frozenset(["ru", "uk", "bg"]),
    frozenset(["es", "gl", "ca", "pt", "it"]),
    frozenset(["id", "ms"]),
    frozenset(["ar", "fa"]),
    frozenset(["nl", "de"]),
)


@dataclass(frozen=True)
class Said:
    """What both texts say: sentences anywhere, and the items of lists by their section."""

    sections: tuple[SectionChange, ...]

    def is_still(self, difference: Difference) -> bool:
        """True where all sentences that went stand in the new text too, and all that came stood in the old one."""
        if difference.kind == "row":
            return False
        gone, come = self._parts(difference, difference.before), self._parts(difference, difference.after)
        # What is no whole sentence, or a short one, stands in neither set: most differences need not look.
        if not (gone or come) or min(map(len, gone + come)) < _FEWEST_LETTERS:
            return False
        return self._after.issuperset(gone) and self._before.issuperset(come)

    def _parts(self, difference: Difference, text: str) -> list[str]:
        if difference.kind == "item":
            return [_item(difference.heading, text)] if text else []
        return [spelling.letters(sentence) for sentence in prose.sentences(text)]

    @cached_property
    def _before(self) -> frozenset[str]:
        return frozenset(part for s in self.sections for c in s.changes for part in _of_blocks(c.old, s.title))

    @cached_property
    def _after(self) -> frozenset[str]:
        return frozenset(part for s in self.sections for c in s.changes for part in _of_blocks(c.new, s.title))


def _of_blocks(blocks: Iterable[Block], heading: str) -> Iterator[str]:
    for block in blocks:
        if block.kind == "item":
            yield _item(heading, block.text)
        elif block.kind == "paragraph":
            yield from (
                spelling.letters(sentence)
                for sentence in prose.sentences(block.text)
                if len(sentence.split()) >= _FEWEST_WORDS
            )


def _item(heading: str, text: str) -> str:
    return f"{spelling.letters(heading)}: {spelling.letters(text)}"


def asked(found: Sequence[Difference]) -> frozenset[int]:
    """Return which differences are answers to choose from, right behind a question of the page: "Yes", "No"."""
    places: set[int] = set()
    is_behind = False
    for k, difference in enumerate(found):
        words = spelling.letters(difference.before or difference.after)
        is_behind = difference.kind == "block" and (
            bool(re.fullmatch(FEEDBACK, (difference.before or difference.after).strip(), re.IGNORECASE))
            or (is_behind and words in _ANSWERS and bool(difference.before) == bool(found[k - 1].before))
        )
        if is_behind and words in _ANSWERS:
            places.add(k)
    return frozenset(places)


def rolled_over(found: Sequence[Difference]) -> frozenset[int]:
    """
    Return which differences are the year of a text that is written anew each year: all of them by the same step.

    One of them stands in a heading, and none says until when something holds.
    """
    years = {
        k: int(difference.after) - int(difference.before)
        for k, difference in enumerate(found)
        if _YEAR.fullmatch(difference.before) and _YEAR.fullmatch(difference.after)
    }
    is_of_the_text = any(found[k].kind == "heading" for k in years) and len(years) >= _FEWEST_YEARS
    is_limit = any(_UNTIL.search(found[k].context) for k in years)
    return frozenset(years) if is_of_the_text and len({*years.values()}) == 1 and not is_limit else frozenset()


_YEAR = re.compile(r"(?:19|20)\d\d")
_FEWEST_YEARS = 3
_UNTIL = re.compile(
    r"\b(?:until|till|by|before|after|from|through|expir\w+|end|deadline|bis|vor|nach|ab|jusqu\w*|avant|après|dès|"
    r"hasta|antes|después|fino|entro|prima|dopo|tot|voor|na|vanaf)\b",
    re.IGNORECASE,
)


def translated(found: Sequence[Difference]) -> frozenset[int]:
    """Return which differences (by place) are parts of a passage that is said in another language now."""
    places: set[int] = set()
    for is_passage, run in groupby(enumerate(found), key=lambda numbered: _is_of_a_passage(numbered[1])):
        listed = list(run)
        before = " ".join(difference.before for _, difference in listed)
        after = " ".join(difference.after for _, difference in listed)
        if is_passage and is_translation(before, after):
            places.update(k for k, _ in listed)
    return frozenset(places)


def _is_of_a_passage(difference: Difference) -> bool:
    return difference.kind in {"block", "item"} or (
        difference.kind == "words"
        and min(len(difference.before.split()), len(difference.after.split())) >= _FEWEST_TO_TELL_A_LANGUAGE
    )


def is_translation(before: str, after: str) -> bool:
    """True where two languages say as much, with the same numbers, and both deny something or neither does."""
    sides = (before, after)
    counts = [len(text.split()) for text in sides]
    if min(counts) < _FEWEST_TO_TELL_A_LANGUAGE or max(counts) > 2 * min(counts):
        return False
    old, new = map(function_words.language_of, sides)
    if function_words.UNKNOWN in {old, new} or old == new or any({old, new} <= near for near in _NEAR):
        return False
    numbers = [sorted(re.findall(r"\d+", text)) for text in sides]
    denials = [
        function_words.of(language).force_of(prose.WORD.findall(text)) == function_words.NEGATION
        for language, text in zip((old, new), sides, strict=True)
    ]
    return numbers[0] == numbers[1] and denials[0] == denials[1]
