"""Pages made by Google Docs and by Word: what they say by styles and classes, said by elements."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import lxml.html  # type: ignore[import-untyped]

from policies.text.source import told
from policies.text.source.pages import page_marks
from policies.text.source.pages.page_marks import MARK, counted
from policies.text.source.told import Told

_GOOGLE = re.compile(r"docs-internal-guid|lst-kix_|docs\.google\.com|doc-content")
_WORD = re.compile(r"mso-|MsoNormal|urn:schemas-microsoft-com:office", re.IGNORECASE)
_RULE = re.compile(r"\.(c\d{1,4})\s{0,9}\{([^{}]{0,2000})\}")
_COUNTED = re.compile(r"\.(lst-kix_[\w-]{1,60})\s{0,9}>\s{0,9}li:before\s{0,9}\{\s{0,9}content:([^{}]{0,500})\}")
_PART = re.compile(r"counter\(lst-ctn-(kix_[\w-]{1,60}),([\w-]{1,30})\)|\"([^\"]{0,20})\"")
_LIST_CLASS = re.compile(r"lst-(kix_\w{1,40})-(\d)\b")
_KINDS = {
    "lower-latin": "a",
    "lower-alpha": "a",
    "upper-latin": "A",
    "upper-alpha": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_BOLD = re.compile(r"font-weight\s{0,9}:\s{0,9}(?:bold|[6-9]00)")
_NOT_BOLD = re.compile(r"font-weight\s{0,9}:\s{0,9}(?:normal|400)")
_ITALIC = re.compile(r"font-style\s{0,9}:\s{0,9}italic")
_STRUCK = re.compile(r"text-decoration[\w-]{0,9}\s{0,9}:[^;]{0,60}line-through")
_LEVEL = re.compile(r"mso-list\s{0,9}:\s{0,9}l\d{1,5}\s{1,9}level(\d)", re.IGNORECASE)
_BULLETS = {"·", "o", "§", "•", "-", "–", "▪", "◦", "●", "Ø", "ü", "v", "*", ""}
_DEEPEST = 9


def prepare(root: Any, html: str) -> list[Told]:
    """Write anew, in place, what an office program wrote; return what to tell of it."""
    notes: list[Told] = []
    if _GOOGLE.search(html):
        notes.extend(_google(root, html))
    if _WORD.search(html):
        notes.extend(_word(root))
    return notes


def _google(root: Any, html: str) -> Iterator[Told]:
    styles = dict(_RULE.findall(html))
    yield from _without_google_comments(root)
    for bold in list(root.iter("b", "strong")):
        if _NOT_BOLD.search(bold.get("style") or ""):
            bold.drop_tag()
    for element in list(root.iter("p")):
        names = (element.get("class") or "").split()
        if "title" in names:
            element.tag = "h1"
    for span in list(root.iter("span")):
        style = ";".join(
            [span.get("style") or "", *(styles.get(name, "") for name in (span.get("class") or "").split())]
        )
        _set(span, style)
    formats = dict(_COUNTED.findall(html))
    _number_google_lists(root, formats)
    _nest_by_class(root)
    _nest_by_level(root)


def _set(span: Any, style: str) -> None:
    """Say by elements how a span is set."""
    if _STRUCK.search(style) and span.text_content().strip():
        span.tag = "s"
        return
    in_heading = any(parent.tag in ("h1", "h2", "h3", "h4", "h5", "h6") for parent in span.iterancestors())
    if in_heading or not span.text_content().strip():
        return
    if _BOLD.search(style):
        span.tag = "strong"
    elif _ITALIC.search(style):
        span.tag = "em"


def _without_google_comments(root: Any) -> Iterator[Told]:
    for note in list(root.iter("a")):
        target = note.get("href") or ""
        if target.startswith("#cmnt_ref") and note.getparent() is not None:
            block = note.getparent()
            words = block.text_content()
            yield replace(told.comment(words.removeprefix(note.text_content())), words=words)
            page_marks.drop(block)
        elif target.startswith("#cmnt"):
            parent = note.getparent()
            page_marks.drop(parent if parent is not None and parent.tag == "sup" else note)


def _number_google_lists(root: Any, formats: dict[str, str]) -> None:
    """Count as the style sheet counts: "(a)", "1.1"; what a list of Markdown counts itself is left to it."""
    counts: dict[str, int] = {}
    for listed in root.iter("ol"):
        found = _LIST_CLASS.search(listed.get("class") or "")
        if not found:
            continue
        name = f"{found[1]}-{found[2]}"
        content = formats.get(f"lst-{name}", "")
        if "start" in (listed.get("class") or "").split() or name not in counts:
            start = listed.get("start") or "1"
            counts[name] = (int(start) if start.isdecimal() else 1) - 1
        elif (listed.get("start") or "").isdecimal():
            counts[name] = int(listed.get("start")) - 1
        parts = _PART.findall(content)
        is_plain = [p for p in parts if p[0]] == [p for p in parts if p[0] == name and p[1] == "decimal"]
        is_plain = is_plain and "".join(p[2] for p in parts).strip() in {".", ""}
        if is_plain and not listed.get("start"):
            listed.set("start", str(counts[name] + 1))
        for item in listed.iterchildren("li"):
            counts[name] += 1
            if not is_plain:
                item.set(
                    MARK, "".join(p[2] or counted(counts.get(p[0], 1), _KINDS.get(p[1], "1")) for p in parts).strip()
                )
        if not is_plain:
            listed.tag = "ul"


def _nest_by_class(root: Any) -> None:
    """A list of a deeper level stands in the last item of the one before it."""
    last: dict[tuple[str, int], Any] = {}
    for listed in list(root.iter("ol", "ul")):
        found = _LIST_CLASS.search(listed.get("class") or "")
        if not found:
            continue
        level = int(found[2])
        above = last.get((found[1], level - 1))
        previous = listed.getprevious()
        items = list(listed.iterchildren("li"))
        if (
            level
            and above is not None
            and previous is not None
            and previous in (above[0], last.get((found[1], level), (None,))[0])
        ):
            above[1].append(listed)
        if items:
            last[(found[1], level)] = (
                above[0] if level and above is not None and listed.getparent() is above[1] else listed,
                items[-1],
            )


def _nest_by_level(root: Any) -> None:
    """Items of one list that say their own level."""
    for listed in list(root.iter("ol", "ul")):
        items = list(listed.iterchildren("li"))
        open_ones: list[Any] = []
        for item in items:
            level = item.get("aria-level") or "1"
            depth = min(int(level), _DEEPEST) if level.isdecimal() and int(level) else 1
            del open_ones[depth - 1 :]
            if open_ones and depth > 1:
                inner = open_ones[-1].find(listed.tag)
                if inner is None:
                    inner = lxml.html.Element(listed.tag)
                    open_ones[-1].append(inner)
                inner.append(item)
            open_ones.append(item)


def _word(root: Any) -> Iterator[Told]:
    yield from _without_word_comments(root)
    for element in list(root.iter("p")):
        name = element.get("class") or ""
        if name.startswith("MsoTitle"):
            element.tag = "h1"
    for element in list(root.iter("span")):
        name = element.get("class") or ""
        if name == "msoDel":
            yield told.deleted(element.text_content())
            page_marks.drop(element)
        elif name == "msoIns":
            yield told.inserted(element.text_content())
        elif _STRUCK.search(element.get("style") or "") and element.text_content().strip():
            element.tag = "s"
    _word_lists(root)


def _without_word_comments(root: Any) -> Iterator[Told]:
    for element in list(root.iter("div", "p", "a", "span")):
        style, name = element.get("style") or "", element.get("class") or ""
        if element.getparent() is None:
            continue
        if "mso-element:comment-list" in style.replace(" ", ""):
            for block in element.iter("p"):
                words = re.sub(r"\s{0,9}\[[\w-]{1,9}\]\s{0,9}", " ", block.text_content())
                if words.strip():
                    yield told.comment(words)
            page_marks.drop(element)
        elif name == "MsoCommentText":
            yield told.comment(element.text_content())
            page_marks.drop(element)
        elif name in {"msocomanchor", "MsoCommentReference"} or "mso-special-character:comment" in style.replace(
            " ", ""
        ):
            page_marks.drop(element)


def _word_lists(root: Any) -> None:
    """Paragraphs that Word shows as items: their marks stand in them as words, their level in a style."""
    inside: list[Any] = []
    for element in list(root.iter("p", "h1", "h2", "h3", "h4", "h5", "h6", "table")):
        found = _LEVEL.search(element.get("style") or "")
        if element.tag == "table" or not found:
            inside = [] if not any(parent.tag == "li" for parent in element.iterancestors()) else inside
            continue
        mark = _taken_mark(element)
        if element.tag != "p":
            if mark and mark not in _BULLETS:
                element.text = f"{mark} {(element.text or '').lstrip()}"
            continue
        if inside and (element.getprevious() is not inside[0]):
            inside = []
        depth = min(int(found[1]), len(inside) + 1)
        item = lxml.html.Element("li")
        if mark not in _BULLETS:
            item.set(MARK, mark)
        if depth > len(inside):
            listed = lxml.html.Element("ul")
            if inside:
                inside[-1][-1].append(listed)
            else:
                element.addprevious(listed)
            inside.append(listed)
        del inside[depth:]
        inside[-1].append(item)
        element.tail = None
        element.tag = "span"
        item.append(element)


def _taken_mark(element: Any) -> str:
    for span in element.iter("span"):
        if re.sub(r"\s", "", span.get("style") or "").lower() in {"mso-list:ignore", "mso-list:ignore;"}:
            mark = "".join(span.text_content().split())
            page_marks.drop(span)
            return mark
    return ""
