"""The form of a look: name, logo, colors, and the words in each language of the site."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from policies import language_names
from policies.look import choosing, logos
from policies.models import Appearance
from policies.models.fields import validate_single_line

LABELS = {
    "organization": _("Name of the organization"),
    "accent": _("Color of links and buttons"),
    "accent_dark": _("The same on dark screens"),
    "logo_sha256": _("Logo"),
    "links": _("Links below every page"),
    "imprint": _("Imprint, below every page"),
    "mail_footer": _("Footer of notices by mail"),
    "notice": _("Words before what changes, in notices by mail and on the site"),
}
HELP = {
    "links": _("One a line: a label, a blank, an address with https://"),
    "imprint": _("Plain text; an empty line begins a paragraph."),
    "mail_footer": _("Plain text, such as who sends this and where you sit."),
    "notice": _("A sentence or two of your own. What the law asks for stands there already."),
}
ROWS = {"links": 3, "imprint": 5, "mail_footer": 4, "notice": 3}
_color = {"size": 10, "placeholder": "#0a4a5c", "autocomplete": "off", "spellcheck": "false"}


@dataclass(frozen=True)
class LanguageFields:
    """The fields of one language; open where something is written in it, or wrong."""

    tag: str
    name: str
    fields: tuple[forms.BoundField, ...]
    is_open: bool


class LookForm(forms.Form):
    """`cleaned_data` has `values` and `logo` as `choosing.prepare` takes them."""

    organization = forms.CharField(
        label=LABELS["organization"],
        required=False,
        max_length=200,
        validators=[validate_single_line],
        help_text=_("On every page and in every mail. Empty: the one this site was set up with."),
    )
    picture = forms.FileField(
        label=LABELS["logo_sha256"],
        required=False,
        help_text=_(
            "PNG, JPEG or WebP, at most 1 MB. It stands before the name, 40 pixels high. No SVG: it can carry scripts."
        ),
    )
    no_logo = forms.BooleanField(label=_("Show no logo of our own"), required=False)
    accent = forms.CharField(
        label=LABELS["accent"],
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs=_color),
        help_text=_("Such as #0a4a5c, readable on white (4.5:1). Empty: the color policysite comes with."),
    )
    accent_dark = forms.CharField(
        label=LABELS["accent_dark"],
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={**_color, "placeholder": "#9bd6e2"}),
        help_text=_("A light one, such as #9bd6e2, readable on near-black (4.5:1)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for tag, _name in settings.LANGUAGES:
            for part, rows in ROWS.items():
                widget = forms.Textarea(attrs={"rows": rows, "lang": tag})
                self.fields[f"{part}_{tag}"] = forms.CharField(
                    label=LABELS[part], required=False, widget=widget, help_text=HELP[part], max_length=4000
                )

    @property
    def plain(self) -> list[forms.BoundField]:
        """What is the same in every language."""
        return [self[name] for name in self.base_fields]

    @property
    def by_language(self) -> Iterator[LanguageFields]:
        for number, (tag, _name) in enumerate(settings.LANGUAGES):
            fields = tuple(self[f"{part}_{tag}"] for part in ROWS)
            is_open = number == 0 or any(field.value() or field.errors for field in fields)
            yield LanguageFields(tag, language_names.own_name_of(tag), fields, is_open)

    def clean_accent(self) -> str:
        return str(self.cleaned_data["accent"]).strip().lower()

    def clean_accent_dark(self) -> str:
        return str(self.cleaned_data["accent_dark"]).strip().lower()

    def clean_picture(self) -> bytes | None:
        """Read and written anew here, while the file is open."""
        given = self.cleaned_data["picture"]
        return logos.rewritten(given) if given else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        plain = {name: data.get(name, "") for name in ("organization", "accent", "accent_dark")}
        data["values"] = {**plain, "words": self._words(data)}
        data["logo"] = b"" if data.get("no_logo") else data.get("picture")
        return data

    def _words(self, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for tag, _name in settings.LANGUAGES:
            words: dict[str, Any] = {part: _lines(data.get(f"{part}_{tag}", "")) for part in ROWS}
            try:
                words["links"] = choosing.links_in(words["links"])
            except ValidationError as error:
                self.add_error(f"links_{tag}", error)
            written = {part: value for part, value in words.items() if value}
            if written:
                found[tag] = written
        return found


def shown_in_form(look: Appearance) -> dict[str, Any]:
    """A look as the form shows it."""
    shown = {name: getattr(look, name) for name in ("organization", "accent", "accent_dark")}
    for tag, words in look.words.items():
        for part in ROWS:
            shown[f"{part}_{tag}"] = as_lines(part, words.get(part, ""))
    return shown


def as_lines(part: str, value: Any) -> str:
    """One part of the words as somebody types it."""
    return "\n".join(" ".join(link) for link in value) if part == "links" and value else str(value)


def _lines(typed: str) -> str:
    return "\n".join(line.rstrip() for line in typed.strip().splitlines())
