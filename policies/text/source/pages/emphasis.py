"""Bold and slanted words of a page, put as Markdown can say them: each mark opens and closes once, beside words."""

from typing import Any

_KINDS = {"strong": "strong", "b": "strong", "em": "em", "i": "em"}


def prepare(root: Any) -> None:
    """Write anew, in place, emphasis that would lose its blanks or show its asterisks."""
    for element in list(root.iter(*_KINDS)):
        is_nested = any(_KINDS.get(parent.tag) == _KINDS[element.tag] for parent in element.iterancestors())
        if is_nested or not element.text_content().strip():
            # The blank between two bold words is often bold by itself; without its marks it stays a blank.
            element.drop_tag()
    for element in list(root.iter(*_KINDS)):
        before = element.getprevious()
        if before is None or before.tail or before.tag not in _KINDS:
            continue
        if _kinds(before) == _kinds(element):
            _join(before, element)
        elif _runs_into(before, element):
            element.drop_tag()


def _join(before: Any, element: Any) -> None:
    """Make two elements that are set alike, with nothing between them, one."""
    words, element.text = element.text or "", None
    if len(before):
        before[-1].tail = (before[-1].tail or "") + words
    else:
        before.text = (before.text or "") + words
    before.extend(list(element))
    element.drop_tree()


def _runs_into(before: Any, element: Any) -> bool:
    """True where one way of setting begins at the very letter where another one ends: "***Short:****We may*"."""
    ends, starts = before.text_content()[-1:], element.text_content()[:1]
    return not ends.isspace() and not starts.isspace()


def _kinds(element: Any) -> set[str]:
    """How all words of an element are set."""
    kinds = {_KINDS[element.tag]}
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        element = element[0]
        if element.tag in _KINDS:
            kinds.add(_KINDS[element.tag])
    return kinds
