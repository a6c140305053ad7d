"""Canonical Markdown to safe HTML: markdown-it-py without raw HTML, then an allow-list (nh3)."""

import gc
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import linkify
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from policies.text.bounded import bounded
from policies.text.structure import anchors
from policies.text.structure.anchors import Named

# A higher one whenever any text comes out otherwise, what a redline says about itself in some language included.
_OWN_VERSION = "4"
RENDERER_VERSION = f"{_OWN_VERSION}/markdown-it-py {version('markdown-it-py')}/nh3 {version('nh3')}"

_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td", "strong", "em", "s", "a", "sup", "section"),
    *("ins", "del", "span", "div", "nav"),
}
_CLASSES = {
    "align-left",
    "align-center",
    "align-right",
    "footnotes",
    "footnote-ref",
    "footnote-backref",
    "visually-hidden",
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "class"},
    "ol": {"start", "class"},
    "table": {"class"},
    "th": {"class", "colspan", "scope"},
    "td": {"class", "colspan"},
    **{
        tag: {"id", "class"}
        for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "tr", "ins", "del", "span", "div", "nav")
    },
    **{tag: {"class"} for tag in ("sup", "section", "ul", "blockquote", "pre")},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
# Browsers read backslashes as slashes and skip tabs and line ends inside a link: "/\t/evil" leaves the site
# too.
_PROTOCOL_RELATIVE = re.compile(r"^[\s\x00-\x20]*[/\\][\s\x00-\x20]*[/\\]")
_OUR_IDS = re.compile(r"^(s-|fn|change-|r-)[\w.:-]*$")
_MOST_BRACKETS = 5000
_LINKED = ("https", "http", "ftp")
_LONGEST_SCHEME, _LONGEST_ADDRESS = max(map(len, _LINKED)), 4096
_BRACKETS = re.compile(r"!?\[+|!")
# A quick look for anything that needs the inline parser at all.
_PLAIN = re.compile(r"[^\\`*_\[\]<>&~@:]*(?::(?!//)[^\\`*_\[\]<>&~@:]*)*")
ALL_BOLD = re.compile(r"(\*\*|__)(?=\S)(?:(?!\1).)+(?<=\S)\1:?", re.DOTALL)
# "4", "4.1.2", "XIV", "Article 4", "Section 2", "§ 3", "A." before the words of a heading.
_NUMBER = re.compile(
    r"^\s*(?:(?:article|artikel|articolo|artículo|art\.?|section|sección|part|partie|chapter|chapitre|clause|annex|annexe|abschnitt|kapitel|§+)\s*)?"
    r"(?P<number>\d+(?:\s?\.\s?\d+)*[a-z]?|[IVXLC]+|[A-Z](?=[.)]))(?:\s*(?:[.):°]|[-–—](?=\s))+\s*|\s+|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heading:
    """One heading: its words without the number, the number ("4.1") or None, its anchor, and all of it as written."""

    level: int
    text: str
    number: str | None
    anchor: str
    label: str = ""


@dataclass(frozen=True)
class Rendered:
    """The page made of a text: safe HTML, its contents list, and all visible words, one block a line."""

    html: str
    contents: tuple[Heading, ...]
    text: str


@bounded
def render(canonical: str, *, title: str | None = None, before: Sequence[Named] = ()) -> Rendered:
    """
    Render a canonical text; a first heading that only repeats ``title`` is left out, the page shows it already.

    ``before`` are the headings of the text that this one follows: a heading reworded a little keeps its anchor.
    """
    environment: dict[str, Any] = {}
    with _no_garbage_collection():
        tokens = PARSER.parse(canonical, environment)
        if title is not None:
            tokens = _without_title(tokens, title)
        contents = _name_headings(tokens, anchors.inherited(_own_names(tokens), before))
        html = PARSER.renderer.render(tokens, PARSER.options, environment)
    return Rendered(html=clean(html), contents=contents, text=visible_text(tokens))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """
    Let nobody look for garbage: all tokens of a text stay till its page is done, and searching them took half the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Of two threads at work, the one that found it enabled enables it.
        if was_enabled:
            gc.enable()


def clean(html: str) -> str:
    """Return the HTML without anything active, remote or styled; ``clean(clean(x)) == clean(x)``."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
        clean_content_tags={"script", "style", "template", "noscript"},
    )


def split_number(text: str) -> tuple[str | None, str]:
    """
    Split a heading into its number and its words: ("4.1", "Retention"); a heading of a number only keeps it.
    """
    found = _NUMBER.match(text)
    if not found or found.end() == len(text.rstrip()) or _is_a_word(found["number"], found[0]):
        return None, text.strip()
    return re.sub(r"\s", "", found["number"]), text[found.end() :].strip(" -–—\t")


def slug(text: str) -> str:
    """Return the words of a heading as an anchor without its number, so that renumbering keeps it."""
    _, words = split_number(text)
    folded = unicodedata.normalize("NFKD", words.casefold())
    kept = re.findall(r"\w+", "".join(c for c in folded if not unicodedata.combining(c)))
    return "-".join(kept[:12])[:80].strip("-") or "section"


def visible_text(tokens: Sequence[Token]) -> str:
    """Return the words a reader sees, a block or a table row a line, cells parted by tabs."""
    lines: list[str] = []
    row: list[str] | None = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            lines.append("\t".join(row).strip())
            row = None
        elif token.type == "inline":
            words = inline_text(token.children or [])
            if row is None:
                lines.append(words)
            else:
                row.append(words.replace("\n", " "))
        elif token.type in {"fence", "code_block"}:
            lines.append(token.content.rstrip("\n"))
    return "\n".join(lines)


def inline_text(children: Iterable[Token]) -> str:
    parts = []
    for child in children:
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "image":
            parts.append(inline_text(child.children or []))
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
    return "".join(parts)


def _is_a_word(number: str, matched: str) -> bool:
    """ "I agree" and "C" are words; "I." and "IV" are numbers."""
    if number.isdigit() or number[0].isdigit():
        return False
    punctuated = bool(re.search(r"[.):°–—-]\s*$", matched))
    labeled = matched.lstrip()[: len(number)] != number
    return not (punctuated or labeled or (len(number) > 1 and number.isupper()))


def _allowed_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return None if _PROTOCOL_RELATIVE.match(value) else value
    if name == "id":
        return value if _OUR_IDS.match(value) else None
    if name == "class":
        kept = [c for c in value.split() if c in _CLASSES or c.startswith("redline-")]
        return " ".join(kept) or None
    if name in {"start", "colspan"}:
        return value if value.isdecimal() else None
    return value if tag else None


def _without_title(tokens: list[Token], title: str) -> list[Token]:
    """Drop a first-level heading at the start that says no more than the title."""
    is_headed = len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    if is_headed and _folded(inline_text(tokens[1].children or [])) == _folded(title):
        return tokens[3:]
    return tokens


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _own_names(tokens: Sequence[Token]) -> list[Named]:
    """The words of every heading and the anchor they make by themselves."""
    return [(split_number(text)[1], f"s-{slug(text)}") for _, text, _ in _headings(tokens)]


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str, Token]]:
    """Every heading, and every paragraph that is bold as a whole: its opening, its text and its closing."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "heading_open" or is_bold_heading(opening, inline):
            text = " ".join(inline_text(inline.children or []).split())
            if text:
                yield opening, text, closing


def _name_headings(tokens: Sequence[Token], inherited: Mapping[str, str]) -> tuple[Heading, ...]:
    """
    Give every heading its anchor and return the contents list. ``inherited`` maps an own anchor to an older one.

    A short paragraph that is bold as a whole gets an anchor too, and stands in the list where there are hardly
    any other headings: many policies have been copied that way.
    """
    headings: list[Heading] = []
    bold: list[Heading] = []
    taken: dict[str, int] = {}
    for opening, text, closing in _headings(tokens):
        number, words = split_number(text)
        own = f"s-{slug(text)}"
        anchor = unique(inherited.get(own, own), taken)
        opening.attrSet("id", anchor)
        level = int(opening.tag[1]) if opening.type == "heading_open" else 2
        bold.append(Heading(level, words, number, anchor, text))
        if closing.type == "heading_close":
            headings.append(bold[-1])
    return tuple(bold if len(headings) < 3 else headings)


def is_bold_heading(opening: Token, inline: Token) -> bool:
    return (
        opening.type == "paragraph_open"
        and opening.level == 0
        and len(inline.content) < 160
        and bool(ALL_BOLD.fullmatch(inline.content.strip()))
    )


def unique(anchor: str, taken: dict[str, int]) -> str:
    """Return the anchor, numbered where it is taken, and take it; ``taken`` holds the last number of each."""
    candidate = anchor
    while candidate in taken:
        taken[anchor] += 1
        candidate = f"{anchor}-{taken[anchor]}"
    taken[candidate] = 1
    return candidate


def _line_break(state: StateInline, silent: bool) -> bool:
    """``<br>`` is the one tag understood: Markdown has no other way to break a line inside a table cell."""
    if state.src[state.pos] != "<":
        return False
    found = re.compile(r"<br\s{0,5}/?>", re.IGNORECASE).match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _too_many_brackets(state: StateInline, silent: bool) -> bool:
    """Take brackets for signs where there are thousands in one paragraph: each would be tried as a link."""
    if state.src[state.pos] not in "[!":
        return False
    # The cache is kept for one paragraph, by position; no position is -1.
    if -1 not in state.cache:
        state.cache[-1] = state.src.count("[")
    if state.cache[-1] <= _MOST_BRACKETS:
        return False
    run = _BRACKETS.match(state.src, state.pos)
    if run is None:
        return False
    if not silent:
        state.pending += run[0]
    state.pos = run.end()
    return True


def _linkify(state: StateInline, silent: bool) -> bool:
    """Look for an address only behind a scheme: the rule itself searches all words so far at each "://"."""
    pos = state.pos
    before = state.src[max(0, pos - _LONGEST_SCHEME) : pos].casefold()
    if state.src[pos] != ":" or not before.endswith(_LINKED):
        return False
    starts = pos - max(len(scheme) for scheme in _LINKED if before.endswith(scheme))
    # What is no address would be searched for again and again as well; beyond this none begins.
    if state.md.linkify is None or not state.md.linkify.match_at_start(state.src[starts : starts + _LONGEST_ADDRESS]):
        return False
    return linkify(state, silent)


def _quick_inline(state: StateCore) -> None:
    """Parse inline mark-up, but only where there is any: most paragraphs and cells are plain words."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = token.children or []
        if is_plain(token.content) and not state.inlineMode:
            for k, line in enumerate(token.content.split("\n")):
                if k:
                    token.children.append(Token("softbreak", "br", 0))
                token.children.append(Token("text", "", 0, content=line.lstrip(" \t") if k else line))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def is_plain(source: str) -> bool:
    """True for inline Markdown without any mark-up, links among it."""
    return _PLAIN.fullmatch(source) is not None


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """No picture is fetched from anywhere: its description stands for it."""
    return escape(inline_text(tokens[index].children or []))


def _aligned_cell(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Markdown-it aligns by a style attribute, which the content security policy forbids: a class instead."""
    token = tokens[index]
    style = str(token.attrs.pop("style", ""))
    if style:
        token.attrSet("class", "align-" + style.rpartition(":")[2])
    return self.renderToken(tokens, index, options, env)


def new_parser() -> MarkdownIt:
    """
    Return the parser of policy texts: CommonMark, tables, strike-through, footnotes, `<br>`, no other HTML.
    """
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.use(footnote_plugin)
    parser.inline.ruler.before("autolink", "line_break", _line_break)
    parser.inline.ruler.before("link", "too_many_brackets", _too_many_brackets)
    parser.inline.ruler.at("linkify", _linkify)
    parser.core.ruler.at("inline", _quick_inline)
    if parser.linkify is not None:
        # "mixmaster.sound" is a storage key and "example.io" may be prose: only what says http or has an @ is a
        # link.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    parser.add_render_rule("image", _image)
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _aligned_cell)
    return parser


PARSER = new_parser()
