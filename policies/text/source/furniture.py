"""Lines of the page around a text: offered for removal, never removed silently."""

import re
from collections.abc import Iterator

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
    for number, line in enumerate(lines, start=1):
        if is_furniture(line) or (number - 1 == first and _is_eyebrow(line, lines[first + 1 :], title)):
            yield number, line.strip()


def _is_eyebrow(line: str, rest: list[str], title: str) -> bool:
    """True for "Legal" above the title."""
    following = next((other for other in rest if other.strip()), "")
    return line.strip("# *_").casefold() in _EYEBROWS and bool(title) and title.casefold() in following.casefold()
