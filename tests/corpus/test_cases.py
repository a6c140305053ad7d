"""Single cases from ../shared/cases: sentences in which one word changed, and pairs of small texts."""

import pytest

from policies.text import reading
from policies.text.compare.redline import Redline, redline
from policies.text.meaning import facts, proposal
from policies.text.show import plain_redline
from tests.corpus.shared import ROOT

CASES = ROOT / "cases" / "text"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not in ../shared/cases/text")

# The class that is right, the kinds of facts that are told, and the words of the plain redline.
PAIRS = {
    "andor": ("material", ["text_removed", "text_added"], "[-and-] {+or+}"),
    "art": ("material", ["text_added"], "{+one+}"),
    "case": ("material", [], "{+1,000+}"),
    "col": ("material", ["table_column_added"], "{+Kept+}"),
    "emph": ("editorial", [], ""),
    "lang": ("material", ["text_removed", "text_added"], "[-may-] {+must+}"),
    "link": ("editorial", [], "https://example.com/other"),
    "numlist": ("editorial", [], ""),
    "punct": ("editorial", [], "[-,-]"),
    "reorder": ("editorial", ["table_columns_moved"], "Kept"),
    "split": ("editorial", [], ""),
    "strike": ("material", ["text_removed", "text_added"], "[-not-] {+~~not~~+}"),
    "typo": ("editorial", ["text_removed", "text_added"], "{+being+}"),
    "typo2": ("editorial", ["spelling"], "[-HeHet-]{+Het+}"),
}


def compared(name: str) -> Redline:
    found = []
    for side in "ab":
        (path,) = (CASES / "b3").glob(f"{name}.{side}.*")
        found.append(reading.source(path.read_bytes(), filename=path.name).markdown)
    return redline(*found)


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_of_small_texts_is_told(name: str) -> None:
    klass, kinds, words = PAIRS[name]
    found = compared(name)
    assert proposal.propose(found).klass == klass
    assert [fact.kind for fact in facts.facts(found) if fact.kind != "number"] == kinds
    assert words in plain_redline.plain_text(found)


def sentences() -> list[list[str]]:
    path = CASES / "negations.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("row", sentences(), ids=lambda row: f"{row[0]} {row[2][:40]}")
def test_a_sentence_that_says_something_else_is_material(row: list[str]) -> None:
    _, before, after, *_ = row
    found = redline(f"# Terms\n\n{before}\n", f"# Terms\n\n{after}\n")
    assert proposal.propose(found).klass == proposal.MATERIAL
    assert not found.structure.is_quiet
