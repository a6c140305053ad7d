"""In sentences that others wrote, a word with force that goes or becomes another one is never called harmless."""

import json
import random
import re
from pathlib import Path

import pytest

from policies.text import reading
from policies.text.meaning import proposal, stated_dates
from policies.text.words import function_words, prose
from tests.corpus.shared import CORPUS, CORPUS2, needs_corpus
from tests.text.meaning.test_never_harmless import changed, klass

pytestmark = needs_corpus

# Changes tried in one sentence of each policy.
_EACH = 6
# What a number stands behind that says which section, company or version is meant, and a street or a host behind one.
_NAMED = re.compile(
    r"(?:\b(?:sections?|articles?|chapter|clause|suite|floor|box|number|numéro|número|numărul|n°|no|nr|rcs|siret|tva|"
    r"capital|version\w*|версия|fiscal|tomo|folio|hoja|tel|telefon|phone|fax|vat|cod)\W*(?:[a-z]{0,3}[\d.,/ -]*)|"
    r"\bsee [\d.]*|//\S*|[\w.]+\.|#|\(\+|\b[A-Z]{2,3}[ -]?|\d[\d ]*)$",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\w*(?:\.\w+)*\.(?:com|es)\b|[\w,-]* ?(?:\w+ ){0,3}(?:street|st|avenue|drive|rue|quai|place|road)\b", re.IGNORECASE
)


def is_named(sentence: str, after: str, language: str) -> bool:
    """True for the number of a section, an address or a register, and for the day the text is dated by."""
    start = next(k for k, (a, b) in enumerate(zip(sentence, after, strict=False)) if a != b)
    dated = stated_dates.read_line(sentence, language=language)
    return bool(dated.dates or _NAMED.search(sentence[:start]) or _STREET.match(sentence[start:]))


def sentences(corpus: Path) -> list[tuple[str, str]]:
    """One whole sentence of each policy that has one, and one with a number, with the language of its text."""
    found = []
    for line in (corpus / "policies.jsonl").read_text(encoding="utf-8").splitlines():
        path = corpus / json.loads(line)["file"]
        text = reading.source(path.read_bytes(), filename=path.name).markdown
        paragraphs = [part for part in text.split("\n\n") if part[:1].isalpha() and not {*"\n[<`|"} & {*part}]
        whole = [each for part in paragraphs for each in prose.sentences(part) if len(each.split()) >= 8]
        numbered = [sentence for sentence in whole if any(map(str.isdigit, sentence))]
        language = function_words.language_of(text)
        found += [(listed[len(listed) // 2], language) for listed in (whole, numbered) if listed]
    return found


@pytest.mark.parametrize("corpus", [CORPUS, CORPUS2], ids=lambda corpus: corpus.name)
def test_no_changed_sentence_is_harmless(corpus: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - a sample, the same one each time
    harmless = []
    for sentence, language in sentences(corpus):
        done = list(changed(sentence, language))
        numbers = [(what, after) for what, after in done if what == "another number" and after != sentence]
        amounts = [(what, after) for what, after in numbers if not is_named(sentence, after, language)]
        words = [(what, after) for what, after in done if what != "another number"]
        for what, after in [*amounts, *chance.sample(words, min(_EACH, len(words)))]:
            if klass(sentence, after) != proposal.MATERIAL:
                harmless.append((what, sentence))
    assert harmless == []
