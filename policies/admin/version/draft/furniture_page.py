"""
What a text brings along that is no part of it: lines of the page around it, such as “Loading…”, and what its page says
by itself, such as the date. Offered for removal, removed only by an editor's choice.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies.authoring import TextInput
from policies.models import Version, VersionText
from policies.models.summaries import MAX_ANSWER_LENGTH
from policies.text.meaning import said_twice
from policies.text.meaning.said_twice import ShortVersion
from policies.text.source import furniture

# So much of a short version is quoted.
_QUOTED = 120


def offered(version: Version) -> list[tuple[str, str]]:
    """What could go: (“language:number”, words); numbers count from 1 in the stored text, a short version has none."""
    return [choice for text in version.texts.all() for choice in _offered(text)]


def _offered(text: VersionText) -> Iterator[tuple[str, str]]:
    lines = dict(furniture.find(text.body, text.title))
    for number, words in said_twice.date_lines(text.body, text.language):
        lines[number] = gettext("%(line)s – the page shows the date by itself") % {"line": words}
    for number in sorted(lines):
        yield f"{text.language}:{number}", lines[number]
    if short := _short_version(text):
        words = gettext("The section “%(words)s” – moves into the field “The short version”")
        yield f"{text.language}:short", words % {"words": Truncator(short.words).chars(_QUOTED)}


def _short_version(text: VersionText) -> ShortVersion | None:
    """The section that could stand in the field for it, where nothing stands there yet."""
    found = said_twice.short_version(text.body) if not text.short_version else None
    return found if found and len(found.words) <= MAX_ANSWER_LENGTH else None


def form_for(version: Version) -> type[forms.Form]:
    """A form that offers what could go from this version, all of it chosen."""
    choices = offered(version)
    latest = version.revisions.first()
    fields = {
        "lines": forms.MultipleChoiceField(
            label=_("What to remove"),
            choices=choices,
            initial=[value for value, _words in choices],
            widget=forms.CheckboxSelectMultiple,
        ),
        # The numbers hold only for the text they were found in.
        "expected_revision": forms.IntegerField(
            required=False, initial=latest and latest.number, widget=forms.HiddenInput
        ),
    }
    return type("TidyForm", (forms.Form,), fields)


def without(version: Version, chosen: Sequence[str]) -> list[TextInput]:
    """The texts of a version without what was chosen; a short version goes into its field."""
    return [_without(text, chosen) for text in version.texts.all()]


def _without(text: VersionText, chosen: Sequence[str]) -> TextInput:
    gone = {int(number) for number in _of_language(text.language, chosen) if number.isdecimal()}
    given = TextInput.of(text)
    short = _short_version(text) if f"{text.language}:short" in chosen else None
    if short:
        gone.update(range(short.first_line, short.last_line + 1))
        given = replace(given, short_version=short.words)
    return replace(given, body="\n".join(_kept(text.body.split("\n"), gone)))


def _kept(lines: Sequence[str], gone: Collection[int]) -> Iterator[str]:
    """The other lines; of two blank ones around what is gone, one."""
    is_after_gap = False
    last = ""
    for number, line in enumerate(lines, start=1):
        if number in gone:
            is_after_gap = not last.strip()
        elif line.strip() or not is_after_gap:
            yield line
            is_after_gap, last = False, line


def _of_language(language: str, chosen: Sequence[str]) -> Iterator[str]:
    for value in chosen:
        where, _colon, number = value.partition(":")
        if where == language:
            yield number
