"""Elements of a page that Markdown has no words for, written as what it has: nothing a reader sees is lost."""

import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

from policies.text.source import told
from policies.text.source.told import Told

# The mark of a list item that no numbered list of Markdown has: "(b)", "iv.", a number out of turn.
MARK = "data-mark"
# The number of an item, so that nobody has to count those before it.
NUMBER = "data-number"

_SUPERSCRIPT = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_RAISED, _LOWERED = re.compile(r"[0-9+\-−=()n]+"), re.compile(r"[0-9+\-−=()]+")
# What is raised and belongs to the word before it: 1st, 2e, Mme, nº.
_ENDING = re.compile(r"(?:\d|(?<![^\W\d_])[^\W\d_]{1,2})\Z")
_BLOCKS = ("p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "blockquote", "pre", "section")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ANCHOR_SIGNS = {"#", "¶", "§", "🔗", "⚓", "∞", "link", "permalink", "anchor"}
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s{0,9}:\s{0,9}([a-z-]{1,40})", re.IGNORECASE)
_STYLES = {
    **dict.fromkeys(("lower-alpha", "lower-latin"), "a"),
    **dict.fromkeys(("upper-alpha", "upper-latin"), "A"),
    "lower-roman": "i",
    "upper-roman": "I",
}
_REDIRECTS = {
    "q": ("google.", "/url"),
    "url": ("safelinks.protection.outlook.com", "/"),
    "u": ("facebook.com", "/l.php"),
}
_DECORATION = re.compile(
    r"(?:an? )?(?:illustration|photo|photograph|picture|image|logo|icon|banner|screenshot)\b.*"
    r"|.{0,60}\b(?:logo|icon|banner)",
    re.IGNORECASE,
)
_MOST_COLUMNS, _MOST_ROWS = 60, 1000
_PROGRAM = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_UNSEEN_IN_TARGETS = re.compile(r"[\s\x00-\x1f]")


def superscript(words: str, before: str) -> str:
    """How raised words are written: "30¹", "1st", "Data[a]"; never joined to a word they are not part of."""
    bare = words.strip()
    if bare and _RAISED.fullmatch(bare):
        return bare.translate(_SUPERSCRIPT)
    if not bare[:1].isalnum() or _ENDING.search(before[-3:]) or bare.casefold() in {"tm", "sm"}:
        return bare
    return f"[{bare}]"


# Names of parts, a program that was switched off, "End of the header".
_OF_A_PROGRAM = re.compile(
    r"[<>{}=;]|\[(?:if|end)|^[./#]|^(?:begin|end|start|stop|close|closing|/)\b|\w[-_/]\w+[-_/]\w", re.IGNORECASE
)


def subscript(words: str) -> str:
    bare = words.strip()
    return bare.translate(_SUBSCRIPT) if bare and _LOWERED.fullmatch(bare) else words


def prepare(root: Any) -> list[Told]:
    """Write anew, in place, what Markdown cannot say; return what to tell of it."""
    notes = [*_comments(root), *_tracked(root)]
    _pictures(root)
    _raised(root)
    _redirects(root)
    _links(root)
    _anchors(root)
    _details(root)
    _buttons(root)
    for table in root.iter("table"):
        _spans(table)
    for listed in list(root.iter("dl")):
        _definitions(listed)
    for listed in root.iter("ol"):
        _marks(listed)
    return notes


def _comments(root: Any) -> Iterator[Told]:
    """Comments that somebody wrote, unlike those that a program left: "/header", "[if IE]", parts of a page."""
    for comment in list(root.iter(etree.Comment)):
        words = " ".join((comment.text or "").split())
        in_head = any(each.tag == "head" for each in comment.iterancestors())
        if not in_head and len(re.findall(r"[^\W\d_]{2,}", words)) >= 3 and not _OF_A_PROGRAM.search(words):
            yield told.comment(words)


def _tracked(root: Any) -> Iterator[Told]:
    """Changes somebody tracked: what was inserted stays, what was deleted goes; both are told."""
    for element in list(root.iter("del")):
        words = element.text_content()
        if words.strip():
            yield told.deleted(words)
        drop(element)
    for element in list(root.iter("ins")):
        if element.text_content().strip():
            yield told.inserted(element.text_content())
    for element in list(root.iter("s", "strike")):
        element.tag = "s"
        if element.text_content().strip():
            yield told.struck(element.text_content())


def description(alt: str) -> str:
    """The words that stand for a picture; none for what only decorates a page."""
    words = " ".join(alt.split())
    return "" if _DECORATION.fullmatch(words[:200]) else words


def _pictures(root: Any) -> None:
    """A picture's description stands for it, as everywhere."""
    for picture in list(root.iter("img", "area")):
        replace_by_text(picture, description(picture.get("alt") or ""))


def _raised(root: Any) -> None:
    for element in list(root.iter("sup")):
        before = _text_before(element)
        for link in list(element.iter("a")):
            if (link.get("href") or "").startswith("#"):
                link.drop_tag()
        inside = superscript(element.text_content(), before)
        if len(element) and any(child.get("href") for child in element.iter("a")):
            continue
        replace_by_text(element, inside)
    for element in list(root.iter("sub")):
        if not len(element):
            replace_by_text(element, subscript(element.text or ""))


def _text_before(element: Any) -> str:
    previous = element.getprevious()
    if previous is not None:
        return str(previous.tail or "") or str(previous.text_content() if isinstance(previous.tag, str) else "")
    return str(element.getparent().text or "") if element.getparent() is not None else ""


def _redirects(root: Any) -> None:
    """A link that an office or a mail program leads past itself leads where it says."""
    for link in root.iter("a"):
        target = link.get("href") or ""
        for name, (host, path) in _REDIRECTS.items():
            if host in target and path in target:
                try:
                    aim = parse_qs(urlsplit(target).query).get(name, [""])[0]
                except ValueError:
                    continue
                if aim.startswith(("http://", "https://", "mailto:")):
                    link.set("href", aim)


def is_program(target: str) -> bool:
    """True for what a link would run instead of leading somewhere: the renderer shows it as it is written."""
    return _PROGRAM.match(_UNSEEN_IN_TARGETS.sub("", target)) is not None


def _links(root: Any) -> None:
    """A link that runs a program is its words; links side by side are words side by side."""
    for link in list(root.iter("a")):
        following = link.getnext()
        if is_program(link.get("href") or ""):
            link.drop_tag()
        elif following is not None and following.tag == "a" and not link.tail and _lead_apart(link, following):
            link.tail = " "


def _lead_apart(link: Any, following: Any) -> bool:
    targets = {link.get("href"), following.get("href")}
    return None not in targets and len(targets) == 2


def _anchors(root: Any) -> None:
    """Links of a heading to itself."""
    for heading in root.iter(*_HEADINGS):
        for link in list(heading.iter("a")):
            words = link.text_content().strip().casefold()
            if (link.get("href") or "").startswith("#") and (words in _ANCHOR_SIGNS or not words):
                drop(link)


def _details(root: Any) -> None:
    """What opens a part of the page stands above it, as a heading does."""
    for summary in list(root.iter("summary")):
        _to_heading(summary)
    for element in list(root.iter("details")):
        element.tag = "div"


def _buttons(root: Any) -> None:
    for button in list(root.iter("button")):
        is_opening = button.get("aria-expanded") is not None or "accordion" in (button.get("class") or "")
        in_heading = any(parent.tag in _HEADINGS for parent in button.iterancestors())
        if is_opening and not in_heading:
            _to_heading(button)
        else:
            button.tag = "span" if in_heading or button.getparent().tag == "p" else "p"
    for label in list(root.iter("label", "legend")):
        label.tag = "span" if label.tag == "label" else "p"


def _to_heading(element: Any) -> None:
    if any(child.tag in _HEADINGS for child in element.iter(etree.Element)):
        element.tag = "div"
        return
    element.tag = "p"
    for child in element.iter("p", "div"):
        if child is not element:
            child.tag = "span"
    if not element.text_content().strip():
        return
    strong = lxml.html.Element("strong")
    strong.text, element.text = element.text, None
    strong.extend(list(element))
    element.append(strong)


def _spans(table: Any) -> None:
    """Give each row all its cells: one that spans rows stands in each of them, and rows of headers become one."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table][:_MOST_ROWS]
    pending: dict[int, tuple[int, Any]] = {}
    for row in rows:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        column = 0
        for cell in cells:
            column = _insert_spanning(pending, column, cell)
            width = _span(cell, "colspan", _MOST_COLUMNS)
            height = _span(cell, "rowspan", _MOST_ROWS)
            cell.attrib.pop("rowspan", None)
            if height > 1:
                for offset in range(width):
                    pending[column + offset] = (height, cell if offset == 0 else None)
            column += width
        _append_spanning(pending, column, row)
        pending = {at: (left - 1, cell) for at, (left, cell) in pending.items() if left > 1}
    _join_headers(table)


def _insert_spanning(pending: dict[int, tuple[int, Any]], column: int, cell: Any) -> int:
    while column in pending and pending[column][1] is not cell and not _is_new(pending[column], cell):
        cell.addprevious(_copy(pending[column][1], cell.tag))
        column += 1
    return column


def _is_new(waiting: tuple[int, Any], cell: Any) -> bool:
    """True for a cell of the row at hand."""
    return waiting[1] is not None and waiting[1].getparent() is cell.getparent()


def _append_spanning(pending: dict[int, tuple[int, Any]], column: int, row: Any) -> None:
    while column in pending and not (pending[column][1] is not None and pending[column][1].getparent() is row):
        row.append(_copy(pending[column][1], "td"))
        column += 1


def _copy(cell: Any, tag: str) -> Any:
    new = lxml.html.Element(tag)
    if cell is not None:
        new.text = cell.text
        for child in cell:
            new.append(lxml.html.fromstring(lxml.html.tostring(child, encoding="unicode", with_tail=True)))
    return new


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), most) if value.isdecimal() and len(value) < 6 and int(value) else 1


def _join_headers(table: Any) -> None:
    """Several rows of headers in one: "Cookie" above "Name" is "Cookie: Name" to nobody but both to everybody."""
    head = next(iter(table.iterchildren("thead")), None)
    if head is None:
        return
    rows = list(head.iterchildren("tr"))
    if len(rows) < 2:
        return
    first = _unfolded(rows[0])
    for row in rows[1:]:
        for above, cell in zip(first, _unfolded(row), strict=False):
            words = " ".join(cell.text_content().split())
            if words and words not in " ".join(above.text_content().split()):
                above.append(lxml.html.Element("br"))
                above[-1].tail = words
        head.remove(row)


def _unfolded(row: Any) -> list[Any]:
    """The cells of a row, one a column."""
    for cell in list(row.iterchildren("td", "th")):
        width = _span(cell, "colspan", _MOST_COLUMNS)
        cell.attrib.pop("colspan", None)
        for _ in range(width - 1):
            cell.addnext(_copy(None, cell.tag))
    return list(row.iterchildren("td", "th"))


def _definitions(listed: Any) -> None:
    """A list of terms and what they mean: the term in bold, and its meaning below it."""
    if any(child.tag in _HEADINGS for term in listed.iter("dt") for child in term):
        for element in listed.iter("dt", "dd"):
            element.tag = "div"
        listed.tag = "div"
        return
    for group in list(listed.iterchildren("div")):
        group.drop_tag()
    item = None
    is_term = True
    for element in list(listed):
        if element.tag == "dt" or item is None:
            item = lxml.html.Element("li")
            element.addprevious(item)
            is_term = True
        if element.tag == "dt":
            element.tag = "strong"
            for child in list(element.iter("p", "div", "strong", "b")):
                if child is not element:
                    child.drop_tag()
        else:
            if is_term and len(item):
                item.append(lxml.html.Element("br"))
            is_inline = not any(child.tag in _BLOCKS for child in element) and is_term
            element.tag = "span" if is_inline else "p" if not any(child.tag in _BLOCKS for child in element) else "div"
            is_term = False
        element.tail = None
        item.append(element)
    listed.tag = "ul"


def _marks(listed: Any) -> None:
    """Keep the marks of items that Markdown would count anew: letters, Roman numbers, numbers out of turn."""
    items = [item for item in listed if item.tag == "li"]
    style = _STYLES.get(((found := _LIST_STYLE.search(listed.get("style") or "")) and found[1].lower()) or "", "")
    kind = style or (listed.get("type") or "1").strip()
    is_reversed = listed.get("reversed") is not None
    number = _number(listed.get("start"), len(items) if is_reversed else 1)
    numbers = []
    for item in items:
        number = _number(item.get("value"), number)
        numbers.append(number)
        number += -1 if is_reversed else 1
    in_turn = all(after == before + 1 for before, after in itertools.pairwise(numbers))
    if not items or (kind not in {"a", "A", "i", "I"} and in_turn and numbers[0] >= 0):
        for item, own in zip(items, numbers, strict=True):
            item.set(NUMBER, str(own))
        return
    for item, own in zip(items, numbers, strict=True):
        item.set(MARK, f"{counted(own, kind)}.")
    listed.tag = "ul"


def _number(value: str | None, otherwise: int) -> int:
    found = re.fullmatch(r"\s{0,9}(-?\d{1,6})\s{0,9}", value or "")
    return int(found[1]) if found else otherwise


def counted(number: int, kind: str) -> str:
    """A number as a list of this type shows it: a, A, i, I or 1."""
    if number < 1 or kind not in {"a", "A", "i", "I"}:
        return str(number)
    written = ""
    if kind in {"a", "A"}:
        while number:
            number, letter = divmod(number - 1, 26)
            written = chr(ord("a") + letter) + written
    else:
        for value, sign in _ROMAN:
            written += sign * (number // value)
            number %= value
    return written.upper() if kind.isupper() else written


_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"],
        strict=True,
    )
)


def drop(element: Any) -> None:
    """Remove an element, keeping the text that follows it."""
    if element.getparent() is not None:
        element.drop_tree()


def replace_by_text(element: Any, words: str) -> None:
    element.tail = words + (element.tail or "")
    drop(element)
