"""The translations that are shipped: compiled from what is written, with every placeholder in place."""

import gettext
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

CATALOGS = sorted(Path(settings.BASE_DIR, "locale").glob("*/LC_MESSAGES/django.po"))
ENTRY = re.compile(r'^msgid (".+")\nmsgstr (".+")$', re.MULTILINE)


@pytest.mark.parametrize("source", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_is_compiled_and_keeps_its_placeholders(source: Path) -> None:
    with source.with_suffix(".mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)
    entries = [(json.loads(said), json.loads(meant)) for said, meant in ENTRY.findall(source.read_text())]
    assert entries
    assert [said for said, meant in entries if catalog.gettext(said) != meant] == []
    assert [said for said, meant in entries if _placeholders(said) != _placeholders(meant)] == []


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))
