"""Markdown as people write it, with HTML inside, to Markdown the renderer understands."""

import re
from bisect import bisect_left
from collections.abc import Callable
from html import unescape

from policies.text.source import markdown_marks, pipe_tables, tidying, told
from policies.text.source.pages import page_marks, webpages
from policies.text.source.told import Told

_PICTURE = re.compile(r"(?<!\\)<img\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SUMMARY = re.compile(
    r"<summary\b[^<>]*>((?:(?!<(?:summary|h[1-6])\b).){0,2000}?)</summary\s{0,9}>", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(r"(?<!\\)<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSAFE_ELEMENT = re.compile(
    r"<(script|style|noscript|template|iframe|object|svg)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_UNSAFE = re.compile(
    r"<(script|iframe|object|embed)\b|<[a-z][^<>]*\son\w+\s*=|(?:href|src)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:javascript|vbscript|data):"
    r"|\]\(\s{0,9}<?\s{0,9}(?:javascript|vbscript|data):",
    re.IGNORECASE,
)
# An element whose inside is HTML too, from its opening to its closing tag.
_WHOLE = ("table", "ul", "ol", "dl", "blockquote", "details", *(f"h{level}" for level in range(1, 7)), "p")
_OPENING = re.compile(rf"^[ \t]*<({'|'.join(_WHOLE)})\b[^<>]*>", re.MULTILINE | re.IGNORECASE)
_WHOLE_TAG = re.compile(rf"<(/?)({'|'.join(_WHOLE)})\b[^<>]*>", re.IGNORECASE)
_TAG_NAMES = (
    *("a", "abbr", "address", "article", "aside", "b", "big", "blockquote", "body", "br", "button", "caption"),
    *("center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dialog", "div", "dl", "dt"),
    *("em", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("head", "header", "hr", "html", "i", "img", "input", "ins", "kbd", "label", "legend", "li", "link"),
    *("main", "mark", "meta", "nav", "o:p", "ol", "option", "p", "picture", "pre", "q", "s", "samp", "section"),
    *("select", "small", "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td"),
    *("textarea", "tfoot", "th", "thead", "time", "title", "tr", "tt", "u", "ul", "var", "wbr"),
)
_TAG = re.compile(
    rf"(?P<code>```.*?```|`[^`\n]+`)|(?<!\\)<(?P<close>/?)(?P<name>{'|'.join(_TAG_NAMES)})(?P<rest>\s[^<>]*)?/?>",
    re.IGNORECASE | re.DOTALL,
)
# An element from its opening tag to the next closing tag of its name, in two patterns: in one, each of thousands that
# are left open would be searched for to the end.
_LINK = re.compile(r"<(a)\b([^<>]*)>", re.IGNORECASE)
_LINK_END = re.compile(r"</(a)\s*>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_INLINE = {"strong": "**", "b": "**", "em": "*", "i": "*"}
_EMPHASIS = re.compile(r"<(strong|b|em|i)\b[^<>]*>", re.IGNORECASE)
_EMPHASIS_END = re.compile(r"</(strong|b|em|i)\s*>", re.IGNORECASE)
# Two blanks at the end of a line break it; the canonical form has no trailing blanks, so a backslash does.
_HARD_BREAK = re.compile(r"(?<=\S)(?: {2,}|\t+)\n(?=[ \t]*[^\s=|-])")
# short: tried once, at the start of a line
_TABLE_OR_HEADING = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\|)")
# A link without words is seen by nobody.
_EMPTY_LINK = re.compile(r"(?<![!\]])\[\s*\]\((?:[^()\n]|\([^()\n]*\))*\)")
# The renderer shows a link that runs a program as it is written.
_PROGRAM_LINK = re.compile(
    r"(?<![!\]\\])\[([^\[\]\n]{1,500})\]\(\s{0,9}<?\s{0,9}(?:javascript|vbscript|data):[^()\n]{0,500}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,9}\)",
    re.IGNORECASE,
)
# Archives glue the words after a table to its second row, and keep tables without a word.
_GLUED_ROW = re.compile(r"^([ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+)[ \t]*(?=[^\s|:-])", re.MULTILINE)
_EMPTY_TABLE = re.compile(
    r"^[ \t]*\|[ \t|]*\|[ \t]*\n[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\n(?![ \t]*\|)", re.MULTILINE
)


def is_unsafe(source: str) -> bool:
    """True where a source holds what acts or fetches: scripts, frames, handlers, script links."""
    return bool(_UNSAFE.search(source))


def to_markdown(source: str) -> tuple[str, list[Told]]:
    """Return Markdown without comments and HTML, and what to tell of it; hard line breaks survive."""
    text, notes = markdown_marks.tracked(source)
    if "<" in text:
        text = markdown_marks.outside_code(text, lambda part: _COMMENT.sub(lambda found: _comment(found, notes), part))
        text = _UNSAFE_ELEMENT.sub("", text)
        text = _without_elements(_with_summaries(_PICTURE.sub(_description, text)), notes)
        text = markdown_marks.outside_code(text, markdown_marks.raised)
        text = _with_elements(text, _LINK, _LINK_END, _link)
        text = _with_elements(text, _EMPHASIS, _EMPHASIS_END, _emphasis)
        text = _TAG.sub(_tags(text), text)
    text = markdown_marks.to_common(markdown_marks.decoded(text))
    text = markdown_marks.outside_code(text, lambda part: _PROGRAM_LINK.sub(r"\1", part))
    text = _EMPTY_LINK.sub("", text)
    text = pipe_tables.mended(_EMPTY_TABLE.sub("\n", _GLUED_ROW.sub(r"\1\n\n", text)))
    text = _HARD_BREAK.sub(_hard_break(text), text)
    return tidying.without_empty_breaks(text), notes


def _comment(found: re.Match[str], notes: list[Told]) -> str:
    words = found[0].removeprefix("<!--").removesuffix("-->")
    if len(re.findall(r"[^\W\d_]{2,}", words)) >= 2:
        notes.append(told.comment(words))
    return ""


def _description(picture: re.Match[str]) -> str:
    """A picture's description stands for it."""
    found = _ALT.search(picture[0])
    return page_marks.description(unescape(found[1] or found[2] or "")) if found else ""


def _with_summaries(text: str) -> str:
    """What opens a part of the page stands above it, as a heading does."""
    return _SUMMARY.sub(lambda found: f"\n\n**{' '.join(found[1].split())}**\n\n" if found[1].strip() else "", text)


def _without_elements(text: str, notes: list[Told]) -> str:
    """Convert tables, lists and the like that are written in HTML."""
    parts: list[str] = []
    at = 0
    ends = _ends_of_elements(text)
    while opening := _OPENING.search(text, at):
        end = ends.get(opening.start(1))
        if end is None or _has_markdown(text[opening.end() : end], opening[1]):
            parts.append(text[at : opening.end()])
            at = opening.end()
            continue
        piece = webpages.from_fragment(text[opening.start() : end])
        notes.extend(piece.told)
        parts.extend((text[at : opening.start()], "\n\n", piece.markdown, "\n\n"))
        at = end
    return "".join([*parts, text[at:]])


def _ends_of_elements(text: str) -> dict[int, int]:
    """Map where the name of an opening tag stands to where its element ends, counting those of its name inside."""
    open_ones: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for tag in _WHOLE_TAG.finditer(text):
        names = open_ones.setdefault(tag[2].lower(), [])
        if not tag[1]:
            names.append(tag.start(2))
        elif names:
            ends[names.pop()] = tag.end()
    return ends


def _has_markdown(inside: str, name: str) -> bool:
    """True for Markdown between tags: `<p>` and blank lines around a list of hyphens."""
    return name.lower() in {"p", "details", "blockquote"} and bool(
        re.search(r"\n[ \t]*\n[ \t]*(?:[-*#|]|\d+\.)|\]\(|\*\*", inside)
    )


def _with_elements(
    text: str, opening: re.Pattern[str], closing: re.Pattern[str], write: Callable[[re.Match[str], str], str]
) -> str:
    """Write each element anew, given its opening tag and its inside; a tag that nothing closes stays as it is."""
    ends: dict[str, list[re.Match[str]]] = {}
    for end in closing.finditer(text):
        ends.setdefault(end[1].lower(), []).append(end)
    parts: list[str] = []
    at = 0
    for start in opening.finditer(text):
        following = ends.get(start[1].lower(), [])
        next_one = bisect_left(following, start.end(), key=lambda end: end.start())
        if start.start() < at or next_one == len(following):
            continue
        end = following[next_one]
        parts.extend((text[at : start.start()], write(start, text[start.end() : end.start()])))
        at = end.end()
    return "".join([*parts, text[at:]])


def _link(tag: re.Match[str], inside: str) -> str:
    href = _HREF.search(tag[2])
    target = unescape(next((group for group in href.groups() if group), "") if href else "")
    words = " ".join(inside.split())
    if not target or not re.sub(r"<[^<>]*>", "", words) or page_marks.is_program(target):
        return inside
    return f"[{words}](<{target}>)" if re.search(r"[\s()]", target) else f"[{words}]({target})"


def _emphasis(tag: re.Match[str], inside: str) -> str:
    """Set emphasis around the words, not around the blanks next to them."""
    words = inside.strip()
    if not words or "\n\n" in words:
        return inside
    before, _words, after = inside.partition(words)
    mark = _INLINE[tag[1].lower()]
    return f"{before}{mark}{words}{mark}{after}"


def _tags(text: str) -> Callable[[re.Match[str]], str]:
    """
    What becomes of each tag, for tags that come in their order.

    Whether one stands in a row of a table is known from what lies between it and the one before: to look back to the
    start of its line each time takes the square of a text that is one line.
    """
    reached, in_row = 0, False

    def written(tag: re.Match[str]) -> str:
        nonlocal reached, in_row
        passed = text[reached : tag.start()]
        line = passed.rpartition("\n")
        in_row = "|" in line[2] or (in_row and not line[1])
        reached = tag.start()
        return _tag(tag, in_row=in_row)

    return written


def _tag(tag: re.Match[str], *, in_row: bool) -> str:
    if tag["code"]:
        return tag["code"]
    name = tag["name"].lower()
    if name == "br":
        return "<br>"
    if name == "li":
        return "" if tag["close"] else "<br>• "
    if name in {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "blockquote"}:
        return "<br>" if in_row and tag["close"] else "" if in_row else "\n\n" if name == "p" else ""
    return ""


def _hard_break(text: str):  # type: ignore[no-untyped-def]
    def broken(found: re.Match[str]) -> str:
        line_start = text.rfind("\n", 0, found.start()) + 1
        return "\n" if _TABLE_OR_HEADING.match(text, line_start) else "\\\n"

    return broken
