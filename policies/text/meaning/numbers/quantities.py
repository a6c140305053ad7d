"""Numbers in a text: quantities with their units (also in words), dates, and numbers that only identify."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.text.meaning import stated_dates

QUANTITY, IDENTIFIER, DATE = "quantity", "identifier", "date"

_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen twenty "
    "twenty-four thirty forty forty-five forty-eight fifty sixty seventy-two ninety hundred "
    "un une deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante "
    "cinquante soixante soixante-douze "
    "ein eine einem einen einer zwei drei vier fünf sechs sieben acht neun zehn zwölf vierzehn dreißig sechzig neunzig "
    "uno una dos tres cuatro cinco seis siete ocho nueve diez doce catorce quince treinta sesenta noventa "
    "due tre quattro cinque sei sette otto nove dieci dodici quattordici quindici trenta sessanta novanta "
    "um uma dois duas três quatro sete oito dez doze trinta sessenta noventa "
    "een twee drie vijf zes zeven acht negen tien twaalf veertien dertig zestig negentig"
)
_WORDS = frozenset(_NUMBER_WORDS.split())
_AMBIGUOUS = "one|un|une|ein|eine|einem|einen|einer|uno|una|um|uma|een|a|due|set|sei|nove|on"
_UNIT_WORDS = (
    r"(?:business|working|calendar|consecutive|full|calendar|banking|ouvr(?:és|ables)|jours)?\s*"
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|decades?|"
    r"secondes?|heures?|jours?|semaines?|mois|trimestres?|ans?|années?|"
    r"sekunden?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?s?|"
    r"segundos?|minutos?|horas?|días?|dias?|semanas?|mes(?:es)?|mês|años?|anos?|"
    r"secondi|minuti|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|"
    r"uur|uren|dag(?:en)?|we(?:ek|ken)|maand(?:en)?|jaar|jaren|"
    r"dn[iíyů]|den|týdn\w*|měsíc\w*|mesiac\w*|rok\w*|let|lata?|miesi[ęą]c\w*|godzin\w*|"
    r"dager?|uker?|måneder?|år|dagar|veckor|månader|napon?|nap|hónap|év|"
    r"gün|ay|yıl|hari|bulan|tahun|дн\w*|месяц\w*|лет|год\w*|час\w*|годин\w*|месец\w*)\b"
)
_MONEY = (
    r"(?:[$€£¥₹₽]|(?:US|CA|AU)\$|"
    r"\b(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|cents?|kč|czk|pln|zł|ft|huf|sek|nok|dkk|kr|lei|ron)\b)"
)
_DIGITS = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,/]\d+)*"
_PATTERN = re.compile(
    rf"(?P<money>{_MONEY}\s?(?:{_DIGITS})(?:\s?(?:million|billion|k|m)\b)?)"
    rf"|(?P<worded>(?<![\w-])(?:{'|'.join(sorted(_NUMBER_WORDS.split(), key=len, reverse=True))})(?![\w-]))"
    rf"(?P<figure>\s*\(\s*(?:{_DIGITS})\s*\))?(?P<unit1>(?:\s++\(?|-){_UNIT_WORDS})?"
    rf"|(?P<number>(?<![\w.,/#-])(?:{_DIGITS})(?:\s?[-–]\s?\d+)?)(?P<ordinal>(?:st|nd|rd|th|ème|e|er)\b)?"
    rf"(?P<unit2>\s?%|\s?{_MONEY}|(?:\s*\(\w+\))?(?:\s++|-)?{_UNIT_WORDS})?",
    re.IGNORECASE,
)
_CONTEXT_OF_IDENTIFIER = re.compile(
    r"(?:\b(?:number|no|nr|nº|n°|numéro|nummer|número|numero|registered|registration|register|rcs|siren|siret|"
    r"hrb|hra|vat|"
    r"tva|ust|iban|bic|tel|phone|téléphone|telefon|fax|call|zip|suite|box|bp|cs|floor|room|building|version|ver|"
    r"section|article|art|clause|paragraph|annex|part|chapter|page|iso|iec|regulation|directive|eu|act|code|§|rfc|"
    r"companies house number of|company number|ico|oib|cif|nif|kvk|siège|bld|rev|level)\W*|[#§+/]\s?)$",
    re.IGNORECASE,
)
# What is paid in by its owners says which company it is, like its number in a register.
_CAPITAL = re.compile(
    r"(?:\bcapital(?: social| stock)?|capitale sociale|\b\w{0,40}kapital|kapitał\w{0,9} zakładow\w{0,9}|"
    r"základní\w{0,9} kapitál\w{0,9}|tőke)\W*"
    r"(?:of|de|di|von|i hoejde|w wysokości|ve výši)?\W*$",
    re.IGNORECASE,
)
_POSTAL = re.compile(r"(?:\b[A-Z]{2}\s|,\s*|\b[A-Z]\.?\s?-\s?)$")
_STREET = re.compile(
    r"^\W*(?:[NSEW]\.?\s)?(?:(?:(?-i:[A-Z0-9])[\w.'’-]*\s){1,4}(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|"
    r"boulevard|blvd|way|"
    r"square|plaza|place|parkway|court|straße|strasse|str)\b|(?:,\s?)?(?:rue|avenue|boulevard|bd|place|quai|"
    r"allée|chemin)\s)",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:age[ds]?|older|younger|under|over|minors?|children|child|alt|âgé\w*|années?|ans)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Number:
    """A number with its unit as written, and where its characters start and end."""

    kind: str
    text: str
    unit: str
    start: int
    end: int
    value: str = ""
    # True where words around it say what it counts or names: "section 4", "company number 14259".
    is_named: bool = False

    def shifted(self, by: int) -> "Number":
        return replace(self, start=self.start + by, end=self.end + by)


def may_hold_one(text: str) -> bool:
    """True where a number or a number word stands in a text."""
    return any(map(str.isdigit, text)) or not _WORDS.isdisjoint(re.split(r"[^\w-]+", text.casefold()))


def find(text: str) -> list[Number]:
    """Return the dates, quantities and identifiers of a text from left to right."""
    found = [
        Number(DATE, text[when.start : when.end], "", when.start, when.end, when.values[0])
        for when in stated_dates.written(text)
    ]
    taken = {place for number in found for place in range(number.start, number.end)}
    for match in _PATTERN.finditer(text):
        if taken.isdisjoint(range(match.start(), match.end())):
            found.extend(_number(match, text))
    return sorted(found, key=lambda number: number.start)


_PERIOD_UNITS = (
    ("day", r"\b(?:days?|jours?|tage?n?|días?|dias?|giorn[oi]|dag(?:en)?)\b"),
    ("week", r"\b(?:weeks?|semaines?|wochen?|semanas?|settiman[ae]|we(?:ek|ken))\b"),
    ("month", r"\b(?:months?|mois|monate?n?|mes(?:es)?|mes[ei]|maand(?:en)?)\b"),
    ("year", r"\b(?:years?|ans?|années?|jahre?n?|años?|ann[oi]|jaar|jaren)\b"),
)
_VALUES = {
    word: value
    for value, words in {
        1: "one un une ein eine einem einen einer uno una um uma een",
        2: "two deux zwei dos due dois duas twee",
        3: "three trois drei tres tre três drie",
        4: "four quatre vier cuatro quattro quatro",
        5: "five cinq fünf cinco",
        6: "six sechs seis sei zes",
        7: "seven sept sieben siete sette",
        8: "eight huit acht ocho otto",
        10: "ten dix zehn",
        14: "fourteen quatorze vierzehn catorce",
        15: "fifteen quinze fünfzehn",
        20: "twenty vingt zwanzig veinte",
        30: "thirty trente dreißig treinta trenta dertig",
        45: "forty-five",
        60: "sixty soixante sechzig sesenta",
        90: "ninety neunzig noventa",
    }.items()
    for word in words.split()
}


def period(number: Number) -> tuple[int, str] | None:
    """Return a length of time as (30, "day"), or None for what is none or shorter than a day."""
    unit = next((name for name, pattern in _PERIOD_UNITS if re.search(pattern, number.unit, re.IGNORECASE)), None)
    if number.kind != QUANTITY or unit is None:
        return None
    digits = re.search(r"\d+", number.text)
    value = int(digits[0]) if digits else _VALUES.get(number.text.casefold().split()[0], 0)
    return (value, unit) if value else None


def _number(match: re.Match[str], text: str) -> Iterator[Number]:
    unit = (match["unit1"] or match["unit2"] or "").strip(" -(")
    if match["worded"]:
        # "one of them" is no quantity; "one year" is.
        if not unit and not match["figure"] and re.fullmatch(_AMBIGUOUS, match["worded"], re.IGNORECASE):
            return
        if not unit and not match["figure"]:
            return
    is_quantity = bool(unit or match["money"]) and not _CAPITAL.search(_around(match, text)[0])
    is_named = not is_quantity and _is_named(match, text)
    kind = QUANTITY if is_quantity or not (is_named or _is_identifier(match, text)) else IDENTIFIER
    yield Number(kind, match[0].strip(), unit, match.start(), match.end(), is_named=is_named)


def _is_named(match: re.Match[str], text: str) -> bool:
    """True for numbers of registers, streets, sections, versions, by what stands around them."""
    number = match["number"] or ""
    before, after = _around(match, text)
    if not before.strip() and re.match(r"[.)]\s+[^\W\d_]", after) and not match["unit2"]:
        # The number a paragraph starts with counts the paragraph.
        return True
    if number.count(".") >= 2 or re.match(r"0\d", number):
        return True
    return bool(_CONTEXT_OF_IDENTIFIER.search(before) or _CAPITAL.search(before) or _STREET.match(after))


def _around(match: re.Match[str], text: str) -> tuple[str, str]:
    return text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 50]


def _is_identifier(match: re.Match[str], text: str) -> bool:
    """True for postal codes, telephones, years: numbers that look like it."""
    if match["ordinal"]:
        return True
    number = match["number"] or ""
    before, after = _around(match, text)
    if not before.strip() and re.match(r"\s+[^\W\d_]", after) and not match["unit2"]:
        return True
    digits = re.sub(r"\D", "", number)
    if len(digits) >= 5 and not re.search(r"[ ,.]\d{3}\b", number):
        return True
    if len(digits) == 4 and re.fullmatch(r"(?:19|20)\d\d", number):
        return True
    return len(digits) >= 4 and bool(_POSTAL.search(before)) and not _AGE.search(before + after)
