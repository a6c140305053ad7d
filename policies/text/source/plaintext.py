"""Plain text to Markdown: headings on a line of their own, bullets of many kinds. Nothing is invented."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from policies.text.source import furniture, markdown_marks, tidying
from policies.text.words import dictionary, languages

_BULLET = re.compile(r"^\s*(?:[-*–—+]\s+[·•]?\s*|-\s*[·•]\s*|[·•●▪◦‣■□▸►✓✔]\s*|o\s{2,})(?=\S)")
# Marks that somebody typed: "(a)", "(iv)", "(2)"; "a)", "iv)", "2)"; "1.1"; "1."; "§ 4".
_MARK = re.compile(
    rf"^\s{{0,60}}(?:(?P<round>\({markdown_marks.SIGN}\))|(?P<half>{markdown_marks.SIGN}\))"
    r"|(?P<dotted>\d{1,2}(?:\.\d{1,2}){1,5}\.?)|(?P<number>\d{1,2}\.)|(?P<sign>§{1,2}\s?\d{1,4}[a-z]?))\s{1,20}(?=\S)"
)
_MARKS_OF_ITEMS = {"round", "half"}
_NUMBERED = re.compile(r"^\s*(\d+(?:\.\d+)*)[.)]?\s+(?=[^\W\d_])")
_SENTENCE_END = re.compile(r"[.!;:,…。！；：，]\W*$")
_CONTACT = re.compile(
    r"contact|write|reach|address|mail|kontakt|adress|schreib|écri|adresse|contac|escrib|indirizz|scriv", re.IGNORECASE
)
TITLE = re.compile(
    r"\b(privacy|cookies?|data protection|terms|conditions|policy|notice|agreement|legal notice|datenschutz\w*|"
    r"nutzungsbedingungen|agb|impressum|confidentialité|conditions générales|mentions légales|privacidad|términos|"
    r"condiciones|privacidade|termos|informativa|condizioni|privacybeleid|voorwaarden|zásady|podmienky|podmínky|"
    r"polityka|regulamin|политик\w*|соглашени\w*|условия|політик\w*|gizlilik|integritetspolicy|tietosuoja\w*|"
    r"chính sách|điều khoản|personvern\w*|"
    r"adatvédelm\w*|πολιτική|سياسة|מדיניות)\b|隐私|隱私|条款|プライバシー|利用規約|개인정보|약관",
    re.IGNORECASE,
)


# So wide are typewriters and printed pages.
_WIDEST = 120
# Of the lines of a page that was printed without blank lines, so many go on in small letters; a full one, in any.
_GOING_ON, _FULL = 0.3, 0.75
_FEWEST_LINES = 10
_PARTED_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,40})-$")
_FIRST_WORD = re.compile(r"[^\W\d_]{1,40}")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# "pre- and post-": what was left out of a word is in the next one.
_JOINING = {
    "and",
    "or",
    "to",
    "und",
    "oder",
    "bis",
    "bzw",
    "et",
    "ou",
    "y",
    "o",
    "e",
    "en",
    "of",
    "i",
    "lub",
    "och",
    "og",
}


@dataclass(frozen=True)
class _Line:
    text: str
    number: int
    is_of_page: bool = False


def _ends_a_sentence(text: str) -> bool:
    """True where the last signs of a line end a sentence; no line has a hundred of them on purpose."""
    return bool(_SENTENCE_END.search(text[-100:]))


def is_plain(text: str) -> bool:
    """True for a text without any sign of Markdown structure but perhaps bullets and pipes."""
    return not re.search(
        r"<!--|</?[a-z][^<>@]*>|"
        r"^#{1,6}\s|^[^\S\n]*(?:=|-){3,}\s*$(?<!^---)|\]\(|\*\*\S|^__\S|^\[[^\]\n]+\]:\s|^```|\\$|^[^\S\n]*\d+\\\.|^>\s|<br>|"
        r"^_.*_$|^\*[^*\s].*\*$",
        text,
        re.MULTILINE,
    )


def to_markdown(text: str) -> tuple[str, str]:
    """Return the text as Markdown and its title (or ""), reconstructing only headings the lines make plain."""
    lines = list(_unwrapped(text))
    title = _title(lines)
    headings = _headings(lines, title)
    levels = _levels(lines, headings)
    parts: list[str] = []
    kind = ""
    for k, line in enumerate(lines):
        before, kind = kind, "words" if line.is_of_page else _kind(line.text)
        if k == title:
            body = f"# {line.text.strip()}"
        elif k in headings:
            body = f"{'#' * levels[k]} {line.text.strip()}"
        else:
            body = _body(line.text, kind)
        tight = kind == before and kind in {"bullet", "row"}
        parts.append(("\n" if tight else "\n\n") + body)
    return "".join(parts).strip("\n"), lines[title].text.strip() if title is not None else ""


def _kind(line: str) -> str:
    if _BULLET.match(line) or _mark(line) in _MARKS_OF_ITEMS:
        return "bullet"
    return "row" if line.lstrip().startswith("|") else "words"


def _mark(line: str) -> str:
    """The kind of the mark that a line begins with, or ""."""
    found = _MARK.match(line)
    return (found and found.lastgroup) or ""


def _body(line: str, kind: str) -> str:
    if kind == "bullet":
        found = _BULLET.match(line)
        return "- " + tidying.escaped_start(line[found.end() :] if found else line.strip())
    return line.strip() if kind == "row" else tidying.escaped_start(line.strip())


def _unwrapped(text: str) -> Iterator[_Line]:
    """The paragraphs: each line one where lines are long, joined where a text was wrapped by hand or printed."""
    texts = text.split("\n")
    of_pages = furniture.printed(texts)
    raw = [_Line(line, number, number - 1 in of_pages) for number, line in enumerate(texts, start=1)]
    filled = [line for line in raw if line.text.strip()]
    wrapping = _Wrapping(text, _is_wrapped(raw, filled), _width(filled))
    for stretch in _stretches(raw):
        yield from wrapping.joined(stretch)


def _stretches(raw: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Lines without a blank one between them, and what a printed page has around its text by itself."""
    stretch: list[_Line] = []
    for line in raw:
        if line.text.strip() and not line.is_of_page:
            stretch.append(line)
            continue
        yield stretch
        yield [line] if line.is_of_page else []
        stretch = []
    yield stretch


@dataclass(frozen=True)
class _Wrapping:
    """How the lines of a text go on: in each stretch, as on a printed page of some `width`, or not at all (0)."""

    text: str
    is_wrapped: bool
    width: int

    def joined(self, stretch: Sequence[_Line]) -> Iterator[_Line]:
        marks = Counter(_mark(line.text) for line in stretch)
        words: list[str] = []
        number = 0
        for line in stretch:
            mark = _mark(line.text)
            is_new = (mark and marks[mark] > 1) or (_kind(line.text) != "words" and mark not in _MARKS_OF_ITEMS)
            if words and not is_new and self._goes_on(words[-1], line.text):
                words[-1] = self._up_to(words[-1], line.text.strip())
                words.append(line.text.strip())
                continue
            if words:
                yield _Line("".join(words), number)
            words, number = [line.text.rstrip()], line.number
        if words:
            yield _Line("".join(words), number)

    def _goes_on(self, before: str, line: str) -> bool:
        is_small = line.lstrip()[:1].islower()
        if self.is_wrapped or (is_small and _PARTED_WORD.search(before[-50:])):
            return True
        return bool(self.width) and (is_small or (len(before) >= _FULL * self.width and not _ends_a_sentence(before)))

    def _up_to(self, before: str, line: str) -> str:
        """A line as it stands before the next one: a word that its end parted is one where that makes a word."""
        parted, first = _PARTED_WORD.search(before[-50:]), _FIRST_WORD.match(line)
        if not parted or not first or first[0] in _JOINING:
            return f"{before} "
        is_one = line[0].islower() and not self._has(f"{parted[1]}-{first[0]}") and self._is_word(parted[1], first[0])
        return before[:-1] if is_one else before

    def _has(self, word: str) -> bool:
        return word.casefold() in self._words

    def _is_word(self, start: str, end: str) -> bool:
        if self._has(start + end) or dictionary.knows(start + end, self._language):
            return True
        # German writes compounds as one word, and more of them than a dictionary holds.
        return self._language == "de" and dictionary.knows(end, "de") and len(start) > 1

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in _WORDS.findall(self.text))

    @cached_property
    def _language(self) -> str:
        return languages.detect(self.text)


def _is_wrapped(raw: Sequence[_Line], filled: Sequence[_Line]) -> bool:
    """True where paragraphs are parted by blank lines and no line is longer than a typewriter's."""
    has_blank_lines = len(raw) - len(filled) > 0.15 * len(raw)
    return has_blank_lines and max((len(line.text) for line in filled), default=0) <= _WIDEST


def _width(filled: Sequence[_Line]) -> int:
    """How wide the lines of a text are that was printed, one after the other; 0 where each is a paragraph."""
    widest = max((len(line.text) for line in filled), default=0)
    going_on = sum(line.text.lstrip()[:1].islower() for line in filled)
    return widest if widest <= _WIDEST and len(filled) >= _FEWEST_LINES and going_on >= _GOING_ON * len(filled) else 0


def _title(lines: Sequence[_Line]) -> int | None:
    """Return the first lines' short line that names a kind of policy."""
    for k, line in enumerate(lines[:4]):
        words = line.text.split()
        if not line.is_of_page and len(words) <= 10 and not _ends_a_sentence(line.text) and TITLE.search(line.text):
            return k
    return None


def _headings(lines: Sequence[_Line], title: int | None) -> set[int]:
    """
    Return the lines that stand as headings.

    A heading is short, ends like no sentence, and text follows it. One alone proves nothing: then the lines
    were probably lost, and the text keeps its words without headings.
    """
    found = set()
    contact_block = False
    for k, line in enumerate(lines):
        text = line.text.strip()
        if text.endswith(":") and _CONTACT.search(text):
            contact_block = True
            continue
        if _ends_a_sentence(text) and len(text.split()) > 3:
            contact_block = False
        if title is not None and k <= title:
            continue
        if not (contact_block or line.is_of_page) and _may_head(text) and k + 1 < len(lines):
            found.add(k)
    found = {k for k in found if _is_followed(lines, k, found)}
    numbered = {k for k in found if _NUMBERED.match(lines[k].text)}
    return found if len(found) >= 3 or len(numbered) >= 2 else set()


def _may_head(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 12
        and len(text) <= 90
        and not _ends_a_sentence(text)
        and _kind(text) == "words"
        and "@" not in text
        and not re.search(r"https?://|\b(?:19|20)\d\d\b|[|·]", text)
        and not furniture.is_furniture(text)
        and (text[0].isupper() or text[0].isdigit() or not text[0].isascii())
    )


def _is_followed(lines: Sequence[_Line], k: int, candidates: set[int]) -> bool:
    """True where words or a list come next, perhaps after one more heading."""
    after = k + 1
    if after in candidates and after + 1 < len(lines):
        after += 1
    text = lines[after].text.strip()
    return _kind(text) != "words" or len(text.split()) > 5 or _ends_a_sentence(text)


def _levels(lines: Sequence[_Line], headings: set[int]) -> dict[int, int]:
    """Numbered headings stand by their number; among them, the others are one level below."""
    has_numbers = any(_NUMBERED.match(lines[k].text) for k in headings)
    levels = {}
    for k in headings:
        numbered = _NUMBERED.match(lines[k].text)
        levels[k] = min(2 + numbered[1].count("."), 6) if numbered else 3 if has_numbers else 2
    return levels
