"""Words of a source against words kept: one look under every importer, which knows nothing of how they work."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from policies.text.compare import diffing
from policies.text.source import told
from policies.text.source.pages import webpages
from policies.text.source.told import Told

_WORD = re.compile(
    r"\d+(?:[.,/]\d+)+|[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff_]+"
)
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_RAISED = re.compile("[⁰¹²³⁴-⁹₀-₉]")
_UNSEEN = ("script", "style", "head", "noscript", "template", "iframe", "object", "svg", "canvas", "title", "meta")
# What stands apart on a page. All else, elements that nobody knows included, is a part of its line.
_APART = {
    *("address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "col", "colgroup"),
    *("dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"),
    *("frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "img", "input"),
    *("legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "select", "sub"),
    *("summary", "sup", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul"),
}
# Of a source in Markdown: what readers never see, or see as something else than words.
_UNSEEN_MARKS = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<tag>script|style|noscript|template|iframe|object|svg)\b.*?(?:</(?P=tag)\s{0,9}>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_MARKS = (
    (re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE), " "),
    (re.compile(r"<img\b[^<>]*?\balt=[\"']([^\"'<>]*)[\"'][^<>]*>", re.IGNORECASE), r" \1 "),
    (re.compile(r"<del\b[^<>]*>(?:(?!<del\b).){0,8000}?</del>", re.DOTALL | re.IGNORECASE), " "),
    (re.compile(r"<(?:su[bp]|br|p|li|td|th|div|tr)\b[^<>]*>|</(?:p|li|td|th|div|tr|su[bp])>", re.IGNORECASE), " "),
    (re.compile(r"</?[a-zA-Z][\w:-]*(?:\s[^<>]*)?/?>"), ""),
    (re.compile(r"^[ \t]*\[[^\[\]\n^]+\]:[ \t]*<?\S+>?[^\n]*$", re.MULTILINE), " "),
    (re.compile(r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\]\[[^\[\]\n]*\]"), "] "),
    (re.compile(r"\{/\*(?:(?!\{/\*).){0,8000}?\*/\}", re.DOTALL), " "),
    (re.compile(r"\{[{%][^{}\n]*[%}]\}|\{[:#.][^{}\n]*\}"), " "),
    (
        re.compile(
            r"\{--(?:(?!\{--).){0,4000}?--\}|\{>>(?:(?!\{>>).){0,4000}?<<\}|\{~~(?:(?!~>|\{~~).){0,4000}?~>", re.DOTALL
        ),
        " ",
    ),
    (re.compile(r"\[\^[^\[\]\s]{1,200}\]:?"), " "),
    (re.compile(r"^[ \t]*(?:!!!|\?\?\?\+?|:{3,})[ \t]*[\w-]*|^>[ \t]*\[!\w+\]", re.MULTILINE), " "),
    (re.compile(r"^[ \t]*\[\[?_?TOC_?\]?\][ \t]*$|^[*-] TOC[ \t]*$|\{:toc\}", re.MULTILINE | re.IGNORECASE), " "),
    (re.compile(r"^[ \t]*\d{1,9}[.)](?=[ \t])", re.MULTILINE), " "),
    (re.compile(r"\^(\d{1,3})\^|~(\d{1,3})~"), r" \1\2 "),
    (re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]\](?=[ \t])", re.MULTILINE), " "),
    (re.compile(r"(?:\*|(?<![^\W_])_|_(?![^\W_])|~~|==|`|\\)"), ""),
)
# An item that the list of a page counts has a number that stands nowhere in its source.
_ITEM_MARK = re.compile(r"^\d{1,9}[.)](?=[ \t])", re.MULTILINE)
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n[ \t]*(?=[^\W\d_])")
# So many words apart, two that were left out are one stretch to a reader.
_GAP = 1
_MOST_TOLD = 12
# Letters; more were not joined but written anew.
_MOST_JOINED = 2000


def of_page(html: str) -> str:
    """All words of a page, also of what stands around its text."""
    root = webpages.parsed(html)
    return "" if root is None else "".join(_seen(root))


def _seen(root: Any) -> Iterator[str]:
    skipped: Any = None
    for event, element in _walk(root):
        is_element = isinstance(element.tag, str)
        if event == "end":
            if element is skipped:
                skipped = None
            yield (
                ""
                if skipped is not None
                else (" " if element.tag in _APART or _ends_at_a_link(element) else "") + (element.tail or "")
            )
        elif skipped is None:
            if not is_element or element.tag in _UNSEEN or element.tag == "del":
                skipped = element
            else:
                yield " " if element.tag in _APART else ""
                yield f"{element.get('alt')} " if element.tag == "img" and element.get("alt") else ""
                yield element.text or ""


def _ends_at_a_link(element: Any) -> bool:
    """True for a link right before another one: two words, however they are set apart on the page."""
    following = element.getnext() if element.tag == "a" and not element.tail else None
    return following is not None and following.tag == "a" and following.get("href") != element.get("href")


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Every element as it begins and as it ends, without a call within a call: pages are nested hundreds deep."""
    stack = [(root, False)]
    while stack:
        element, is_done = stack.pop()
        yield ("end" if is_done else "start"), element
        if not is_done:
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))


def of_markdown(text: str) -> str:
    """The words of a source in Markdown or in plain text."""
    text = _UNSEEN_MARKS.sub(" ", text)
    for pattern, instead in _MARKS:
        text = pattern.sub(instead, text)
    return _HYPHENATED.sub("", unescape(text))


def told_of(
    original: str, kept: str, *, is_page: bool, already: Iterable[Told] = ()
) -> tuple[tuple[str, ...], list[Told]]:
    """
    Return the stretches of words that were left out, and what to tell of them and of numbers that differ.

    What was told ``already``, as a comment is, is not told again. A number may stand anywhere in the source, also as
    the mark of an item.
    """
    source = of_page(original) if is_page else of_markdown(original)
    told_words = " ".join(" ".join(_words(note.words)) for note in already)
    stretches = tuple(found for found in _stretches(source, kept) if " ".join(_words(found)) not in told_words)
    notes = []
    if stretches:
        words = sum(len(_WORD.findall(stretch)) for stretch in stretches)
        quoted = ", ".join(told.quote(stretch) for stretch in stretches[:_MOST_TOLD])
        more = f" and {len(stretches) - _MOST_TOLD} more" if len(stretches) > _MOST_TOLD else ""
        were = "word of the source was" if words == 1 else "words of the source were"
        notes.append(Told(told.WORDS_LEFT_OUT, f"{words:,} {were} left out: {quoted}{more}.", stretches[0]))
    known = {*_numbers(source), *_numbers(original)}
    if new := [number for number in dict.fromkeys(_numbers(_ITEM_MARK.sub("", kept))) if number not in known]:
        listed = ", ".join(new[:_MOST_TOLD])
        notes.append(
            Told(told.NUMBERS_DIFFER, f"Numbers that do not stand in the source: {listed}. Compare them.", new[0])
        )
    return stretches, notes


def _lowered(text: str) -> str:
    """Superscripts as words of their own: "30¹" is no 301."""
    return _RAISED.sub(lambda sign: f" {unicodedata.digit(sign[0])} ", text)


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(_lowered(text))


def _stretches(source: str, kept: str) -> Iterator[str]:
    """What the source says and the text does not, in order; words that only moved are not left out."""
    source = " ".join(_lowered(source).split())
    pieces = list(_WORD.finditer(source))
    words = [piece[0].casefold() for piece in pieces]
    others = _words(kept)
    extra = Counter(others)
    missing = set(range(len(words)))
    for i, j, length in diffing.matches(words, others, is_anchored=True):
        missing.difference_update(range(i, i + length))
        extra.subtract(others[j : j + length])
    missing = {k for k in sorted(missing) if not _taken(words[k], extra)}
    # Joined on the way, as across a hyphen, or parted: the same letters.
    rest = "".join(word * count for word, count in extra.items() if count > 0)[:_MOST_JOINED]
    for first, last in _runs(sorted(missing), gap=0):
        if "".join(words[first : last + 1]) in rest:
            missing.difference_update(range(first, last + 1))
    for first, last in _runs(sorted(missing), gap=_GAP):
        yield source[pieces[first].start() : pieces[last].end()]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_lowered(text))]


def _taken(word: str, extra: Counter[str]) -> bool:
    if extra[word] <= 0:
        return False
    extra[word] -= 1
    return True


def _runs(places: list[int], *, gap: int) -> Iterator[tuple[int, int]]:
    first = last = None
    for place in places:
        if last is None or first is None:
            first = last = place
        elif place - last > gap + 1:
            yield first, last
            first = last = place
        else:
            last = place
    if first is not None and last is not None:
        yield first, last
