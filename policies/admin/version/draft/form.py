"""The forms of a draft: one for its decisions and dates, one for its text in each language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import authoring, language_names
from policies.admin.desk.form_fields import (
    DayField,
    LanguageInput,
    LocalInstantField,
    ReasonsField,
    TextField,
    midnight,
)
from policies.admin.desk.forms import AnswersForm
from policies.admin.desk.instant_formats import in_zone
from policies.authoring.obstacles import is_first
from policies.models import ANSWERS, ChangeClass, Version, VersionText
from policies.models.fields import validate_single_line
from policies.models.summaries import MAX_ANSWER_LENGTH
from policies.templatetags.site import Wrong, wrong
from policies.text import bounded, two_texts
from policies.text.words import language_tags

ROWS = dict(zip(ANSWERS, (3, 2, 3, 2), strict=True))


# Questions about a change, which a first version is none of; so are the four answers.
OF_A_CHANGE = ("tier", "reasons", "written_reason", "lowering_reason", "retroactive", "override_reason")
# What its class means for a first version: whether a notice goes out.
OF_A_FIRST = (
    (ChangeClass.EDITORIAL, _("No: it stands on its page, and who is asked meets the question in the product")),
    (ChangeClass.MATERIAL, _("Yes: everybody whom the policy binds gets a notice")),
)


# What a correction is by nature: editorial, with no question and no date of its own.
OF_ANOTHER_VERSION = (
    *("change_class", "tier", "reasons", "lowering_reason", "retroactive"),
    *("acceptance", "effective_on", "visible_from"),
)


def is_a_change(version: Version) -> bool:
    """Whether a draft changes something that stands, or was said to change something before it was the first."""
    is_decided = version.change_class == ChangeClass.MINOR or bool(version.reasons or version.answered)
    return is_decided or version.retroactive or not is_first(version)


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]
    """The decisions about a draft. Never saved by itself: `authoring.save_draft` takes what it cleaned."""

    tier = forms.ChoiceField(required=False, label=_("The policy's own tier"))
    reasons = ReasonsField(label=_("Reasons"))
    effective_on = DayField(required=False, label=_("Takes effect on"))
    visible_from = LocalInstantField(required=False, label=_("Embargo until"))
    stated_date = DayField(
        required=False,
        label=_("Date stated in the text"),
        help_text=_("Only where the text's own date differs from the day of publication."),
    )

    class Meta:
        model = Version
        fields = (
            "change_class",
            "tier",
            "reasons",
            "written_reason",
            "lowering_reason",
            "retroactive",
            *ANSWERS,
            "acceptance",
            "date_precision",
            "stated_date",
            "override_reason",
        )
        widgets = {
            "change_class": forms.RadioSelect,
            **{
                name: forms.Textarea(attrs={"rows": ROWS.get(name, 2)})
                for name in (*ROWS, "written_reason", "lowering_reason", "override_reason")
            },
        }

    def __init__(self, data: QueryDict | None = None, *, version: Version, at: datetime) -> None:
        self.policy, self.at = version.policy, at
        self.effective_before = version.effective_at
        # A copy: Django writes what was typed into the instance, and the verb has to start from what is stored.
        super().__init__(data, instance=Version.objects.get(pk=version.pk))
        tiers = [(tier.name, f"{tier.name} ({tier.get_change_class_display()})") for tier in self.policy.tiers.all()]
        self.fields["tier"].choices = [("", _("none")), *tiers]  # type: ignore[attr-defined]
        if not tiers:
            self.fields["tier"].widget = forms.HiddenInput()
        if not is_a_change(version):
            for name in (*OF_A_CHANGE, *ANSWERS, *(() if self.policy.has_accounts else ("change_class",))):
                del self.fields[name]
            if self.policy.has_accounts:
                self.fields["change_class"].label = _("Are people told of it by mail?")
                self.fields["change_class"].choices = OF_A_FIRST  # type: ignore[attr-defined]
        if version.corrects_id:
            for name in OF_ANOTHER_VERSION:
                self.fields.pop(name, None)
            return
        if version.effective_at:
            self.initial["effective_on"] = version.effective_at.astimezone(self.policy.zone).date()
        if version.visible_from:
            self.initial["visible_from"] = version.visible_from.astimezone(self.policy.zone).replace(tzinfo=None)
        self.fields["visible_from"].help_text = _(
            "In %(zone)s. Published before, nobody outside the desk sees it until then, and nobody is told; then it is"
            " visible by itself, at that minute. Empty: it is visible when it is published."
        ) % {"zone": self.policy.time_zone}
        self.fields["effective_on"].help_text = _(
            "At 00:00 in the policy's legal zone, %(zone)s. Empty: at the moment of publication."
        ) % {"zone": self.policy.time_zone}

    def clean_visible_from(self) -> Any:
        """Read it in the policy's zone."""
        typed = self.cleaned_data["visible_from"]
        if typed is None:
            return None
        if "visible_from" not in self.changed_data:
            return self.instance.visible_from
        return LocalInstantField.in_zone(typed, self.policy.zone)

    def clean_effective_on(self) -> Any:
        """Refuse a day that cannot be, here and not only at publication."""
        day = self.cleaned_data["effective_on"]
        if day is None or "effective_on" not in self.changed_data:
            return day
        today = self.at.astimezone(self.policy.zone).date()
        if day <= today:
            words = _("%(day)s has passed: a version cannot take effect before its publication. Choose a later day.")
            if day == today:
                words = _(
                    "%(day)s began at 00:00, before it could be published. Choose tomorrow or later, or leave the day"
                    " empty: it then takes effect at the moment of publication."
                )
            raise ValidationError(words, params={"day": day.isoformat()}, code="effective-date-passed")
        latest = self.policy.versions.standing().first()
        if latest and latest.effective_at and midnight(day, self.policy.zone) < latest.effective_at:
            raise ValidationError(
                _("%(version)s takes effect only on %(moment)s, and a higher number never before a lower one."),
                params={"version": latest.name, "moment": in_zone(latest.effective_at, self.policy.zone)},
                code="out-of-order",
            )
        return day

    @property
    def for_verb(self) -> dict[str, object]:
        """The cleaned values under the names that `authoring.save_draft` takes."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}
        if "visible_from" in self.changed_data:
            values["visible_from"] = self.cleaned_data["visible_from"]
        if "effective_on" in self.changed_data:
            day = self.cleaned_data["effective_on"]
            values["effective_at"] = midnight(day, self.policy.zone) if day else None
        return values


class TextForm(AnswersForm):
    """The text in one language, for a translation with its answers: the authors' own are the draft's."""

    title = forms.CharField(label=_("Title"), max_length=200, validators=[validate_single_line])
    body = TextField(label=_("Text"))
    short_version = forms.CharField(
        label=_("The short version"),
        required=False,
        max_length=MAX_ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown above the text; it has no legal meaning of its own."),
    )
    remove = forms.BooleanField(label=_("Remove this language"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        language: str,
        text: VersionText | None = None,
        is_authoritative: bool,
        title: str = "",
    ) -> None:
        initial = {"title": text.title if text else title}
        if text:
            initial |= {"body": text.body, "short_version": text.short_version, **text.answers}
        super().__init__(data, prefix=f"text-{language}", initial=initial)
        self.language, self.is_authoritative = language, is_authoritative
        self.language_name = language_names.name_of(language)
        self.fields["body"].widget.attrs["rows"] = 28
        written = {"lang": language, "dir": language_names.direction_of(language), "spellcheck": "true"}
        for name in ("title", "body", "short_version", *ANSWERS):
            self.fields[name].widget.attrs.update(written)
        if is_authoritative:
            for name in ("remove", *ANSWERS):
                del self.fields[name]

    @property
    def answers(self) -> list[forms.BoundField]:
        """The fields of the four answers; none in the policy's own language."""
        return [self[name] for name in ANSWERS if name in self.fields]

    def full_clean(self) -> None:
        """A language that is to be removed need not be right any more."""
        super().full_clean()
        if self.is_bound and self.cleaned_data.get("remove"):
            self._errors = forms.utils.ErrorDict()

    @property
    def for_verb(self) -> authoring.TextInput:
        data = self.cleaned_data
        given = {name: data[name] for name in ("title", "body", "short_version", *ANSWERS) if name in self.fields}
        return authoring.TextInput(self.language, **given)


def _canonical(told: str) -> str:
    """A tag of a language as it is written; nothing where it is none."""
    try:
        return language_tags.canonical(told)
    except ValueError:
        return ""


class AddLanguageForm(forms.Form):
    """One more language for a draft, asked for in the address of its page."""

    language = LanguageInput(label=_("Another language"), help_text=_("Its tag, such as pt-BR, ar or zh-Hans."))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data if "language" in data else None, auto_id="id_add_%s")
        # It stands inside the form of the draft, and is sent with the page's address instead.
        self.fields["language"].widget.attrs["form"] = self.ID

    ID = "add-language"

    @property
    def asked(self) -> str:
        """The tag as it is written; nothing where none was asked for, or what was is no tag."""
        return str(self.cleaned_data["language"]) if self.is_valid() else ""


class DraftForms:
    """Everything an editor can change about a draft on one page."""

    def __init__(self, version: Version, *, at: datetime, data: QueryDict | None = None, add: str = "") -> None:
        self.version = version
        latest = version.revisions.first()
        # The number of the revision that the editor sees; a newer one in the database means somebody else saved.
        self.expected_revision = latest.number if latest else None
        self.seen_revision = _number(data.get("expected_revision")) if data else self.expected_revision
        self.draft = DraftForm(data, version=version, at=at)
        self.texts = [self._text_form(language, data) for language in self._languages(data, add)]

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.draft, *self.texts)]
        return all(valid) and not self._lowers_in_silence()

    def has_changed(self) -> bool:
        stored = set(self.version.texts.values_list("language", flat=True))
        return (
            any(form.has_changed() for form in (self.draft, *self.texts)) or {f.language for f in self.texts} != stored
        )

    @property
    def is_a_change(self) -> bool:
        return "what_changed" in self.draft.fields

    @property
    def is_a_correction(self) -> bool:
        return self.version.corrects_id is not None

    @property
    def languages_to_add(self) -> list[tuple[str, str]]:
        """Those of our own words, and those that a text of this policy was ever in; any other can be typed."""
        present = {form.language for form in self.texts}
        known = VersionText.objects.filter(version__policy=self.version.policy).values_list("language", flat=True)
        offered = dict.fromkeys([*dict(settings.LANGUAGES), *sorted(known.distinct())])
        return [(tag, language_names.name_of(tag)) for tag in offered if tag not in present]

    @property
    def for_verb(self) -> tuple[dict[str, object], list[authoring.TextInput]]:
        return self.draft.for_verb, [form.for_verb for form in self.texts if not form.cleaned_data.get("remove")]

    @property
    def errors(self) -> list[Wrong]:
        """Every error with the way to its field, and with its language where there are several."""
        found = wrong(self.draft)
        for text in self.texts:
            found += wrong(text, of=f" ({text.language_name})" if len(self.texts) > 1 else "")
        return found

    def _languages(self, data: QueryDict | None, add: str) -> Sequence[str]:
        first = self.version.policy.language
        chosen = data.getlist("languages") if data else list(self.version.texts.values_list("language", flat=True))
        return list(dict.fromkeys([first, *filter(None, [*map(_canonical, chosen), add])]))

    def _text_form(self, language: str, data: QueryDict | None) -> TextForm:
        policy = self.version.policy
        return TextForm(
            data,
            language=language,
            text=self.version.texts.filter(language=language).first(),
            is_authoritative=language == policy.language,
            title=policy.title,
        )

    def _lowers_in_silence(self) -> bool:
        """
        Whether the editor has just chosen less than the comparison proposes, without a reason; then says so.

        Where the texts could not be compared nobody knows, and that is said instead.
        """
        data = self.draft.cleaned_data
        if (
            "lowering_reason" not in self.draft.fields
            or "change_class" not in self.draft.changed_data
            or data["change_class"] == ChangeClass.MATERIAL
            or data["lowering_reason"].strip()
        ):
            return False
        try:
            proposed = proposed_class(self.version, self.texts[0].cleaned_data["body"])
        except bounded.Stopped as stopped:
            self.draft.add_error(None, str(stopped))
            return True
        if proposed != ChangeClass.MATERIAL:
            return False
        self.draft.add_error(
            "lowering_reason", gettext("The comparison proposes “material”. Say here why you decide otherwise.")
        )
        return True


def proposed_class(version: Version, body: str) -> str:
    """The class that the comparison of `body` with the version it is based on proposes; empty for a first version."""
    before = version.based_on.texts.filter(authoritative=True).first() if version.based_on else None
    return two_texts.propose(before.body, body).klass if before else ""


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isdecimal() and len(given) < 10 else None
