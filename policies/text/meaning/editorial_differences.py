"""
The kinds of differences that do not matter: dates of the text itself, spelling, names put for names throughout,
addresses, the page around the text. Each has a name, for a reader is told why.
"""

import re
from dataclasses import dataclass, replace

from policies.text.meaning import contacts, passages, reasons, renaming, stated_dates, topics
from policies.text.meaning.differences import Difference
from policies.text.meaning.numbers import quantities
from policies.text.meaning.passages import Said
from policies.text.source import furniture
from policies.text.words import function_words, spelling, wording
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
# "(formerly AngelList)" behind a name: what it was called before.
_FORMER = re.compile(
    r"\W*(?:formerly|previously|früher|vormals|anciennement|antes|già|voorheen|dawniej|dříve|tidligere|tidigare)"
    r"(?: known as| called)?(?: [A-ZÀ-Ý]\S*){1,4}\W*"
)
_FORMS = "trading doing business as known formerly inc llc ltd limited gmbh sa sas plc corp corporation co company the"
_NAMING = frozenset(_FORMS.split())


@dataclass(frozen=True)
class Setting:
    """What is known when a difference is judged; `renames`: names put for names throughout, `new`: the new text."""

    writing: Writing
    said: Said
    renames: frozenset[tuple[str, str]] = frozenset()
    new: str = ""

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
        return _kind_of_heading(difference, setting)
    if _is_own_date(difference):
        return reasons.OWN_DATE
    if _is_of_the_page(difference, setting):
        return reasons.PAGE
    kinds = _KINDS_OF_WORDS if difference.kind == "words" else _KINDS_OF_BLOCKS
    return next((code for code, holds in kinds if holds(difference, setting)), "")


def _kind_of_heading(difference: Difference, setting: Setting) -> str:
    is_alone = not difference.before or not difference.after
    if is_alone and furniture.is_furniture(difference.before or difference.after):
        return reasons.PAGE
    return "" if _has_force(difference, setting) else reasons.HEADING


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
    rf"{passages.FEEDBACK}|^(?:see|view|show) \w+$|"
    r"\(?opens? in a? ?new (?:tab|window)\)?|\(external link\)|\blast (?:page )?updated?\b.*|^\w$",
    re.IGNORECASE,
)


def _is_of_the_page(difference: Difference, setting: Setting) -> bool:
    """True for what a crawler caught with the text: links, teasers, tickers, captions without a sentence."""
    text = difference.after or difference.before
    if difference.kind == "row" or _is_counted(difference):
        return False
    if difference.kind == "words":
        return not says_something(difference.context, difference, setting)
    if furniture.is_furniture(text) or _is_teaser(text, setting) or not WORD.search(_ASIDE.sub("", text)):
        return True
    return not says_something(text, difference, setting)


_TEASER_END = re.compile(
    r"(?<!\W)\W+(?:(?:learn|read|see|discover|find out) more|shop now|mehr erfahren|weiterlesen|en savoir plus|"
    r"lire la suite|leer más|saber más|scopri di più|leggi tutto|lees meer|läs mer|læs mere|les mer)\W*",
    re.IGNORECASE,
)


def _is_teaser(text: str, setting: Setting) -> bool:
    """True for a title and a pointer behind it, which together are no sentence: "Our New Tool Learn more"."""
    end = next((found for found in _TEASER_END.finditer(text) if found.end() == len(text)), None)
    title = text[: end.start()] if end else ""
    return bool(title) and not re.search(r"[.!?:;,]", title) and _is_name(title, setting)


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
    # A paragraph of a word or two below "Data we collect" is a kind of data, and below the title of the page a caption.
    return topics.is_about_data(difference.heading if difference.kind == "block" else f"{text} {difference.topic}")


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
    return not _content(re.sub(r"(?<![^\W_])[^\W_]*\d[^\W_]*", " ", rest), setting)


# A pointer into a law is no pointer into the text.
_LAW = re.compile(
    r"\b(?:gdpr|dsgvo|ds-gvo|rgpd|avg|rodo|gdprp|regulation|directive|acts?|statute|u\.?s\.?c|c\.?f\.?r|law|loi|"
    r"gesetz|bgb|ley|legge|lei|wet|règlement|verordnung|reglamento|regolamento|statutes?|dmca|ccpa|cpra|lgpd|decree|"
    r"décret|decreto|ordonnance|ordinance|convention|treaty|\w*gesetzbuch|código|codice|lege|legea|ustaw\w*|zákon\w*|"
    r"(?<!zip )(?<!post )(?<!postal )(?<!source )(?<!country )codes?|nařízení|"
    r"parlament\w*|legal bas[ie]s|base légale|base legal|base jurídica|rechtsgrundlage|temei\w*)\b|\bgmt\b|"
    # "Art. 6(1)(f)": only laws are quoted like this.
    r"\bart(?:icles?|\.)?\s?\d+\s?\(\d+\)",
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
    """True also where an ending of a word came or went: "subject" and "subject's"."""
    tokens = (difference.old_token, difference.new_token)
    shorter, longer = sorted(tokens, key=len)
    is_ending = not (difference.before and difference.after) and bool(shorter) and longer.startswith(shorter)
    sides = tokens if is_ending else (difference.before, difference.after)
    return spelling.is_spelling(*sides, setting.writing) or _is_slip_in_a_name(difference, setting)


def _is_slip_in_a_name(difference: Difference, setting: Setting) -> bool:
    """True for "Red Had" and "Red Hat": within a sentence a small word with a capital is none."""
    before, after = difference.before, difference.after
    small = function_words.of(setting.writing.language)
    is_within = before.istitle() and after.istitle() and not difference.old_context.startswith(before)
    one_is_small = (before.casefold() in small.empty) != (after.casefold() in small.empty)
    has_force = small.force_of((before, after))
    is_one_letter = len(before) == len(after) > 2 and sum(a != b for a, b in zip(before, after, strict=False)) == 1
    return is_within and one_is_small and is_one_letter and not has_force


def _is_wording(difference: Difference, setting: Setting) -> bool:
    """True where phrases that say the same were put for each other: in these words, or in the sentence around."""
    language = setting.writing.language
    sides = ((difference.before, difference.after), (difference.old_context, difference.new_context))
    return not difference.numbers and any(_has_same_figures(a, b) and wording.is_same(a, b, language) for a, b in sides)


def _is_in_another_order(difference: Difference, setting: Setting) -> bool:
    before, after = difference.old_context, difference.new_context
    is_list = wording.is_list_in_another_order(before, after, setting.writing.language)
    return is_list and _has_same_figures(before, after)


_NUMBERS = re.compile(r"\d(?:[^\w\s]?\d)*")


def _has_same_figures(before: str, after: str) -> bool:
    """True where all numbers, and all signs that say something, stand in both in the same order."""
    return all(figures(before) == figures(after) for figures in (spelling.signs, _NUMBERS.findall))


def _is_typed_number(difference: Difference, setting: Setting) -> bool:  # noqa: ARG001 - one of several of a kind
    """True for "(a)" or "iv." that a paragraph or an item is counted by."""
    sides = ((difference.old_token, difference.old_context), (difference.new_token, difference.new_context))
    return all(
        not token or (contacts.TYPED_NUMBER.fullmatch(token) and around.replace(" ", "").startswith(token))
        for token, around in sides
    )


def _is_renamed(difference: Difference, setting: Setting) -> bool:
    """True for a name put for another one throughout, and for "terms of use" that are called "terms of service" now."""
    if renaming.pair(difference) in setting.renames:
        return True
    before, after = difference.old_context, difference.new_context
    gone = wording.renamed(before, after, setting.writing.language) if _has_same_figures(before, after) else ()
    return bool(gone) and not any(re.search(rf"\b{re.escape(name)}\b", setting.new, re.IGNORECASE) for name in gone)


def _is_naming(difference: Difference, setting: Setting) -> bool:
    """True for "(formerly AngelList)", and for ", trading as Element," where Element is a name put elsewhere too."""
    if _FORMER.fullmatch(f"{difference.before}{difference.after}"):
        return True
    names = {word for pair in setting.renames for side in pair for word in side.split()}
    words = [word.casefold() for word in _content(f"{difference.before} {difference.after}", setting)]
    is_at_a_name = not names.isdisjoint(word.casefold() for word in WORD.findall(difference.context))
    return bool(words) and is_at_a_name and all(word in names or word in _NAMING for word in words)


_LINK = re.compile(
    r"\]?\[?\(?(?:mailto:|https?://|www\.|(?<=\]\()[/#.\w])[^\s)]*\)?|\]\([^\s)]*\)|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:com|org|net|io|eu|"
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
        if contacts.MAIL.search(tokens) or contacts.TELEPHONE.search(tokens):
            return not _content(contacts.TELEPHONE.sub(" ", contacts.MAIL.sub(" ", tokens)), setting)
        around = difference.context if len(difference.context.split()) <= 40 else text
        sides = (difference.old_context, difference.new_context, "" if " | " in around else around)
        is_address = any(map(contacts.is_address, sides)) and (not is_prose(around) or _is_where_to_write(difference))
        return is_address and not _has_new_quantity(difference) and _is_name(text, setting)
    if len(text.split()) > 25 or not contacts.is_address(text):
        return False
    return not _is_sentence(text, setting)


def _is_where_to_write(difference: Difference) -> bool:
    """True for a postal address in a sentence that says where to write to; who is written to is somebody else."""
    changed = {word.casefold() for word in WORD.findall(f"{difference.before} {difference.after}")}
    around = f"{difference.old_context} {difference.new_context}"
    is_place = contacts.TO_US.search(around) and not _RECIPIENT.search(around) and changed.isdisjoint(_NAMING - {"the"})
    return bool(is_place) and all(map(contacts.is_address, (difference.old_context, difference.new_context)))


def _is_name(text: str, setting: Setting) -> bool:
    words = _content(re.sub(r"(?<!\S)[^\s@]*@\S*", "X", text), setting)
    has_force = function_words.of(setting.writing.language).force_of(words)
    return not has_force and all(word[0].isupper() for word in words)


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
    (reasons.WORDING, _is_wording),
    (reasons.ORDER, _is_in_another_order),
    (reasons.IDENTIFIER, _is_typed_number),
    (reasons.CONTACT, _is_contact),
    (reasons.LINK, _is_link),
    (reasons.RENAME, _is_naming),
    (reasons.NOTE, _is_note),
    (reasons.IDENTIFIER, _identifies_only),
)
