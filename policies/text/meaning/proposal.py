"""
How much a change matters, proposed with the evidence quoted; a person decides.

Every difference is presumed to matter unless it is of a kind that does not: dates of the text itself, spelling, names
put for names throughout, addresses, the page around the text. Missing a material change is the costly error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.text.compare.changes import MOVED
from policies.text.compare.redline import Redline
from policies.text.compare.relinking import relinked
from policies.text.meaning import editorial_differences, facts, passages, reasons, renaming, topics
from policies.text.meaning.differences import Difference, differences
from policies.text.meaning.editorial_differences import Setting
from policies.text.meaning.passages import Said
from policies.text.words import function_words
from policies.text.words.prose import WORD

EDITORIAL, MATERIAL = "editorial", "material"

BLANK_BEFORE_A_SIGN = re.compile(r" (?=[.,;:!?)])")


@dataclass(frozen=True)
class Reason:
    """Why a change is proposed as it is: a code of `meaning.reasons` and the words it rests on."""

    code: str
    quote: str


@dataclass(frozen=True)
class Proposal:
    """The proposed class. `reasons` are those for it: of an editorial change, the kinds its differences are of."""

    klass: str
    reasons: tuple[Reason, ...] = ()


def propose(redline: Redline) -> Proposal:
    """Propose editorial or material; each reason code is given once, with its first quote."""
    found = list(differences(redline.structure.sections))
    writing = redline.writing
    renames = renaming.renames(found, redline.old, redline.new, writing.language)
    setting = Setting(writing, Said(redline.structure.sections), renames, redline.new)
    known = dict.fromkeys(passages.translated(found), reasons.TRANSLATION)
    known |= dict.fromkeys(passages.asked(found), reasons.PAGE)
    known |= dict.fromkeys(passages.rolled_over(found), reasons.OWN_DATE)
    harmless: dict[str, Reason] = {}
    matters: dict[str, Reason] = {}
    for k, difference in enumerate(found):
        code = known.get(k) or editorial_differences.kind_of(difference, setting)
        listed, code = (harmless, code) if code else (matters, _code_of(difference, writing.language))
        listed.setdefault(code, Reason(code, _shown(difference)))
    if matters:
        return Proposal(MATERIAL, tuple(matters.values()))
    for reason in (*_links(redline), *_moves(redline)):
        harmless.setdefault(reason.code, reason)
    return Proposal(EDITORIAL, tuple(harmless.values()))


def _code_of(difference: Difference, language: str) -> str:
    """Return the subject of a difference, or else what kind of word carries its force, or that neither was found."""
    changed = f"{difference.before} {difference.after}" if difference.kind == "words" else difference.context
    return (
        topics.code_of(_changed_words(difference))
        or topics.code_of(difference.context, difference.heading)
        or topics.code_of(difference.topic)
        or function_words.of(language).force_of(WORD.findall(changed))
        or (reasons.AMOUNT if difference.numbers else reasons.UNCLEAR)
    )


def _links(redline: Redline) -> Iterator[Reason]:
    for section in redline.structure.sections:
        for change in section.changes:
            for link in relinked(change):
                yield Reason(reasons.LINK, f"{link.words}: {link.before} → {link.after}")


def _moves(redline: Redline) -> Iterator[Reason]:
    """What readers see elsewhere or counted now, although not a word of it changed."""
    for section in redline.structure.sections:
        if section.is_moved:
            yield Reason(reasons.ORDER, section.title or section.section.blocks[0].text[:200])
        for change in section.changes:
            if change.kind == MOVED:
                yield Reason(reasons.ORDER, change.block.text[:200])
            elif facts.became_numbered(change):
                yield Reason(reasons.COUNTED, change.block.text[:200])


def _shown(difference: Difference) -> str:
    """The sentence with its change marked as in plain mails; where the words stand in it several times, after them."""
    before, after = difference.before.strip(), difference.after.strip()
    sentence = (difference.new_context if after else difference.old_context).strip()
    if difference.kind != "words" or not sentence:
        return _changed_words(difference)
    marks = " ".join([*([f"[-{before}-]"] if before else []), *([f"{{+{after}+}}"] if after else [])])
    words = after or before
    if sentence.count(words) == 1:
        place = sentence.index(words)
        shown = f"{sentence[max(place - 200, 0) : place]}{marks}{sentence[place + len(words) :][:200]}"
    else:
        shown = f"{marks}: {sentence[:200]}"
    # Signs are words of their own there.
    return BLANK_BEFORE_A_SIGN.sub("", shown)


def _changed_words(difference: Difference) -> str:
    before, after = difference.before.strip(), difference.after.strip()
    if difference.kind != "words":
        return (after or before or difference.context)[:400]
    if before and after:
        return f"{before} → {after} ({difference.context[:200]})"
    return f"{after or before} ({difference.context[:200]})"
