"""Links whose words stayed and whose address changed: no redline of words shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from policies.text.compare.changes import Change
from policies.text.structure import inline
from policies.text.structure.blocks import Block


@dataclass(frozen=True)
class Relinked:
    """A link whose words stayed and whose address changed."""

    words: str
    before: str
    after: str


def relinked(change: Change) -> list[Relinked]:
    """Return the links of a change whose words stand on both sides, and whose address does not."""
    if [(block.source, block.rows) for block in change.old] == [(block.source, block.rows) for block in change.new]:
        return []
    before, after = _links(change.old), _links(change.new)
    return [
        Relinked(words, old, new)
        for words, addresses in after.items()
        # Where there are more or fewer links of these words than before, nobody can say which one it was.
        if len(before.get(words, ())) == len(addresses)
        for old, new in zip(before[words], addresses, strict=True)
        if old != new
    ]


def _links(blocks: Iterable[Block]) -> dict[str, list[str]]:
    """Return the addresses of links by their words, in order."""
    found: dict[str, list[str]] = {}
    for block in blocks:
        if "[" not in block.source and not block.rows:
            continue
        for words in (block.words, *(cell for row in block.cells for cell in row)):
            for mark, linked in groupby(words, _address):
                if mark:
                    found.setdefault(inline.text(tuple(linked)), []).append(mark)
    return found


def _address(word: inline.Word) -> str:
    """Return where a word leads, or nothing."""
    return next((mark[2:] for mark in word.marks if mark.startswith("a ")), "")
