"""Plain text to Markdown: headings on a line of their own, bullets of many kinds. Nothing is invented."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policies.text.source import furniture, tidying

_BULLET = re.compile(r"^\s*(?:[-*–—+]\s+[·•]?\s*|-\s*[·•]\s*|[·•●▪◦‣■□▸►✓✔]\s*|o\s{2,})(?=\S)")
_LETTERED = re.compile(r"^\s*(\(?[a-z]\)|\([ivx]+\)|[ivx]+\))\s+(?=\S)")
_NUMBERED = re.compile(r"^\s*(\d+(?:\.\d+)*)[.)]?\s+(?=[^\W\d_])")
_SENTENCE_END = re.compile(r"[.!;:,…。！；：，]\W*$")
_CONTACT = re.compile(
    r"contact|write|reach|address|mail|kontakt|adress|schreib|écri|adresse|contac|escrib|indirizz|scriv", re.IGNORECASE
)
TITLE = re.compile(
    r"\b(privacy|cookies?|data protection|terms|conditions|policy|notice|agreement|legal notice|datenschutz\w*|"
    r"nutzungsbedingungen|agb|impressum|confidentialité|conditions générales|mentions légales|privacidad|términos|"
    r"condiciones|privacidade|termos|informativa|condizioni|privacybeleid|voorwaarden|zásady|podmienky|podmínky|"
    r"polityka|regulamin)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Line:
    text: str
    number: int


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
    lines = _unwrapped(text)
    title = _title(lines)
    headings = _headings(lines, title)
    levels = _levels(lines, headings)
    parts: list[str] = []
    kind = ""
    for k, line in enumerate(lines):
        before, kind = kind, _kind(line.text)
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
    if _BULLET.match(line) or _LETTERED.match(line):
        return "bullet"
    return "row" if line.lstrip().startswith("|") else "words"


def _body(line: str, kind: str) -> str:
    if kind == "bullet":
        found = _BULLET.match(line)
        return "- " + tidying.escaped_start(line[found.end() :] if found else line.strip())
    return line.strip() if kind == "row" else tidying.escaped_start(line.strip())


def _unwrapped(text: str) -> list[_Line]:
    """Return the paragraphs: each line one where lines are long, joined where a text was wrapped by hand."""
    raw = [_Line(line, number) for number, line in enumerate(text.split("\n"), start=1)]
    filled = [line for line in raw if line.text.strip()]
    if not _is_wrapped(raw, filled):
        return filled
    joined: list[_Line] = []
    fresh = True
    for line in raw:
        if not line.text.strip():
            fresh = True
        elif fresh or _kind(line.text) != "words":
            joined.append(line)
            fresh = False
        else:
            joined[-1] = _Line(f"{joined[-1].text} {line.text.strip()}", joined[-1].number)
    return joined


def _is_wrapped(raw: Sequence[_Line], filled: Sequence[_Line]) -> bool:
    """True where paragraphs are parted by blank lines and no line is longer than a typewriter's."""
    has_blank_lines = len(raw) - len(filled) > 0.15 * len(raw)
    return has_blank_lines and max((len(line.text) for line in filled), default=0) <= 120


def _title(lines: Sequence[_Line]) -> int | None:
    """Return the first lines' short line that names a kind of policy."""
    for k, line in enumerate(lines[:4]):
        words = line.text.split()
        if len(words) <= 10 and not _ends_a_sentence(line.text) and TITLE.search(line.text):
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
        if not contact_block and _may_head(text) and k + 1 < len(lines):
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
