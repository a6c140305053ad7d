"""
The kinds of differences that do not matter: dates of the text itself, spelling, names put for names throughout,
addresses, the page around the text.
"""

import re
from collections import Counter
from collections.abc import Iterable

from policies.text.meaning import quantities, stated_dates, topics
from policies.text.meaning.differences import Difference
from policies.text.meaning.facts import is_spelling
from policies.text.source import furniture
from policies.text.words.prose import STOPWORDS, WORD, is_prose

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


# "2020, July 15: Updated", and a row of a table of versions.
_LOG = re.compile(r"(?:v(?:ersion)?\s?)?[\d.]{1,8}\s*\|", re.IGNORECASE)


def _is_logged(text: str) -> bool:
    """True for an entry in a history of versions: what it tells of stands elsewhere in the text."""
    when = next(iter(stated_dates.written(text)), None)
    if when is None or len(text.split()) > 25:
        return False
    return bool((when.start <= 2 and re.match(r"\W*[:–—-]\s", text[when.end :])) or _LOG.match(text))


def is_editorial(difference: Difference, renames: frozenset[tuple[str, str]]) -> bool:
    """True for a difference that changes nothing for anybody; `renames` are names put for names throughout."""
    before, after = difference.before, difference.after
    if not WORD.search(before + after) and not any(map(str.isdigit, before + after)):
        return True
    if _is_own_date(difference) or _is_of_the_page(difference):
        return True
    if difference.kind != "words":
        return _is_note(before or after) or _is_contact(difference) or _is_logged(before or after)
    if _has_new_quantity(difference):
        return False
    return (
        is_spelling(before, after)
        or _pair(difference) in renames
        or _is_function_words(difference)
        or _is_name_for_name(difference)
        or _is_contact(difference)
        or _is_naming(difference, renames)
        or _is_note(before or after)
        or _identifies_only(difference)
    )


def _is_own_date(difference: Difference) -> bool:
    """True for the line that dates or numbers the text itself."""
    for text in (difference.context, difference.after, difference.before):
        if text and len(text.split()) <= 40 and stated_dates.read_line(text).is_last_updated:
            changed = f"{difference.before} {difference.after}"
            return difference.kind != "words" or len(_content(changed)) <= 6
    words = difference.context.split()
    return len(words) <= 6 and bool(re.search(r"\bv(?:er(?:sion)?)?\.?\s*\d", difference.context, re.IGNORECASE))


_ASIDE = re.compile(
    r"\(?opens? in a? ?new (?:tab|window)\)?|\(external link\)|\blast (?:page )?updated?\b.*|^\w$", re.IGNORECASE
)


def _is_of_the_page(difference: Difference) -> bool:
    """True for what a crawler caught with the text: links, teasers, tickers, captions without a sentence."""
    text = difference.after or difference.before
    if difference.kind == "row" or _is_counted(difference):
        return False
    if difference.kind == "words":
        is_policy = is_prose(difference.context) or difference.is_listed
        return not is_policy and not topics.is_about_data(f"{difference.context} {difference.topic}")
    if furniture.is_furniture(text) or not WORD.search(_ASIDE.sub("", text)):
        return True
    if is_prose(text) or difference.is_listed:
        return False
    return difference.kind == "block" or difference.is_link or not topics.is_about_data(f"{text} {difference.topic}")


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


def _identifies_only(difference: Difference) -> bool:
    """True where only numbers of registers, versions, sections, telephones, or dates changed."""
    rest = f"{difference.before} {difference.after}"
    for number in (number for pair in difference.numbers for number in pair if number is not None):
        rest = rest.replace(number.text, " ")
    return bool(difference.numbers) and not _content(re.sub(r"[^\W_]*\d[^\W_]*", " ", rest))


def _content(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word.casefold() not in STOPWORDS]


def _is_function_words(difference: Difference) -> bool:
    """True where only small words changed, none of which says may, must, not or only."""
    words = [word.casefold() for word in WORD.findall(f"{difference.before} {difference.after}")]
    return bool(words) and all(word in STOPWORDS for word in words) and not topics.FORCEFUL.intersection(words)


def _pair(difference: Difference) -> tuple[str, str]:
    return _stem(difference.before), _stem(difference.after)


def _stem(text: str) -> str:
    return re.sub(r"['’]s\b|[^\w\s]", "", text).casefold().strip().removesuffix("s")


def renames_in(found: Iterable[Difference]) -> frozenset[tuple[str, str]]:
    """Return the replacements made again and again: a product, a party, a term."""
    pairs = Counter(
        _pair(d)
        for d in found
        if d.kind == "words"
        and d.before
        and d.after
        and max(len(d.before.split()), len(d.after.split())) <= 5
        and not _forceful(d.before, d.after)
        and not any(map(str.isdigit, d.before + d.after))
    )
    return frozenset(pair for pair, times in pairs.items() if times >= 2)


def _forceful(*texts: str) -> bool:
    """True where the forceful words of both sides differ."""
    sides = [Counter(w for w in map(str.casefold, WORD.findall(text)) if w in topics.FORCEFUL) for text in texts]
    return sides[0] != sides[-1]


def _is_name_for_name(difference: Difference) -> bool:
    """True where one name stands for another, and not as a recipient, a court or the one responsible."""
    before, after = difference.before, difference.after
    if not before or not after or max(len(before.split()), len(after.split())) > 6:
        return False
    return _is_name(before) and _is_name(after) and not _RECIPIENT.search(difference.context)


def _is_name(text: str) -> bool:
    words = [word for word in WORD.findall(text) if word.casefold() not in STOPWORDS]
    return bool(words) and all(word[0].isupper() for word in words)


def _is_naming(difference: Difference, renames: frozenset[tuple[str, str]]) -> bool:
    """True for ", trading as Element," where Element is a name put elsewhere too."""
    names = {word for pair in renames for side in pair for word in side.split()}
    words = [word.casefold() for word in WORD.findall(f"{difference.before} {difference.after}")]
    return bool(names) and bool(words) and all(w in names or w in _NAMING or w in STOPWORDS for w in words)


def _is_contact(difference: Difference) -> bool:
    """True for an address, a telephone, a person's name at an address."""
    text = f"{difference.before} {difference.after}"
    if difference.kind == "words":
        around = difference.context if len(difference.context.split()) <= 40 else text
        return bool(_ADDRESS.search(around)) and not _is_sentence(text) and _is_name(re.sub(r"\S*@\S*", "X", text))
    if len(text.split()) > 25 or not _ADDRESS.search(text):
        return False
    return not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    words = [word.casefold() for word in WORD.findall(text)]
    return len(words) >= 6 and sum(word in STOPWORDS for word in words) >= 0.3 * len(words)


def _is_note(text: str) -> bool:
    """True for pointers ("Learn more") and for words about the change itself or about other versions."""
    if _POINTER.match(text.strip()):
        return True
    if len(text.split()) > 80 or not _THIS_TEXT.search(text):
        return False
    return bool(_ANNOUNCEMENT.match(text) or (_OTHER_VERSION.search(text) and len(text.split()) <= 25))
