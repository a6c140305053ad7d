"""Cases of formats, as files shared outside the repository: read with every word, or refused by their names."""

from pathlib import Path

import pytest

from policies.text import reading
from policies.text.rejected import TextRejected
from policies.text.source import told
from tests.corpus.shared import ROOT

CASES = ROOT / "cases" / "text"
FILES = [path for folder in (".", "b1", "b2") for path in sorted((CASES / folder).glob("*.*"))]
REFUSED = {".docx": "Word document", ".adoc": "AsciiDoc", ".rst": "reStructuredText", ".json": "JSON"}
READ = [path for path in FILES if path.suffix in {".md", ".html", ".mdx"}]

pytestmark = pytest.mark.skipif(not FILES, reason="the cases are not in ../shared/cases")

# What has to be told of a case; of all others nothing is.
TOLD = {
    "gdoc.html": {told.STRUCK_THROUGH},
    "gdoc_export.html": {told.COMMENT_LEFT_OUT},
    "adm.md": {told.STRUCK_THROUGH, told.COMMENT_LEFT_OUT},
    "mdx.mdx": {told.VALUE_MISSING, told.COMMENT_LEFT_OUT},
    "toml.md": {told.VALUE_MISSING},
}
WORDS = {
    "sup.html": "30¹ days",
    "details.html": "Sharing your data",
    "rowspan.html": "Acorn Metrics\t_acx\t1 day",
    "foot.md": "Nobody refers to this.",
    "toml.md": "We keep it for [days] days.",
    "gdoc.html": "Second, nested by level",
    "mdx.mdx": "Contact us at privacy@example.org or our desk.",
    "dl.md": "Account\nWhat you open.",
    "lists.md": "(b) You may copy.\n(c) You may share:",
}


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_a_case_is_read_with_every_word_and_the_same_again(path: Path) -> None:
    found = reading.read(path.read_bytes(), filename=path.name)
    assert {warning.code for warning in found.losses} == TOLD.get(path.name, set())
    assert WORDS.get(path.name, "") in found.text
    assert reading.read(found.markdown, filename="again.md").markdown == found.markdown


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix in REFUSED], ids=lambda path: path.name)
def test_a_case_that_is_not_read_is_called_by_its_name(path: Path) -> None:
    with pytest.raises(TextRejected, match=REFUSED[path.suffix]):
        reading.read(path.read_bytes(), filename=path.name)
