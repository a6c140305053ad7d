"""Anchors that outlive a small rewording, and that stay apart where several texts share a page."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Named = tuple[str, str]  # the words of a heading, without its number, and its anchor

# So much of two headings has to be the same for one to be the other, reworded.
ALIKE = 0.6
# Texts with more new and more vanished headings than this are other texts; nothing is looked for.
MOST = 100

# Of our own HTML: attributes stand in double quotes, and a "<" in the text is escaped.
_OPENING = re.compile(r'<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*>')
_ATTRIBUTE = re.compile(r'(\s(?P<name>[\w-]+)="(?P<value>[^"]*))"')


def apart(html: str, place: str) -> str:
    """
    Let the ids of a rendering or redline, and the links to them, end in `.place`: "s-contact" is "s-contact.terms".

    No two texts with different places share an id then; `place` holds no dot, as the slug of a policy does not.
    """
    return _OPENING.sub(lambda tag: _ATTRIBUTE.sub(lambda found: _placed(found, place), tag[0]), html)


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


def _placed(attribute: re.Match[str], place: str) -> str:
    name, value = attribute["name"], attribute["value"]
    is_ours = name == "id" or (name == "href" and value.startswith("#") and value != "#")
    return f'{attribute[1]}.{place}"' if is_ours else attribute[0]
