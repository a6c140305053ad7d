"""Form fields of the desk: a policy's text, a day in its legal zone, reason codes."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markdownx.widgets import MarkdownxWidget

from policies import date_formats, language_names
from policies.models.fields import validate_language
from policies.text.meaning.reasons import REASONS
from policies.text.rejected import TextRejected
from policies.text.source import canonical
from policies.text.words import language_tags

# Places and UTC; other names are known too, and need not be offered.
ZONES = sorted(zone for zone in available_timezones() if zone == "UTC" or ("/" in zone and not zone.startswith("Etc/")))


class TextField(forms.CharField):
    """Markdown with a live preview; refuses what cannot be published, and says in which line it stands."""

    widget = MarkdownxWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)
        # Django's own check for NUL does not say where it stands; ours does, for every control character.
        self.validators = []

    def clean(self, value: Any) -> str:
        try:
            return canonical.check(value or "")
        except TextRejected as error:
            raise ValidationError(str(error), code="text-rejected") from error


class Offering(forms.TextInput):
    """A line of text, with the browser's own search in a list of what is known; anything else can be typed too."""

    def __init__(self, offered: Callable[[], Iterable[tuple[str, str]]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.offered = offered

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-offered"
        field = super().render(name, value, {**(attrs or {}), "list": listed, "autocomplete": "off"}, renderer)
        offered = format_html_join("", '<option value="{}"{}>', ((each, _label(said)) for each, said in self.offered()))
        return format_html('{}<datalist id="{}">{}</datalist>', field, listed, offered)


def _label(said: str) -> SafeString:
    return format_html(' label="{}"', said) if said else SafeString()


class TagInput(Offering):
    """The tag of a language."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(language_names.known, {**(attrs or {}), "autocapitalize": "off", "spellcheck": "false"})


class ZoneInput(Offering):
    """The name of a time zone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(lambda: ((zone, "") for zone in ZONES), attrs)


class LanguageInput(forms.CharField):
    """A language by its tag, whether or not our own words are translated to it."""

    default_validators = [validate_language]
    widget = TagInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": _("Language"), "max_length": language_tags.LONGEST, **options})
        self.help_text = self.help_text or _("Its tag, such as de, pt-BR or zh-Hans.")

    def clean(self, value: Any) -> str:
        return language_tags.canonical(super().clean(value))


class DayField(forms.DateField):
    """A day, typed as the browser's own date control sends it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)
        self.error_messages["invalid"] = _("Enter a day as YYYY-MM-DD, such as 2027-04-14.")

    def to_python(self, value: Any) -> date | None:
        return _within_reach(super().to_python(value))


class InstantField(forms.DateTimeField):
    """An instant, which every zone has."""

    def to_python(self, value: Any) -> datetime | None:
        return _within_reach(super().to_python(value))


class LocalInstantField(InstantField):
    """An instant typed as the clock shows it in a zone that only the form knows: `in_zone` says which one it is."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    @staticmethod
    def in_zone(typed: datetime, zone: ZoneInfo) -> datetime:
        """What was typed, read in `zone` instead of the site's own."""
        return timezone.make_naive(typed).replace(tzinfo=zone)


def _within_reach(given: date_formats.Day | None) -> date_formats.Day | None:
    try:
        return date_formats.within_reach(given) if given else None
    except date_formats.NotADate as error:
        raise ValidationError(str(error), code="out-of-reach") from error


class ReasonsField(forms.MultipleChoiceField):
    """The reason codes as check boxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(code, _(label)) for code, label in REASONS], required=False, **options)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`: when a version takes effect."""
    return datetime.combine(day, time.min, tzinfo=zone)
