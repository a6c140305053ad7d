"""The translations that are shipped: complete for what readers see, compiled from what is written, nothing dropped."""

import ast
import gettext
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

from tests import whole_site
from tests.whole_site import World

HERE = Path(settings.BASE_DIR)
CATALOGS = sorted((HERE / "locale").glob("*/LC_MESSAGES/django.po"))
TRANSLATED = [tag for tag, _name in settings.LANGUAGES if tag != settings.LANGUAGE_CODE]
# Pages of the desk (101) and of the demo, and evidence, which is English like the record that it quotes.
ENGLISH_ALONE = ("admin", "demo", "evidence")
DEMO = sorted((HERE / "templates" / "demo").rglob("*.html"))
# Modules whose every word is for readers. Others have words for the desk too: what of theirs readers see is walked.
FOR_READERS = (
    *("policies/views/public", "policies/views/people", "policies/views/programs", "policies/views/shared"),
    *("policies/notices/write", "policies/notices/following.py", "policies/notices/on_site", "policies/mail"),
    *("policies/date_formats.py", "policies/timeline.py", "policies/rendering.py", "policies/account_mail.py"),
    *("policies/acceptance/receipts.py", "policies/acceptance/consent_screens.py", "policies/language_names.py"),
    *("policies/acceptance/answer_checks.py", "policies/acceptance/sessions", "policies/acceptance/handover.py"),
)
MARKED = re.compile(r"""\b(?:gettext|gettext_lazy|ngettext|_)\(\s*u?((?:"(?:[^"\\]|\\.)*"\s*|'(?:[^'\\]|\\.)*'\s*)+)""")
LITERAL = re.compile(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]+>|\bhttps?://")


@dataclass(frozen=True)
class Entry:
    """
    :ivar said: in English, and `of_many` where it depends on a number
    :ivar meant: one form, or one for each plural
    """

    said: str
    of_many: str
    meant: tuple[str, ...]

    @property
    def keeps_its_placeholders(self) -> bool:
        """A form for one thing may say “one” without a figure, as English does."""
        kept = [set(PLACEHOLDER.findall(words)) for words in self.meant]
        one, many = (set(PLACEHOLDER.findall(words)) for words in (self.said, self.of_many or self.said))
        return kept[0] in (one, many) and all(each == many for each in kept[1:])


def entries(catalog: Path) -> dict[str, Entry]:
    found = [_entry(block) for block in catalog.read_text().split("\n\n")[1:]]
    return {each.said: each for each in found}


def _entry(block: str) -> Entry:
    lines = [LITERAL.match(line) for line in block.splitlines() if not line.startswith("#")]
    assert all(lines), block  # one line each: nothing is wrapped, nothing is left from before
    read = [(line[1], ast.literal_eval(line[2])) for line in lines if line]
    of_many = next((words for name, words in read if name == "msgid_plural"), "")
    return Entry(read[0][1], of_many, tuple(words for name, words in read if name.startswith("msgstr")))


def marked(source: str) -> Iterator[str]:
    for found in MARKED.finditer(source):
        yield ast.literal_eval(f"({found[1]})")


def sources() -> Iterator[tuple[str, str]]:
    """What is marked for translation in templates and modules that readers see, and everywhere else."""
    for path in sorted((HERE / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"} and path.relative_to(HERE / "templates").parts[0] not in ENGLISH_ALONE:
            yield from ((str(path), words) for words in marked(templatize(path.read_text(), origin=str(path))))
    for place in FOR_READERS:
        for path in [HERE / place] if place.endswith(".py") else sorted((HERE / place).rglob("*.py")):
            yield from ((str(path), words) for words in marked(path.read_text()))


def test_every_language_of_the_interface_has_a_catalog() -> None:
    assert sorted(path.parts[-3] for path in CATALOGS) == sorted(TRANSLATED)


def test_all_catalogs_say_the_same_things() -> None:
    first, *others = (set(entries(path)) for path in CATALOGS)
    assert [first ^ other for other in others] == [set() for _ in others]


@pytest.mark.parametrize("source", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_is_compiled_and_keeps_its_placeholders(source: Path) -> None:
    with source.with_suffix(".mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)
    forms = int(catalog.info()["plural-forms"].partition("nplurals=")[2][0])
    made = {key for key in catalog._catalog if key}  # type: ignore[attr-defined]
    found = entries(source)
    assert len(found) > 700
    assert {key[0] if isinstance(key, tuple) else key for key in made} == set(found)
    for entry in found.values():
        said = [catalog._catalog.get((entry.said, form)) for form in range(forms)]  # type: ignore[attr-defined]
        plain = [catalog._catalog.get(entry.said)]  # type: ignore[attr-defined]
        assert tuple(plain if plain[0] is not None else said) == entry.meant, entry.said
        assert all(words.strip() for words in entry.meant), entry.said
        assert entry.keeps_its_placeholders, entry
        assert all(_ends(words) == _ends(entry.said) for words in entry.meant), entry


def _ends(words: str) -> tuple[bool, bool]:
    """Whether there is a line break at the beginning and at the end: msgfmt asks for the same."""
    return words.startswith("\n"), words.endswith("\n")


@pytest.mark.parametrize("source", CATALOGS, ids=lambda path: path.parts[-3])
def test_what_readers_see_is_translated(source: Path) -> None:
    there = set(entries(source))
    assert sorted({(Path(place).name, words) for place, words in sources() if words not in there}) == []


def test_nothing_is_translated_that_nobody_says() -> None:
    modules = [path for room in ("policies", "policysite") for path in (HERE / room).rglob("*.py")]
    said = {words for path in modules for words in marked(path.read_text())}
    for path in (HERE / "templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            said.update(marked(templatize(path.read_text(), origin=str(path))))
    assert sorted(set(entries(CATALOGS[0])) - said) == []


class Missed(gettext.NullTranslations):
    """Asked for whatever a catalog has not: notes it, and goes on to what was asked then."""

    def __init__(self, then: gettext.NullTranslations) -> None:
        super().__init__()
        self.then, self.words = then, set[str]()

    def gettext(self, message: str) -> str:
        self.words.add(message)
        return self.then.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.words.add(msgid1)
        return self.then.ngettext(msgid1, msgid2, n)


@pytest.mark.django_db
def test_no_page_that_readers_get_says_what_is_not_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    german = trans_real.translation("de")
    missed = Missed(german._fallback)  # type: ignore[attr-defined]
    monkeypatch.setattr(german, "_fallback", missed)
    walked = 0
    for who in (whole_site.nobody, whole_site.by_code, whole_site.settled, whole_site.held_back, whole_site.halfway):
        client = who(world)
        for path in _paths(world, are_theirs=who is not whole_site.nobody):
            cache.clear()  # nobody is held to so many requests a minute here
            client.get(path, headers={"Accept-Language": "de"})
            walked += 1
    assert walked > 200
    of_the_demo = {words for path in DEMO for words in marked(templatize(path.read_text(), origin=str(path)))}
    assert sorted(missed.words - of_the_demo) == []


def _paths(world: World, *, are_theirs: bool) -> Iterable[str]:
    """Every page outside the desk and the demo; those that know their reader alone, or all."""
    for route in whole_site.routes():
        is_desk = "admin/" in route.pattern or route.name.startswith(("admin:", "demo:", "api:"))
        knows_nobody = route.pattern.startswith(("p/", "log/", "api/"))
        if not is_desk and not (are_theirs and knows_nobody) and not route.pattern.endswith(".pdf"):
            yield from world.paths(route)


def test_what_a_style_sheet_says_is_said_in_every_language() -> None:
    """On phones the two sides of a redline stand one above the other, and their style sheet says which is which."""
    sheet = (HERE / "static" / "css" / "redline.css").read_text()
    for catalog in CATALOGS:
        found, rule = entries(catalog), f".redline-side:lang({catalog.parts[-3]}) tr.redline-changed > td"
        assert f'{rule}:not(:empty)::before {{ content: "{found["After"].meant[0]}"; }}' in sheet
        assert f'{rule}:first-child:not(:empty)::before {{ content: "{found["Before"].meant[0]}"; }}' in sheet
