"""Anchors that outlive a small rewording: a link to a section keeps working in the next version."""

from collections.abc import Sequence
from difflib import SequenceMatcher

Named = tuple[str, str]  # the words of a heading, without its number, and its anchor

# So much of two headings has to be the same for one to be the other, reworded.
ALIKE = 0.6
# Texts with more new and more vanished headings than this are other texts; nothing is looked for.
MOST = 100


def inherited(own: Sequence[Named], before: Sequence[Named]) -> dict[str, str]:
    """
    Map the anchors that headings make by themselves to the older ones they keep.

    Only headings whose own anchor is new look for one, and only among the anchors that would vanish; each is
    given once, to the heading most like it.
    """
    known, made = {anchor for _, anchor in before}, {anchor for _, anchor in own}
    new = [(words, anchor) for words, anchor in own if anchor not in known]
    vanished = [(words, anchor) for words, anchor in before if anchor not in made]
    if len(new) > MOST or len(vanished) > MOST:
        return {}
    pairs = sorted(
        ((_likeness(words, old), anchor, old_anchor) for words, anchor in new for old, old_anchor in vanished),
        reverse=True,
    )
    kept: dict[str, str] = {}
    for likeness, anchor, old_anchor in pairs:
        if likeness >= ALIKE and anchor not in kept and old_anchor not in kept.values():
            kept[anchor] = old_anchor
    return kept


def _likeness(words: str, others: str) -> float:
    """How much two headings have in common, from 0 to 1, by their words."""
    return SequenceMatcher(None, words.casefold().split(), others.casefold().split(), autojunk=False).ratio()
