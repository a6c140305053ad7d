"""Lines of the page around a text, such as “Loading…”: offered for removal, removed only by an editor's choice."""

from collections.abc import Sequence
from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.authoring import TextInput
from policies.models import Version
from policies.text.source import furniture


def offered(version: Version) -> list[tuple[str, str]]:
    """What looks like furniture: (“language:number”, words); numbers count from 1 in the stored text."""
    return [
        (f"{text.language}:{number}", words)
        for text in version.texts.all()
        for number, words in furniture.find(text.body, text.title)
    ]


def form_for(version: Version) -> type[forms.Form]:
    """A form that offers the furniture of this version, all of it chosen."""
    choices = offered(version)
    latest = version.revisions.first()
    fields = {
        "lines": forms.MultipleChoiceField(
            label=_("Lines to remove"),
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


def without(version: Version, lines: Sequence[str]) -> list[TextInput]:
    """The texts of a version without the chosen lines."""
    return [replace(TextInput.of(text), body=_without(text.body, text.language, lines)) for text in version.texts.all()]


def _without(body: str, language: str, lines: Sequence[str]) -> str:
    numbered = enumerate(body.split("\n"), start=1)
    return "\n".join(line for number, line in numbered if f"{language}:{number}" not in lines)
