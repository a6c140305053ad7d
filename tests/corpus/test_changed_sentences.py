"""In sentences that others wrote, a word with force that goes or becomes another one is never called harmless."""

import json
import random
from pathlib import Path

import pytest

from policies.text import reading
from policies.text.meaning import proposal
from policies.text.words import function_words, prose
from tests.corpus.shared import CORPUS, CORPUS2, needs_corpus
from tests.text.meaning.test_never_harmless import changed, klass

pytestmark = needs_corpus

# Changes tried in one sentence of each policy.
_EACH = 6


def sentences(corpus: Path) -> list[tuple[str, str]]:
    """One whole sentence of each policy that has one, with the language of its text."""
    found = []
    for line in (corpus / "policies.jsonl").read_text(encoding="utf-8").splitlines():
        path = corpus / json.loads(line)["file"]
        text = reading.source(path.read_bytes(), filename=path.name).markdown
        paragraphs = [part for part in text.split("\n\n") if part[:1].isalpha() and not {*"\n[<`|"} & {*part}]
        whole = [each for part in paragraphs for each in prose.sentences(part) if len(each.split()) >= 8]
        if whole:
            found.append((whole[len(whole) // 2], function_words.language_of(text)))
    return found


@pytest.mark.parametrize("corpus", [CORPUS, CORPUS2], ids=lambda corpus: corpus.name)
def test_no_changed_sentence_is_harmless(corpus: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - a sample, the same one each time
    harmless = []
    for sentence, language in sentences(corpus):
        # What a number counts may be a section: those of our own sentences are amounts.
        done = [(what, after) for what, after in changed(sentence, language) if what != "another number"]
        for what, after in chance.sample(done, min(_EACH, len(done))):
            if klass(sentence, after) != proposal.MATERIAL:
                harmless.append((what, sentence))
    assert harmless == []
