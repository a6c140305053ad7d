"""Lines of the page around a text: offered for removal, never removed silently."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from policies.text.bounded import bounded

_WORDS = re.compile(
    r"(?:"
    r"loading(?:…|\.\.\.)?|please wait(?:…|\.\.\.)?|skip (?:to|navigation)(?: (?:main )?content| navigation)?|"
    r"(?:quick )?navigation|quick links|menu|toggle (?:navigation|menu)|close(?: menu)?|search|"
    r"home|back(?: to (?:top|home|.{1,30}))?|back to top|return to top|scroll to top|"
    r"log ?in|sign ?(?:in|up)|register|subscribe|share(?: this(?: page)?)?|print(?: this page)?|"
    r"accept(?: all)?(?: cookies)?|reject all|manage (?:cookies|preferences)|cookie settings|"
    r"(?:we|this (?:web)?site) uses? cookies\b.{0,120}(?:accept|agree|consent|got it|learn more).{0,20}|"
    r"on this page|in this article|was this (?:page|article) helpful\??(?: yes no)?|advertisement|"
    r"(?:other|more) ways to get help|(?:still )?need (?:more )?help\?|"
    r"chargement(?:…|\.\.\.)?|aller au contenu(?: principal)?|haut de page|retour en haut|"
    r"wird geladen(?:…|\.\.\.)?|zum inhalt(?: springen)?|nach oben|saltar al contenido|volver arriba|"
    r"cargando(?:…|\.\.\.)?|vai al contenuto|torna su"
    r")",
    re.IGNORECASE,
)
_CRUMBS = re.compile(
    r"(?:home|start|accueil|startseite|inicio|legal)\s*(?:[>/›»→]\s*[^>/›»→]{1,40}){1,4}", re.IGNORECASE
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\W{0,9}(?:\d{4}).{0,80}", re.IGNORECASE)
_ROW = re.compile(r"[^·|•]{2,40}(?:\s[·|•]\s[^·|•]{2,40}){2,}")
_ROW_WORDS = re.compile(
    r"\b(terms|privacy|help|contact|about|home|legal|cookies?|imprint|impressum|support|back)\b", re.IGNORECASE
)
_EYEBROWS = {
    "legal",
    "legal center",
    "legal information",
    "company",
    "resources",
    "policies",
    "rechtliches",
    "mentions légales",
}
# Numbers of printed pages: of themselves, between hyphens, and bare ones, which only their neighbors prove.
_PAGE = re.compile(
    r"(?:page|p\.|seite|p[áa]gina|pagina|strona|sida|side|str[áa]nka|oldal|pag\.|стр\.|страница)\s{1,3}(\d{1,4})"
    r"(?:\s{0,3}(?:of|von|/|de|di|van|z|av|af|su|sur|из)\s{0,3}\d{1,4})?",
    re.IGNORECASE,
)
_BARE_PAGE = re.compile(r"(?:\\?[-–—]\s{0,3})?(\d{1,3})(?:\s{0,3}[-–—]|\s{1,3}/\s{1,3}\d{1,3})?")
_FEWEST_BARE = 3
# Head and foot of a printed page have at most so many lines, of so many letters each.
_LINES_AROUND, _LONGEST_HEAD = 2, 120
# With the addresses of its links; no line of furniture is longer.
_LONGEST_LINE = 2000
_MARKUP = re.compile(r"^[#>*_\-•\s]+|[*_\s]+$|!?\[([^\[\]]*)\]\([^)\[]*\)")


def is_furniture(line: str) -> bool:
    """True for a line that belongs to the page, not to the policy."""
    if len(line) > _LONGEST_LINE:
        return False
    text = _MARKUP.sub(lambda found: found[1] or "", line).strip()
    if not text or len(text) > 200:
        return False
    if _WORDS.fullmatch(text) or _CRUMBS.fullmatch(text) or _COPYRIGHT.fullmatch(text):
        return True
    return bool(_ROW.fullmatch(text) and len(_ROW_WORDS.findall(text)) >= 2 and not line.lstrip().startswith("|"))


@bounded
def find(text: str, title: str) -> tuple[tuple[int, str], ...]:
    """Return the furniture of a text: line (from 1) and words."""
    return tuple(_found(text, title))


def _found(text: str, title: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    of_pages = printed(lines)
    for k, line in enumerate(lines):
        if k in of_pages or is_furniture(line) or (k == first and _is_eyebrow(line, lines[first + 1 :], title)):
            yield k + 1, line.strip()


def printed(lines: Sequence[str]) -> frozenset[int]:
    """
    Return the places (from 0) of the numbers, heads and feet of printed pages.

    A head or foot is the same line beside more than one number. Numbers alone prove pages only where they count on
    and have such lines beside them: sections have numbers as well.
    """
    filled = [k for k, line in enumerate(lines) if line.strip()]
    named = {k: int(found[1]) for k in filled if (found := _PAGE.fullmatch(lines[k].strip()))}
    bare = {k: int(found[1]) for k in filled if (found := _BARE_PAGE.fullmatch(lines[k].strip()))}
    numbers = frozenset(named)
    if not named and len(bare) >= _FEWEST_BARE and all(n == m + 1 for m, n in pairwise(bare.values())):
        numbers = frozenset(bare)
    heads = _heads(lines, filled, numbers)
    return numbers | heads if named or heads else frozenset()


def _heads(lines: Sequence[str], filled: Sequence[int], numbers: frozenset[int]) -> frozenset[int]:
    """The lines beside numbers of pages that stand beside more than one of them."""
    place = {k: at for at, k in enumerate(filled)}
    found = numbers
    for _ in range(_LINES_AROUND):
        beside = {filled[at] for k in found for at in (place[k] - 1, place[k] + 1) if 0 <= at < len(filled)} - found
        heads = [k for k in beside if len(lines[k]) <= _LONGEST_HEAD and not lines[k].lstrip().startswith("|")]
        # "Back to top" stands above the numbers of sections as well.
        heads = [k for k in heads if not is_furniture(lines[k])]
        times = Counter(_folded(lines[k]) for k in heads)
        found |= {k for k in heads if times[_folded(lines[k])] > 1}
    return found - numbers


def _folded(line: str) -> str:
    return " ".join(line.strip("#*_ ").casefold().split())


def _is_eyebrow(line: str, rest: list[str], title: str) -> bool:
    """True for "Legal" above the title."""
    following = next((other for other in rest if other.strip()), "")
    return line.strip("# *_").casefold() in _EYEBROWS and bool(title) and title.casefold() in following.casefold()
