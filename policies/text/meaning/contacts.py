"""Addresses, telephones and where to write to, as they stand in a text."""

import re

from policies.text.meaning.numbers import quantities

MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+|\[\s?email\s?protected\s?\]", re.IGNORECASE)
TELEPHONE = re.compile(r"\+\d[\d\s()./-]{6,}|\(?\b\d{3}\)?[-. ]\d{3,4}[-.]\d{4}\b")
# Words of a sentence that says where to write to.
TO_US = re.compile(
    r"\b(?:write|writing|mail(?:ed|ing)?|post|send|sent|contact(?:ed)?|reach|notices?|call|address(?:ed)?|questions?|"
    r"écri\w+|adresse[rsz]?|courrier|schreiben|anschrift|kontakt\w*|escrib\w+|dirección|scriv\w+|indirizzo)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:street|st\.?|avenue|ave\.?|road|rd\.?|drive|lane|boulevard|blvd|suite|floor|p\.?\s?o\.? box|square|"
    r"plaza|rue|straße|strasse|"
    r"t[ée]l[ée]phone|telefon\w*|tel[ée]fono|attn|c/o|cedex|[A-Z]{2} \d{5}|\d{5}(?:-\d{4})?|"
    r"[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}|phone|tel|fax|"
    r"registered office)\b"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+\.\w+|\+\d[\d\s()-]{6,}|\b\d{3}[-.]\d{3,4}[-.]\d{4}\b",
    re.IGNORECASE,
)
# A number that an item is counted by: "(a)", "iv.", "2.1."
TYPED_NUMBER = re.compile(r"\(?(?:[a-z]|[ivxl]{1,6}|\d{1,2}(?:\.\d{1,2})*)[.)]{1,2}", re.IGNORECASE)

# Characters on both sides of "street" or "phone" within which the number of it stands.
_NEAR = 30
_ADDRESSED = re.compile(r"\b(?:attn|c/o)\b", re.IGNORECASE)


def is_address(text: str) -> bool:
    """True where a street, a telephone or the like stands with its number: "phone" alone is a kind of data."""
    if any(number.kind == quantities.QUANTITY and number.unit for number in quantities.find(text)):
        return False
    typed = TYPED_NUMBER.match(text)
    text = text[typed.end() :] if typed else text
    return bool(_ADDRESSED.search(text)) or any(
        re.search(r"[\d@]", text[max(0, found.start() - _NEAR) : found.end() + _NEAR])
        for found in _ADDRESS.finditer(text)
    )
