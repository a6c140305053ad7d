"""Figures on the labelled texts, as floors: what was reached once is not lost unnoticed. Times are not looked at."""

import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policies.text import reading
from policies.text.compare.redline import Redline, redline
from policies.text.meaning import facts, promises, proposal, stated_dates
from policies.text.structure import markdown
from tests.corpus.shared import CORPUS, CORPUS2, needs_corpus

pytestmark = needs_corpus


def rows(name: str, corpus: Path = CORPUS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus / name).read_text(encoding="utf-8").splitlines()]


@cache
def pairs(corpus: Path = CORPUS) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows("pairs.jsonl", corpus)}


@cache
def compared(pair: str, corpus: Path = CORPUS) -> Redline:
    sources = [(corpus / pairs(corpus)[pair][key]) for key in ("before", "after")]
    return redline(*(reading.source(path.read_bytes(), filename=path.name).markdown for path in sources))


def share(hits: Iterable[bool]) -> float:
    return statistics.fmean(hits)


@pytest.mark.parametrize(
    ("corpus", "every", "hard", "editorial"),
    [(CORPUS, 0.93, 0.93, 0.87), (CORPUS2, 0.91, 0.91, 0.82)],
    ids=["corpus", "corpus2"],
)
def test_material_changes_are_proposed_as_material(corpus: Path, every: float, hard: float, editorial: float) -> None:
    labels = rows("materiality.jsonl", corpus)
    right = {
        label["pair"]: proposal.propose(compared(label["pair"], corpus)).klass == label["label"] for label in labels
    }
    assert share(right[label["pair"]] for label in labels if label["label"] == "material") == 1
    assert share(right.values()) >= every
    assert share(right[label["pair"]] for label in labels if label["hard"]) >= hard
    assert share(right[label["pair"]] for label in labels if label["label"] == "editorial") >= editorial


# In the first an address is written anew and a mail address added; in the others a plural, and the words of a picture.
LOUD = {
    CORPUS: ["mozilla-2022-10-03-fd1d94"],
    CORPUS2: ["automattic-2014-11-21-ff4812", "deviantart-2024-09-01-872fcd"],
}


@pytest.mark.parametrize("corpus", LOUD, ids=lambda corpus: corpus.name)
def test_mark_up_alone_is_quiet(corpus: Path) -> None:
    labels = rows("materiality.jsonl", corpus)
    only = [row["pair"] for row in labels if row["class"] in {"formatting", "encoding"}]
    loud = [
        pair
        for pair in only
        if any(fact.kind != "heading_levels_shifted" for fact in facts.facts(compared(pair, corpus)))
    ]
    assert sorted(loud) == LOUD[corpus]


@pytest.mark.parametrize("corpus", [CORPUS, CORPUS2], ids=lambda corpus: corpus.name)
def test_columns_cells_and_splits_are_told_as_such(corpus: Path) -> None:
    kinds = {"table_column_removed", "section_split", "table_cell", "table_row_added"}
    for row in rows("structure.jsonl", corpus):
        wanted = {fact["kind"] for fact in row["expected"]} & kinds
        shown = {fact.kind for fact in facts.facts(compared(row["pair"], corpus))} if wanted else set()
        assert wanted <= shown, row["pair"]


def test_sections_that_moved_or_were_renumbered_are_neither_new_nor_gone() -> None:
    for row in rows("structure.jsonl"):
        kept = {fact["heading"] for fact in row["expected"] if fact["kind"] in {"moved", "renumbered"}}
        shown = [fact.as_dict() for fact in facts.facts(compared(row["pair"]))] if kept else []
        assert not kept & {fact["heading"] for fact in shown if fact["kind"] in {"section_added", "section_removed"}}


def test_every_redline_rebuilds_both_texts() -> None:
    for row in rows("pairs.jsonl")[::5]:
        found = compared(row["id"])
        assert "".join(text for op, text in found.runs if op in "=-") == found.old
        assert "".join(text for op, text in found.runs if op in "=+") == found.new


def test_dates_are_read_and_traps_left() -> None:
    right, left = [], []
    for row in rows("dates.jsonl"):
        captured = date.fromisoformat(row["capture_date"]) if row.get("capture_date") else None
        found = stated_dates.read_line(row["line"], captured=captured)
        if row["is_last_updated"]:
            right.append(
                {(d.value, d.precision) for d in found.dates} == {(d["value"], d["precision"]) for d in row["dates"]}
            )
        else:
            left.append(not found.is_last_updated)
    assert share(right) >= 0.98
    assert share(left) == 1


def test_promises_are_read() -> None:
    clauses = rows("change_clauses.jsonl")
    found = [promises.read_promise(row["text"]).as_dict() for row in clauses]
    for name in ("acceptance", "prior_notice", "notice_period", "applies_to", "channels_logic"):
        assert share(f[name] == row["promise"][name] for f, row in zip(found, clauses, strict=True)) >= 0.92
    both = sum(len({*f["channels"]} & {*row["promise"]["channels"]}) for f, row in zip(found, clauses, strict=True))
    named = sum(len(f["channels"]) + len(row["promise"]["channels"]) for f, row in zip(found, clauses, strict=True))
    assert 2 * both / named >= 0.96


@cache
def texts(corpus: Path) -> list[tuple[Path, dict[str, Any], reading.Reading]]:
    """Every text of a corpus, as it is read: a refused one fails whoever asks."""
    found = []
    for row in rows("policies.jsonl", corpus):
        path = corpus / row["file"]
        found.append((path, row, reading.read(path.read_bytes(), filename=path.name)))
    return found


BOTH = pytest.mark.parametrize("corpus", [CORPUS, CORPUS2], ids=["first", "second"])


@BOTH
def test_texts_are_read_safe_and_without_a_mark(corpus: Path) -> None:
    for _, row, found in texts(corpus):
        assert markdown.clean(found.html) == found.html
        assert not re.search(r"\{[:%{#]|^---$", found.text, re.MULTILINE), row["id"]
        anchors = [heading.anchor for heading in found.headings]
        assert len(anchors) == len(set(anchors))


@BOTH
def test_no_row_of_a_table_is_left_as_text(corpus: Path) -> None:
    for _, row, found in texts(corpus):
        assert not re.search(r"^\s*\|.*\|.*\|", found.text, re.MULTILINE), row["id"]


@pytest.mark.parametrize(("corpus", "floor"), [(CORPUS, 0.97), (CORPUS2, 0.99)], ids=["first", "second"])
def test_hardly_a_word_is_lost(corpus: Path, floor: float) -> None:
    """By a count of words that knows nothing of ours: only tags, targets of links and front matter are taken away."""
    kept = []
    for path, _, found in texts(corpus):
        want = words_of(path)
        if want.total() > 30:
            kept.append((want - counted(found.text)).total() <= 0.01 * want.total())
    assert share(kept) >= floor
    assert len(kept) > 100


def words_of(path: Path) -> Counter[str]:
    """Words of a source in Markdown or plain text; none of a page, for much of it stands around its text."""
    text = path.read_text(encoding="utf-8", errors="replace").lstrip("\ufeff")
    text = re.sub(r"\A---\s*\n.*?\n---\s*\n", "", text, flags=re.DOTALL)
    if path.suffix == ".html" or re.search(r"<html|<body|<div", text[:4000], re.IGNORECASE):
        return Counter()
    text = re.sub(r"<!--.*?-->|<style.*?</style>|<script.*?</script>|\{[:%{#].*?\}\}?", " ", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|\]\[[^\]]*\]|https?://\S+|&\w+;", " ", text)
    return counted(re.sub(r"^\[[^\]]+\]:.*$", " ", text, flags=re.MULTILINE))


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", text).casefold()))


@BOTH
def test_reading_what_was_read_changes_nothing(corpus: Path) -> None:
    changed = [
        row["id"]
        for _, row, found in texts(corpus)
        if reading.source(found.markdown, filename="again.md").markdown != found.markdown
    ]
    assert changed == []


@BOTH
def test_what_a_promise_quotes_stands_in_its_text(corpus: Path) -> None:
    invented, found = [], 0
    for _, row, read in texts(corpus):
        text, promise = read.markdown, read.promise
        for quote in [promise.quote, *(tier.quote for tier in promise.tiers)] if promise else []:
            found += 1
            if quote and not promises.stands_in(quote, text):
                invented.append((row["file"], quote))
    assert invented == []
    assert found > 50
