"""
How much a change matters, proposed with the evidence quoted; a person decides.

Every difference is presumed to matter unless it is of a kind that does not: dates of the text itself, spelling, names
put for names throughout, addresses, the page around the text. Missing a material change is the costly error.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policies.text import dates, furniture, languages, quantities, reasons, topics
from policies.text.changes import ADDED, CHANGED, REMOVED, Change, SectionChange
from policies.text.facts import NumberPair, changed_numbers, is_spelling, islands
from policies.text.pieces import Piece
from policies.text.redline import Redline

EDITORIAL, MATERIAL = "editorial", "material"


@dataclass(frozen=True)
class Reason:
    """Why a change is proposed as material: a code of :mod:`policies.text.reasons` and the words it rests on."""

    code: str
    quote: str


@dataclass(frozen=True)
class Proposal:
    klass: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class _Difference:
    """
    One difference in its place.

    ``kind`` is words (within a sentence), block, item or row; ``context`` the sentence or row around it; ``topic``
    what leads to it: the heading, the words before a list.
    """

    kind: str
    before: str
    after: str
    context: str
    heading: str
    topic: str
    is_bulleted: bool = False
    is_link: bool = False
    is_listed: bool = True
    numbers: tuple[NumberPair, ...] = ()


def propose(redline: Redline) -> Proposal:
    """Propose editorial or material; each reason code is given once, with its first quote."""
    found = list(_differences(redline.structure.sections))
    renames = _renames(found)
    found_reasons: dict[str, Reason] = {}
    for difference in found:
        if _is_harmless(difference, renames):
            continue
        quote = _quote(difference)
        code = topics.code_of(quote, "") or topics.code_of(difference.context, difference.heading)
        code = code or topics.code_of(difference.topic) or reasons.RIGHTS_EXERCISE
        found_reasons.setdefault(code, Reason(code, quote))
    return Proposal(MATERIAL if found_reasons else EDITORIAL, tuple(found_reasons.values()))


def _quote(difference: _Difference) -> str:
    before, after = difference.before.strip(), difference.after.strip()
    if difference.kind != "words":
        return (after or before)[:400]
    if before and after:
        return f"{before} → {after} ({difference.context[:200]})"
    return f"{after or before} ({difference.context[:200]})"


# Collecting


def _differences(sections: Sequence[SectionChange]) -> Iterator[_Difference]:
    for section in sections:
        if not section.is_changed:
            continue
        place = _Place(section.title, section.title)
        for change in section.changes:
            text = change.block.text
            if text.endswith(":"):
                place = _Place(section.title, f"{section.title} {text}", is_listed=True)
            elif change.block.kind == "paragraph" and _is_prose(text):
                place = _Place(section.title, section.title)
            yield from _of_change(change, place)


@dataclass(frozen=True)
class _Place:
    """Where a difference stands: ``is_listed`` after words that end in a colon."""

    heading: str
    topic: str
    is_listed: bool = False


def _of_change(change: Change, place: _Place) -> Iterator[_Difference]:
    if change.rows:
        yield from _of_rows(change, place)
    elif change.kind in {ADDED, REMOVED}:
        block = change.block
        before, after = (block.text, "") if change.kind == REMOVED else ("", block.text)
        is_item = block.kind == "item" or bool(_TYPED_BULLET.match(block.text))
        is_link = all(any(mark.startswith("a ") for mark in word.marks) for word in block.words)
        yield _Difference(
            "item" if is_item else "block",
            before,
            after,
            block.text,
            place.heading,
            place.topic,
            is_bulleted=is_item,
            is_link=is_link,
            is_listed=place.is_listed,
        )
    elif change.kind == CHANGED:
        yield from _of_pieces(change.pieces, place, is_bulleted=change.block.kind == "item")


def _of_rows(change: Change, place: _Place) -> Iterator[_Difference]:
    place = replace(place, topic=f"{place.topic} {change.rows[0].text}")
    for row in change.rows:
        if row.kind in {"added", "removed"}:
            before, after = (row.text, "") if row.kind == "removed" else ("", row.text)
            yield _Difference("row", before, after, row.text, place.heading, place.topic)
        elif row.kind in {"changed", "moved"}:
            for cell in row.cells:
                yield from _of_pieces(cell, place, row=row.text)


def _of_pieces(
    pieces: Sequence[Piece], place: _Place, *, is_bulleted: bool = False, row: str = ""
) -> Iterator[_Difference]:
    pieces = _with_joined_names(pieces)
    numbers = changed_numbers(pieces)
    for gone, come, start in islands(pieces):
        before, after = " ".join(p.text for p in gone), " ".join(p.text for p in come)
        yield _Difference(
            "words",
            before,
            after,
            row or _sentence(pieces, start),
            place.heading,
            place.topic,
            is_bulleted=is_bulleted,
            is_listed=place.is_listed,
            numbers=tuple(numbers.get(start, ())),
        )


def _with_joined_names(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Take "Conditions of Use" to "Acceptable Use Policy" as one change: the shared word is part of both names."""
    joined: list[Piece] = []
    for k, piece in enumerate(pieces):
        is_between = piece.op == "=" and 0 < k < len(pieces) - 1
        if is_between and len(piece.words) == 1 and piece.text[:1].isupper() and not piece.text.isupper():
            joined.extend((Piece("-", piece.words), Piece("+", piece.words)))
        else:
            joined.append(piece)
    return joined


_TYPED_BULLET = re.compile(r"(?:[•·●▪◦‣–—-]|\(?[a-z0-9]{1,3}[.)])\s*\w")


def _sentence(pieces: Sequence[Piece], start: int) -> str:
    """Return the sentence an island stands in: what surrounds it up to the next full stops, both versions of it."""
    before = pieces[start - 1].text if start else ""
    own = [piece.text for piece in pieces[start : start + 2] if piece.op != "="]
    after = next((piece.text for piece in pieces[start + 1 :] if piece.op == "="), "")
    return " ".join([_END.split(before)[-1], *own, _END.split(after)[0]]).strip()


_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý])")

# Deciding

_STOPWORDS = frozenset(word for common in languages.COMMON.values() for word in common.split()) | frozenset(
    [
        "a",
        "an",
        "as",
        "at",
        "be",
        "been",
        "but",
        "do",
        "does",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "if",
        "into",
        "it",
        "its",
        "other",
        "out",
        "own",
        "per",
        "s",
        "so",
        "some",
        "such",
        "than",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "those",
        "through",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "re",
        "ve",
        "ll",
        "i",
        "me",
        "my",
        "below",
        "above",
        "following",
        "also",
        "just",
        "very",
        "too",
        "here",
        "see",
        "refer",
    ]
)
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
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_NAMING = frozenset(
    [
        "trading",
        "doing",
        "business",
        "as",
        "known",
        "formerly",
        "inc",
        "llc",
        "ltd",
        "limited",
        "gmbh",
        "sa",
        "sas",
        "plc",
        "corp",
        "corporation",
        "co",
        "company",
        "the",
    ]
)


# "2020, July 15: Updated", and a row of a table of versions.
_LOG = re.compile(r"(?:v(?:ersion)?\s?)?[\d.]{1,8}\s*\|", re.IGNORECASE)


def _is_logged(text: str) -> bool:
    """True for an entry in a history of versions: what it tells of stands elsewhere in the text."""
    when = next(iter(dates.written(text)), None)
    if when is None or len(text.split()) > 25:
        return False
    return bool((when.start <= 2 and re.match(r"\W*[:–—-]\s", text[when.end :])) or _LOG.match(text))


def _is_harmless(difference: _Difference, renames: frozenset[tuple[str, str]]) -> bool:
    before, after = difference.before, difference.after
    if not _WORD.search(before + after) and not any(map(str.isdigit, before + after)):
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


def _is_own_date(difference: _Difference) -> bool:
    """True for the line that dates or numbers the text itself."""
    for text in (difference.context, difference.after, difference.before):
        if text and len(text.split()) <= 40 and dates.read_line(text).is_last_updated:
            changed = f"{difference.before} {difference.after}"
            return difference.kind != "words" or len(_content(changed)) <= 6
    words = difference.context.split()
    return len(words) <= 6 and bool(re.search(r"\bv(?:er(?:sion)?)?\.?\s*\d", difference.context, re.IGNORECASE))


def _is_of_the_page(difference: _Difference) -> bool:
    """True for what a crawler caught with the text: links, teasers, tickers, captions without a sentence."""
    text = difference.after or difference.before
    if difference.kind == "row" or _is_counted(difference):
        return False
    if difference.kind == "words":
        is_policy = _is_prose(difference.context) or difference.is_listed
        return not is_policy and not topics.is_about_data(f"{difference.context} {difference.topic}")
    if furniture.is_furniture(text) or not _WORD.search(_ASIDE.sub("", text)):
        return True
    if _is_prose(text) or difference.is_listed:
        return False
    return difference.kind == "block" or difference.is_link or not topics.is_about_data(f"{text} {difference.topic}")


def _is_counted(difference: _Difference) -> bool:
    """True where a number with its unit stands in what is new or gone: "30 days"."""
    text = difference.after or difference.before
    return (
        difference.kind != "words"
        and quantities.may_hold_one(text)
        and any(number.kind == quantities.QUANTITY and number.unit for number in quantities.find(text))
    )


_ASIDE = re.compile(
    r"\(?opens? in a? ?new (?:tab|window)\)?|\(external link\)|\blast (?:page )?updated?\b.*|^\w$", re.IGNORECASE
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def _is_prose(text: str) -> bool:
    """True for a sentence: it ends like one or has the small words sentences have, and enough of any."""
    ends = text.rstrip()[-1:] in ".;:!?…。；："
    if len(_CJK.findall(text)) >= 12:
        return ends
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < 5:
        return ends and len(words) >= 3
    small = sum(word in _STOPWORDS for word in words)
    if ends:
        return len(words) >= 8 or small >= 0.2 * len(words)
    return len(words) >= 14 and (small >= 0.2 * len(words) or not text.isascii())


def _has_new_quantity(difference: _Difference) -> bool:
    """True where a number with meaning changed, came or went."""
    return any(
        number.kind == quantities.QUANTITY for pair in difference.numbers for number in pair if number is not None
    )


def _identifies_only(difference: _Difference) -> bool:
    """True where only numbers of registers, versions, sections, telephones, or dates changed."""
    rest = f"{difference.before} {difference.after}"
    for number in (number for pair in difference.numbers for number in pair if number is not None):
        rest = rest.replace(number.text, " ")
    return bool(difference.numbers) and not _content(re.sub(r"[^\W_]*\d[^\W_]*", " ", rest))


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.casefold() not in _STOPWORDS]


def _is_function_words(difference: _Difference) -> bool:
    """True where only small words changed, none of which says may, must, not or only."""
    words = [word.casefold() for word in _WORD.findall(f"{difference.before} {difference.after}")]
    return bool(words) and all(word in _STOPWORDS for word in words) and not topics.FORCEFUL.intersection(words)


def _pair(difference: _Difference) -> tuple[str, str]:
    return _stem(difference.before), _stem(difference.after)


def _stem(text: str) -> str:
    return re.sub(r"['’]s\b|[^\w\s]", "", text).casefold().strip().removesuffix("s")


def _renames(found: Iterable[_Difference]) -> frozenset[tuple[str, str]]:
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
    sides = [Counter(w for w in map(str.casefold, _WORD.findall(text)) if w in topics.FORCEFUL) for text in texts]
    return sides[0] != sides[-1]


def _is_name_for_name(difference: _Difference) -> bool:
    """True where one name stands for another, and not as a recipient, a court or the one responsible."""
    before, after = difference.before, difference.after
    if not before or not after or max(len(before.split()), len(after.split())) > 6:
        return False
    return _is_name(before) and _is_name(after) and not _RECIPIENT.search(difference.context)


def _is_name(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if word.casefold() not in _STOPWORDS]
    return bool(words) and all(word[0].isupper() for word in words)


def _is_naming(difference: _Difference, renames: frozenset[tuple[str, str]]) -> bool:
    """True for ", trading as Element," where Element is a name put elsewhere too."""
    names = {word for pair in renames for side in pair for word in side.split()}
    words = [word.casefold() for word in _WORD.findall(f"{difference.before} {difference.after}")]
    return bool(names) and bool(words) and all(w in names or w in _NAMING or w in _STOPWORDS for w in words)


def _is_contact(difference: _Difference) -> bool:
    """True for an address, a telephone, a person's name at an address."""
    text = f"{difference.before} {difference.after}"
    if difference.kind == "words":
        around = difference.context if len(difference.context.split()) <= 40 else text
        return bool(_ADDRESS.search(around)) and not _is_sentence(text) and _is_name(re.sub(r"\S*@\S*", "X", text))
    if len(text.split()) > 25 or not _ADDRESS.search(text):
        return False
    return not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(text)]
    return len(words) >= 6 and sum(word in _STOPWORDS for word in words) >= 0.3 * len(words)


def _is_note(text: str) -> bool:
    """True for pointers ("Learn more") and for words about the change itself or about other versions."""
    if _POINTER.match(text.strip()):
        return True
    if len(text.split()) > 80 or not _THIS_TEXT.search(text):
        return False
    return bool(_ANNOUNCEMENT.match(text) or (_OTHER_VERSION.search(text) and len(text.split()) <= 25))
