"""
A canonical text as a list of blocks: headings, paragraphs, list items, tables. Inline mark-up stays unread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from markdown_it.token import Token

from policies.text.structure import inline, markdown


@dataclass(frozen=True)
class Block:
    """
    One block of a text.

    ``kind`` is heading, paragraph, item, table, code; ``lists`` the enclosing lists and quotes from the outside
    in ("ul", "ol", "quote"); ``ordinal`` the number of an ordered item; ``rows`` the cells of a table, its
    header first.
    """

    kind: str
    source: str
    line: int
    level: int = 0
    lists: tuple[str, ...] = ()
    ordinal: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    env: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def words(self) -> tuple[inline.Word, ...]:
        return inline.words(self.source, self.env, code=self.kind == "code")

    @cached_property
    def cells(self) -> tuple[tuple[tuple[inline.Word, ...], ...], ...]:
        return tuple(tuple(inline.words(cell, self.env) for cell in row) for row in self.rows)

    @cached_property
    def text(self) -> str:
        """The visible words of the block, single blanks between them, a table's cells parted by " | "."""
        if self.kind == "table":
            return "\n".join(" | ".join(inline.plain(cell, self.env) for cell in row) for row in self.rows)
        return inline.plain(self.source, self.env, code=self.kind == "code")

    @property
    def heading(self) -> tuple[str | None, str]:
        return markdown.split_number(self.text.lstrip("#¶ "))

    @cached_property
    def is_heading(self) -> bool:
        """True also for a short paragraph that is bold as a whole: many policies have no other headings."""
        if self.kind == "heading":
            return bool(self.text)
        return (
            self.kind == "paragraph"
            and not self.lists
            and len(self.source) < 160
            and bool(markdown.ALL_BOLD.fullmatch(self.source.strip()))
        )


@dataclass(frozen=True)
class Section:
    """A heading (or None before the first one) and the blocks up to the next heading."""

    heading: Block | None
    blocks: tuple[Block, ...]

    @cached_property
    def number(self) -> str | None:
        if not self.heading:
            return None
        # "1. ### Fees": the list around the heading counts it.
        counted = self.heading.ordinal if self.heading.kind == "heading" else None
        return self.heading.heading[0] or (str(counted) if counted else None)

    @cached_property
    def title(self) -> str:
        # "#" and "¶" are links to the heading itself that came along in copying.
        return self.heading.heading[1].strip("#¶ ") if self.heading else ""

    @cached_property
    def size(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)


@lru_cache(maxsize=8)
def read(canonical: str) -> tuple[Block, ...]:
    """
    Parse the block structure only; inline mark-up is parsed when somebody asks for a block's words.

    The last few texts are remembered: reading one asks for its blocks three times.
    """
    env: dict[str, Any] = {}
    reader = _Reader(env)
    for token in _STRUCTURE.parse(canonical, env):
        reader.take(token)
    return tuple(reader.blocks)


class _Reader:
    """Walks the parser's tokens and keeps track of the lists and tables around them."""

    def __init__(self, env: dict[str, Any]) -> None:
        self.env = env
        self.blocks: list[Block] = []
        self.lists: list[str] = []
        self.ordinals: list[int | None] = []
        self.starts_item = False
        self.rows: list[tuple[str, ...]] = []
        self.cells: list[str] = []
        self.in_cell = False
        self.level = 0
        self.line = 1

    def take(self, token: Token) -> None:
        if token.map:
            self.line = token.map[0] + 1
        handler = getattr(self, token.type, None)
        if handler is not None:
            handler(token)

    def bullet_list_open(self, token: Token) -> None:  # noqa: ARG002
        self._enter("ul", None)

    def ordered_list_open(self, token: Token) -> None:
        self._enter("ol", int(token.attrs.get("start", 1)) - 1)

    def blockquote_open(self, token: Token) -> None:  # noqa: ARG002
        self._enter("quote", None)

    def _enter(self, name: str, ordinal: int | None) -> None:
        self.lists.append(name)
        self.ordinals.append(ordinal)

    def bullet_list_close(self, token: Token) -> None:  # noqa: ARG002
        self.lists.pop()
        self.ordinals.pop()

    ordered_list_close = blockquote_close = bullet_list_close

    def list_item_open(self, token: Token) -> None:  # noqa: ARG002
        ordinal = self.ordinals[-1]
        self.ordinals[-1] = None if ordinal is None else ordinal + 1
        self.starts_item = True

    def list_item_close(self, token: Token) -> None:  # noqa: ARG002
        self.starts_item = False

    def heading_open(self, token: Token) -> None:
        self.level = int(token.tag[1])

    def table_open(self, token: Token) -> None:  # noqa: ARG002
        self.rows = []

    def tr_open(self, token: Token) -> None:  # noqa: ARG002
        self.cells = []

    def th_open(self, token: Token) -> None:  # noqa: ARG002
        self.in_cell = True

    td_open = th_open

    def tr_close(self, token: Token) -> None:  # noqa: ARG002
        self.rows.append(tuple(self.cells))

    def table_close(self, token: Token) -> None:  # noqa: ARG002
        self.in_cell = False
        self._add("table", "", rows=tuple(self.rows))

    def inline(self, token: Token) -> None:
        if self.in_cell:
            self.cells.append(token.content)
            self.in_cell = False
        elif self.level:
            self._add("heading", token.content)
        elif self.starts_item:
            self._add("item", token.content)
        else:
            self._add("paragraph", token.content)

    def fence(self, token: Token) -> None:
        self._add("code", token.content.rstrip("\n"))

    code_block = fence

    def _add(self, kind: str, source: str, rows: tuple[tuple[str, ...], ...] = ()) -> None:
        is_counted = kind == "item" or (kind == "heading" and self.starts_item)
        ordinal = self.ordinals[-1] if is_counted else None
        self.blocks.append(Block(kind, source, self.line, self.level, tuple(self.lists), ordinal, rows, env=self.env))
        self.level = 0
        self.starts_item = False


def sections(blocks: Sequence[Block]) -> list[Section]:
    """Group blocks under their headings."""
    found: list[Section] = []
    heading: Block | None = None
    body: list[Block] = []
    for block in blocks:
        if block.is_heading:
            if heading or body:
                found.append(Section(heading, tuple(body)))
            heading, body = block, []
        else:
            body.append(block)
    return [*found, Section(heading, tuple(body))]


_STRUCTURE = markdown.new_parser()
_STRUCTURE.core.ruler.enableOnly(["normalize", "block"])
