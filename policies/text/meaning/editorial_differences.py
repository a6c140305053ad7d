"""
The kinds of differences that do not matter: dates of the text itself, spelling, names put for names throughout,
addresses, the page around the text. Each has a name, for a reader is told why.
"""

import re
from dataclasses import dataclass, replace

from policies.text.meaning import quantities, reasons, renaming, stated_dates, topics
from policies.text.meaning.differences import Difference
from policies.text.meaning.passages import Said
from policies.text.source import furniture
from policies.text.words import function_words, spelling
from policies.text.words.prose import WORD, is_prose, is_unspaced
from policies.text.words.spelling import Writing

_POINTER = re.compile(
    r"(?:to )?(?:learn|read|find out|see) more\b|(?:please )?(?:click|see|visit|go|refer) (?:here|below|"
    r"above)\b|for more (?:information|details)\b|"
    r"en savoir plus|mehr erfahren|weitere informationen|más información|per saperne di più|table of contents|"
    r"sommaire|inhaltsverzeichnis",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(
    r"\W*(?:\w+\W+){0,12}?(?:we['’]ve|we have|we are|we['’]re|have been|has been|is being) (?:recently |"
    r"just )?(?:updat|revis|chang)\w*\b"
    r"(?!.{0,120}\b(?:if|when|whenever|may|might)\b)|\bbefore (?:the|these) changes take effect",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_VERSION = re.compile(
    r"\b(?:previous|prior|earlier|archived|old) versions?\b|\bclick here (?:for|to (?:see|view|"
    r"read)) .{0,40}\b(?:version|polic|terms|changes)"
    r"|\bversion\b.{0,20}\bhere\b",
    re.IGNORECASE,
)
_THIS_TEXT = re.compile(r"\b(?:polic(?:y|ies)|terms|agreement|notice|statement|conditions)\b", re.IGNORECASE)
_RECIPIENT = re.compile(
    r"\b(?:shar(?:e|ed|ing)|disclos\w+|provid(?:er|ers|ed by)|process(?:ed|es|ing)?\b|stor(?:ed?|age)|locat\w+|"
    r"transfer\w*|sub-?processors?|processors?|recipients?|partners?|third[- ]part\w+|"
    r"controller|hosted (?:by|on|in)|we use\b|vendors?|operated by|contracting|governed|courts?|jurisdiction|laws of|"
    r"prestataires?|destinataires?|partenaires?|sous-traitants?|empfänger|dienstleister|proveedor\w*|fornitor\w*)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:street|st\.?|avenue|ave\.?|road|rd\.?|drive|lane|boulevard|blvd|suite|floor|p\.?\s?o\.? box|square|"
    r"plaza|rue|straße|strasse|"
    r"attn|c/o|cedex|[A-Z]{2} \d{5}|\d{5}(?:-\d{4})?|[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}|phone|tel|fax|"
    r"registered office)\b"
    r"|[\w.+-]+@[\w-]+\.\w+|\+\d[\d\s()-]{6,}|\b\d{3}[-.]\d{3,4}[-.]\d{4}\b",
    re.IGNORECASE,
)
_FORMS = "trading doing business as known formerly inc llc ltd limited gmbh sa sas plc corp corporation co company the"
_NAMING = frozenset(_FORMS.split())


@dataclass(frozen=True)
class Setting:
    """What is known of both texts when a difference is judged; `renames`: names put for names throughout."""

    writing: Writing
    said: Said
    renames: frozenset[tuple[str, str]] = frozenset()

    def at(self, difference: Difference) -> "Setting":
        """The same where a difference stands: a text may quote another language, or be too short to tell its own."""
        language = function_words.language_of(difference.context)
        own = self.writing.language
        if language in {own, function_words.UNKNOWN} or (own != function_words.UNKNOWN and _is_in(own, difference)):
            return self
        return replace(self, writing=replace(self.writing, language=language))


def _is_in(language: str, difference: Difference) -> bool:
    words = [word.casefold() for word in WORD.findall(difference.context)]
    return sum(word in function_words.of(language).every for word in words) >= 0.1 * len(words)


# "2020, July 15: Updated", and a row of a table of versions.
_LOG = re.compile(r"(?:v(?:ersion)?\s?)?[\d.]{1,8}\s*\|", re.IGNORECASE)


def kind_of(difference: Difference, setting: Setting) -> str:
    """Return the code (of `reasons.HARMLESS`) of a difference that changes nothing for anybody, or ""."""
    if not spelling.letters(difference.before + difference.after):
        return reasons.SIGNS
    if difference.kind == "order" or setting.said.is_still(difference):
        return reasons.ORDER
    setting = setting.at(difference)
    if difference.kind == "heading":
        return "" if _has_force(difference, setting) else reasons.HEADING
    if _is_own_date(difference):
        return reasons.OWN_DATE
    if _is_of_the_page(difference, setting):
        return reasons.PAGE
    kinds = _KINDS_OF_WORDS if difference.kind == "words" else _KINDS_OF_BLOCKS
    return next((code for code, holds in kinds if holds(difference, setting)), "")


def _has_force(difference: Difference, setting: Setting) -> bool:
    """True where what was put into a heading or taken out of it says more than what the section is called."""
    changed = f"{difference.before} {difference.after}"
    if setting.writing.language == function_words.UNKNOWN or "~~" in changed or any(map(str.isdigit, changed)):
        return not spelling.is_same(difference.before, difference.after)
    force = function_words.of(setting.writing.language).force_of(WORD.findall(changed))
    return force in {function_words.NEGATION, function_words.MODAL, function_words.QUANTIFIER}


def _is_own_date(difference: Difference) -> bool:
    """True for the line that dates or numbers the text itself."""
    sides = (difference.old_context, difference.new_context) if difference.kind == "words" else (difference.context,)
    for text in (*sides, difference.after, difference.before):
        if text and len(text.split()) <= 40 and (stated_dates.read_line(text).is_last_updated or _is_date_line(text)):
            changed = f"{difference.before} {difference.after}"
            return difference.kind != "words" or len(WORD.findall(changed)) <= 8
    words = difference.context.split()
    return len(words) <= 6 and bool(re.search(r"\bv(?:er(?:sion)?)?\.?\s*\d", difference.context, re.IGNORECASE))


def _is_date_line(text: str) -> bool:
    """True for "Effective date in the EU: May 5, 2026": a label and a date."""
    found = stated_dates.read_line(text).dates if ":" in text and len(text.split()) <= 14 else ()
    return bool(found) and not text.rstrip().endswith(".") and all(date.role in _OWN_ROLES for date in found)


_OWN_ROLES = frozenset([stated_dates.UPDATED, "effective", "published", "reviewed"])
_ASIDE = re.compile(
    r"\(?opens? in a? ?new (?:tab|window)\)?|\(external link\)|\blast (?:page )?updated?\b.*|^\w$", re.IGNORECASE
)


def _is_of_the_page(difference: Difference, setting: Setting) -> bool:
    """True for what a crawler caught with the text: links, teasers, tickers, captions without a sentence."""
    text = difference.after or difference.before
    if difference.kind == "row" or _is_counted(difference):
        return False
    if difference.kind == "words":
        return not says_something(difference.context, difference, setting)
    if furniture.is_furniture(text) or not WORD.search(_ASIDE.sub("", text)):
        return True
    return not says_something(text, difference, setting)


def says_something(text: str, difference: Difference, setting: Setting) -> bool:
    """True for a sentence, for what stands in a list, and for words that say may, must, not, only, we or you."""
    is_teaser = difference.is_link and text.rstrip()[-1:] not in ".;:!?…。"
    if difference.kind != "words" and is_teaser and not difference.is_listed:
        return False
    if is_prose(text) or _is_ended(text) or difference.is_listed or setting.writing.language == function_words.UNKNOWN:
        return True
    small = function_words.of(setting.writing.language)
    if not small.empty or small.force_of(WORD.findall(text)):
        return True
    return difference.kind != "block" and topics.is_about_data(f"{text} {difference.topic}")


def _is_ended(text: str) -> bool:
    return is_unspaced(text) or (text.rstrip()[-1:] in ".!?…؟।" and len(WORD.findall(text)) >= 3)


def _is_counted(difference: Difference) -> bool:
    """True where a number with its unit stands in what is new or gone: "30 days"."""
    text = difference.after or difference.before
    return (
        difference.kind != "words"
        and quantities.may_hold_one(text)
        and any(number.kind == quantities.QUANTITY and number.unit for number in quantities.find(text))
    )


def _has_new_quantity(difference: Difference) -> bool:
    """True where a number with meaning changed, came or went."""
    return any(
        number.kind == quantities.QUANTITY for pair in difference.numbers for number in pair if number is not None
    )


def _identifies_only(difference: Difference, setting: Setting) -> bool:
    """True where only numbers of registers, versions, sections, telephones changed."""
    changed = [number for pair in difference.numbers for number in pair if number is not None]
    if not changed or _has_new_quantity(difference) or any(number.kind == quantities.DATE for number in changed):
        return False
    if _LAW.search(difference.context) or not all(number.is_named for number in changed):
        return False
    rest = f"{difference.before} {difference.after}"
    for number in sorted(changed, key=lambda number: -len(number.text)):
        rest = rest.replace(number.text, " ")
    return not _content(re.sub(r"[^\W_]*\d[^\W_]*", " ", rest), setting)


# A pointer into a law is no pointer into the text.
_LAW = re.compile(
    r"\b(?:gdpr|dsgvo|ds-gvo|rgpd|avg|rodo|gdprp|regulation|directive|acts?|statute|u\.?s\.?c|c\.?f\.?r|law|loi|"
    r"gesetz|bgb|ley|legge|lei|wet|règlement|verordnung|reglamento|regolamento)\b",
    re.IGNORECASE,
)


def _content(text: str, setting: Setting) -> list[str]:
    empty = function_words.of(setting.writing.language).empty
    return [word for word in WORD.findall(text) if word.casefold() not in empty]


def _is_empty_words(difference: Difference, setting: Setting) -> bool:
    """True where only articles and the like changed: words of this language that say nothing by themselves."""
    changed = f"{difference.before} {difference.after}"
    letters = WORD.sub("", changed)
    return bool(WORD.search(changed)) and not _content(changed, setting) and not spelling.letters(letters)


def _is_doubled(difference: Difference, setting: Setting) -> bool:
    """True where a word stood twice in a row, or does now; to deny twice may be to deny nothing."""
    words = WORD.findall(difference.before + difference.after)
    is_denial = function_words.of(setting.writing.language).force_of(words) == function_words.NEGATION
    return difference.is_doubled and not is_denial


def _is_spelling(difference: Difference, setting: Setting) -> bool:
    return spelling.is_spelling(difference.before, difference.after, setting.writing)


def _is_renamed(difference: Difference, setting: Setting) -> bool:
    return renaming.pair(difference) in setting.renames


def _is_naming(difference: Difference, setting: Setting) -> bool:
    """True for ", trading as Element," where Element is a name put elsewhere too."""
    names = {word for pair in setting.renames for side in pair for word in side.split()}
    words = [word.casefold() for word in _content(f"{difference.before} {difference.after}", setting)]
    is_at_a_name = not names.isdisjoint(word.casefold() for word in WORD.findall(difference.context))
    return bool(words) and is_at_a_name and all(word in names or word in _NAMING for word in words)


_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\[\s?email\s?protected\s?\]", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+\d[\d\s()./-]{6,}|\(?\b\d{3}\)?[-. ]\d{3,4}[-.]\d{4}\b")
_LINK = re.compile(
    r"\]?\[?\(?(?:mailto:|https?://|www\.|(?<=\]\()[/#.\w])[^\s)]*\)?|\]\([^\s)]*\)|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|eu|"
    r"de|fr|uk|es|it|nl|pl)(?:/\S*)?\b",
    re.IGNORECASE,
)


def _is_link(difference: Difference, setting: Setting) -> bool:
    """True where only where a link leads changed, or how it is called in words without force."""
    before, after = difference.old_token, difference.new_token
    if _LINK.search(f"{before} {after}") and _without_links(before) == _without_links(after):
        return True
    words = WORD.findall(f"{difference.before} {difference.after}")
    force = function_words.of(setting.writing.language).force_of(words)
    is_known = setting.writing.language != function_words.UNKNOWN
    return bool(difference.is_link and words and is_known and not force and not difference.numbers)


def _without_links(text: str) -> str:
    return spelling.letters(_LINK.sub(" ", text)).replace("/", "")


def _is_contact(difference: Difference, setting: Setting) -> bool:
    """True for an address, a telephone, a person's name at an address."""
    text = f"{difference.before} {difference.after}"
    if difference.kind == "words":
        tokens = f"{difference.old_token} {difference.new_token}"
        if _MAIL.search(tokens) or _TELEPHONE.search(tokens):
            return not _content(_TELEPHONE.sub(" ", _MAIL.sub(" ", tokens)), setting)
        around = difference.context if len(difference.context.split()) <= 40 else text
        is_address = bool(_ADDRESS.search(around)) and not is_prose(around)
        return is_address and not _has_new_quantity(difference) and _is_name(text, setting)
    if len(text.split()) > 25 or not _ADDRESS.search(text):
        return False
    return not _is_sentence(text, setting)


def _is_name(text: str, setting: Setting) -> bool:
    words = _content(re.sub(r"\S*@\S*", "X", text), setting)
    return all(word[0].isupper() for word in words)


def _is_sentence(text: str, setting: Setting) -> bool:
    words = [word.casefold() for word in WORD.findall(text)]
    small = function_words.of(setting.writing.language).every
    return len(words) >= 6 and sum(word in small for word in words) >= 0.3 * len(words)


def _is_note(difference: Difference, setting: Setting) -> bool:
    """True for pointers ("Learn more") and for words about the change itself or about other versions."""
    text = difference.before or difference.after
    if difference.before and difference.after:
        return False
    force = function_words.of(setting.writing.language).force_of(WORD.findall(text))
    if _POINTER.match(text.strip()) and len(text.split()) <= 20 and force not in {"negation", "modal"}:
        return True
    if len(text.split()) > 80 or not _THIS_TEXT.search(text):
        return False
    return bool(_ANNOUNCEMENT.match(text) or (_OTHER_VERSION.search(text) and len(text.split()) <= 25))


def _is_logged(difference: Difference, setting: Setting) -> bool:  # noqa: ARG001 - one of several of a kind
    """True for an entry in a history of versions: what it tells of stands elsewhere in the text."""
    text = difference.before or difference.after
    when = next(iter(stated_dates.written(text)), None)
    if when is None or len(text.split()) > 25:
        return False
    return bool((when.start <= 2 and re.match(r"\W*[:–—-]\s", text[when.end :])) or _LOG.match(text))


_KINDS_OF_BLOCKS = (
    (reasons.NOTE, _is_note),
    (reasons.CONTACT, _is_contact),
    (reasons.LOG, _is_logged),
)
_KINDS_OF_WORDS = (
    (reasons.DOUBLED, _is_doubled),
    (reasons.SPELLING, _is_spelling),
    (reasons.RENAME, _is_renamed),
    (reasons.SMALL_WORDS, _is_empty_words),
    (reasons.CONTACT, _is_contact),
    (reasons.LINK, _is_link),
    (reasons.RENAME, _is_naming),
    (reasons.NOTE, _is_note),
    (reasons.IDENTIFIER, _identifies_only),
)
