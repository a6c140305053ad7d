"""Web pages and pieces of HTML to Markdown: lxml finds the text, markdownify writes it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import lxml.html  # type: ignore[import-untyped]
from lxml import etree
from markdownify import ATX, MarkdownConverter

from policies.text.rejected import TextRejected
from policies.text.source import markdown_marks, tidying
from policies.text.source.pages import emphasis, headlines, hidden, office_pages, page_marks
from policies.text.source.plaintext import TITLE
from policies.text.source.told import Told

_NOT_TEXT = (
    *("script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "canvas"),
    *("video", "audio", "source", "link", "meta", "base", "dialog", "frame", "frameset"),
    *("input", "select", "option", "datalist"),
)
# What acts or fetches: an editor is told that it was there.
_UNSAFE = {"script", "iframe", "object", "embed", "applet", "frame", "base"}
_AROUND = ("nav", "header", "footer", "aside", "form")
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu")
# Names of containers that hold the page's furniture, as whole words of a class or id.
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|cookie-?(?:banner|consent|notice|bar)|"
    r"site-?(?:header|footer)|skip-?(?:link|to-content)|share|social|newsletter-signup|onetrust[\w-]*|toc-?nav)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = {"p", "div", "ul", "ol", "table", "section", "article", "main", "dl", "blockquote", "pre", "hr"} | {
    f"h{level}" for level in range(1, 7)
}
# Only where an editor's tool went wrong; markdownify would look at each of them from each of them.
_MANY_BLANKS = re.compile(r"(?<![ \t])[ \t]{200,}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
# Office programs set each word in bold by itself: "**Privacy** **Policy**", "**a****.example**".
_RUNS_ON = re.compile(r"(?<=[^\s*\\])\*\*( ?)\*\*(?=[^\s*])|(?<=[^\s*\\])\*( )\*(?=[^\s*])")
_ASTERISKS = re.compile(r"\*+")
_TWO_BREAKS = re.compile(r"\\\n(?:[ \t]*\\\n)+[ \t]*")
_BROKEN = re.compile(r"(?<![ \t])[ \t]*\\\n[ \t]*")


@dataclass(frozen=True)
class Page:
    """A page's text as Markdown, its title and language as the page gives them, what was unsafe, and what to tell."""

    markdown: str
    title: str = ""
    language: str = ""
    unsafe: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


class _Converter(MarkdownConverter):
    """Markdown as the renderer wants it: no pictures, and lists and paragraphs inside a cell on lines of one row."""

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, _one_line(text), parent_tags))  # type: ignore[misc]

    def convert_th(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, _one_line(text), parent_tags))  # type: ignore[misc]

    def convert_p(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return f"\n{text.strip()}\n"
        text = _parted(_BROKEN.sub("\\\\\n", text))
        return str(super().convert_p(el, tidying.escaped_start(text), parent_tags))  # type: ignore[misc]

    def convert_div(self, el: Any, text: str, parent_tags: set[str]) -> str:
        has_blocks = any(child.name in _BLOCKS for child in el.find_all(recursive=False))
        return self.convert_p(el, text, parent_tags) if not has_blocks else f"\n\n{text.strip()}\n\n"

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        mark = el.get(page_marks.MARK)
        words = f"{mark} {text.strip()}" if mark else _TYPED_BULLET.sub("", text.strip())
        if _in_cell(parent_tags):
            return f"\n{'' if mark else '• '}{words}\n"
        if not words:
            return "\n"
        bullet = f"{el.get(page_marks.NUMBER)}. " if el.parent is not None and el.parent.name == "ol" else "- "
        first, *others = words.split("\n")
        first = tidying.escaped_start(first) if mark else first
        return (
            "\n".join([bullet + first, *(" " * len(bullet) + line if line.strip() else "" for line in others)]) + "\n"
        )

    def convert_ul(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return f"\n{text.strip()}\n"
        return str(super().convert_ul(el, text, parent_tags))  # type: ignore[misc]

    convert_ol = convert_ul

    def convert_list(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return f"\n{text.strip()}\n"
        return str(super().convert_list(el, text, parent_tags))  # type: ignore[misc]

    def convert_br(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return "\n"
        return str(super().convert_br(el, text, parent_tags))  # type: ignore[misc]

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape also what would be a tag, a link, code or a character reference when it is read again."""
        return _READ_AGAIN.sub(_escaped, str(super().escape(text, parent_tags)))  # type: ignore[misc]

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A link without words or target is no link."""
        if not text.strip() or not el.get("href"):
            return text
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]


# A bullet that somebody typed into an item, which has one.
_TYPED_BULLET = re.compile(r"^[●•▪■◦‣∙·]\s+(?=\S)")
# Signs that mean something to Markdown, or to us when we read it again.
_READ_AGAIN = re.compile(r"<(?=[a-zA-Z/!?])|`|~~|\](?=[(\[])|\{(?=[{%#:.+=~>-])|&(?=#?\w{1,31};)|\[(?=\^)")


def _escaped(sign: re.Match[str]) -> str:
    return "&amp;" if sign[0] == "&" else "".join(f"\\{each}" for each in sign[0])


def _parted(text: str) -> str:
    """Let two line breaks part paragraphs, as a reader sees them, where nothing is set across them."""
    paragraphs = _TWO_BREAKS.split(text)
    is_whole = all(
        len(_ASTERISKS.findall(paragraph)) % 2 == 0 and paragraph.count("[") == paragraph.count("]")
        for paragraph in paragraphs
    )
    return "\n\n".join(paragraphs) if is_whole else text


def _in_cell(parent_tags: set[str]) -> bool:
    return bool(parent_tags & {"td", "th"})


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().split("\n")]
    return "<br>".join(line.replace("|", "\\|") for line in lines if line)


def _write(html: str) -> str:
    converter = _Converter(
        heading_style=ATX,
        bullets="-",
        escape_underscores=False,
        newline_style="BACKSLASH",
        table_infer_header=True,
        # The end of a line in HTML is a blank: what an editor's program wrapped is one line.
        wrap=True,
        wrap_width=None,
    )
    try:
        # Blanks of other widths are blanks before emphasis is set beside them, not only after.
        written = converter.convert(_MANY_BLANKS.sub(" ", tidying.plain_blanks(html)))
    except RecursionError as error:
        raise TextRejected(
            "The page has elements within elements, hundreds deep. Save it as plain text, or close what is left open."
        ) from error
    written = _RUNS_ON.sub(
        lambda found: found[1] or found[2] or "", tidying.without_empty_breaks(tidying.tidy_characters(written))
    )
    return markdown_marks.finished(_BLANK_LINES.sub("\n\n", written)).strip("\n")


def from_fragment(html: str) -> Page:
    """Return a piece of HTML as Markdown."""
    try:
        root = lxml.html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return Page("")
    notes = page_marks.prepare(root)
    emphasis.prepare(root)
    _drop(root, _NOT_TEXT)
    return Page(_write(_markup(root)), told=tuple(notes))


def from_page(html: str) -> Page:
    """Return the article of a page as Markdown, without the page around it."""
    root = parsed(html)
    if root is None:
        return Page("")
    unsafe = tuple(sorted({str(el.tag) for el in root.iter(*_UNSAFE)} | set(_handlers(root))))
    title = " ".join((root.findtext(".//title") or "").split())
    language = str(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    hiding = hidden.names(root)
    notes = [*office_pages.prepare(root, html), *page_marks.prepare(root)]
    emphasis.prepare(root)
    _drop(root, _NOT_TEXT)
    article = _article(root)
    notes.extend(hidden.tell(article.element, hiding))
    return Page(article.above + _write(_markup(article.element)), title, language, unsafe, tuple(notes))


def parsed(html: str) -> Any:
    """The elements of a page; None where there are none. Nothing is fetched, and no entity of its own is known."""
    try:
        # Bytes: lxml refuses text with an encoding declaration.
        return lxml.html.document_fromstring(
            html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _handlers(root: Any) -> Iterable[str]:
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if name.startswith("on") or re.sub(r"[\s\x00-\x1f]", "", value).lower().startswith("javascript:"):
                yield name


def _markup(element: Any) -> str:
    return str(lxml.html.tostring(element, encoding="unicode"))


def _drop(root: Any, names: Iterable[str]) -> None:
    """Remove elements and comments, keeping the text that follows them."""
    for element in [*root.iter(*names), *root.iter(etree.Comment), *root.iter(etree.ProcessingInstruction)]:
        if element.getparent() is not None:
            element.drop_tree()


@dataclass(frozen=True)
class _Article:
    """The element that holds the text, and what stands above it on the page and belongs to it, as Markdown."""

    element: Any
    above: str


def _article(root: Any) -> _Article:
    """
    Return the text of a page.

    Furniture (navigation, banners, footers) goes only where most of the words stay: a policy inside a `<form>`
    or a "sidebar" is still the policy. Its heading and its dates may stand in a banner.
    """
    body = _body(root)
    titles = [heading for each in root.iter("h1") if TITLE.search(heading := " ".join(each.text_content().split()))]
    dates = headlines.dates(root, body)
    size = _words(body)
    for element in _furniture(body):
        if element.getparent() is not None and _words(element) <= 0.25 * size:
            element.drop_tree()
    has_heading = next(body.iter("h1"), None) is not None
    kept = " ".join(body.text_content().split())
    above = [f"# {titles[0]}"] if len(titles) == 1 and not has_heading else []
    above.extend(tidying.escaped_start(line) for line in dates if line not in kept)
    return _Article(body, "".join(f"{line}\n\n" for line in above))


def _body(root: Any) -> Any:
    bodies = root.xpath("//body")
    body = bodies[0] if bodies else root
    whole = _words(body)
    for path in ("//main", "//article", "//*[@role='main']"):
        found = sorted(root.xpath(path), key=_words, reverse=True)
        if found and _words(found[0]) >= 0.5 * whole:
            return found[0]
    return body


def _furniture(body: Any) -> list[Any]:
    found = list(body.iter(*_AROUND))
    found.extend(el for el in body.iter(etree.Element) if el.get("role") in _ROLES)
    found.extend(
        el
        for el in body.iter("div", "ul", "section", "p")
        if _FURNITURE.search(f"{el.get('class') or ''} {el.get('id') or ''}") and el.tag != "main"
    )
    return found


def _words(element: Any) -> int:
    return len(str(element.text_content()).split())
