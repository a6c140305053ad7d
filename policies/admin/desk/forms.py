"""The small forms of the verbs about a policy and about a published version."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from policies.admin.desk.form_fields import DayField
from policies.models.summaries import MAX_ANSWER_LENGTH


def _answer(label: Any, *, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=MAX_ANSWER_LENGTH, widget=widget)


class RenameForm(forms.Form):
    slug = forms.SlugField(
        label=_("New address"),
        max_length=80,
        help_text=_("The part after /p/: small letters, digits, hyphens."),
    )


class ConfirmUnchangedForm(forms.Form):
    remark = forms.CharField(
        label=_("Remark"), max_length=500, required=False, help_text=_("Only the desk and the evidence show it.")
    )


class PostponeForm(forms.Form):
    day = DayField(label=_("New effective date"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Everybody who was told of the old date reads it.")
    )


class BringForwardForm(forms.Form):
    """The new day; and where the promise is not kept by it, why, from those who may say so."""

    day = DayField(label=_("New effective date"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Shown on the version's page, and kept for the evidence.")
    )
    override_reason = forms.CharField(
        label=_("Reason for overriding the promise"),
        max_length=500,
        required=False,
        help_text=_("Only where the promise in force cannot be kept. The evidence shows it, with your name."),
    )


class BringForwardAsToldForm(BringForwardForm):
    """For those who may not override a promise."""

    override_reason = None  # type: ignore[assignment]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Everybody who was told reads it."))


class PaceForm(forms.Form):
    """How fast a notice goes out: never faster than the deployment allows all of them together."""

    per_minute = forms.IntegerField(label=_("Mails per minute"), min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = settings.NOTICE_RATE_PER_MINUTE
        field = self.fields["per_minute"]
        field.validators.append(
            MaxValueValidator(most, _("This site sends at most %(limit_value)s mails per minute, over all notices."))
        )
        field.widget.attrs["max"] = most
        field.help_text = _("At most %(most)s: what this site sends over all notices.") % {"most": f"{most:,}"}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the record."))


class AnswersForm(forms.Form):
    """The four answers in the language of a translation: all that the authors answered, or none."""

    what_changed = _answer(_("What changed"), rows=3)
    why = _answer(_("Why"), rows=2)
    impact = _answer(_("What it means for you"), rows=3)
    what_you_can_do = _answer(_("What you can do"), rows=2)


class CorrectionForm(forms.Form):
    words = forms.CharField(
        label=_("What was wrong, and what is right"),
        max_length=MAX_ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnswerForm(forms.Form):
    """What a reviewer sends: the answer itself is the button that was pressed."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=MAX_ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed when you request changes: the author sees it."),
    )
    agrees_to_override = forms.BooleanField(
        label=_("I agree to overriding the promise in force, for the reason given above."), required=False
    )
    seen_manifest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class PublishForm(forms.Form):
    """
    The sha256 of the manifest that the page showed, and to whom the notice goes first.

    `canary` comes out as `publishing.publish` takes it: 0 for everybody at once, None where the page asked nothing.
    """

    class First(TextChoices):
        EVERYBODY = "everybody", _("Everybody, without a stop")
        FEW = "few", _("A few first, then wait for me")

    seen_manifest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    first = forms.ChoiceField(
        label=_("Who gets the mail first?"), choices=First, required=False, widget=forms.RadioSelect
    )
    canary = forms.IntegerField(
        label=_("How many first"), required=False, min_value=1, error_messages={"min_value": _("Choose at least 1.")}
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") == self.First.FEW and data.get("canary") is None and "canary" not in self.errors:
            self.add_error("canary", _("Say how many people are told first, or choose everybody."))
        if data.get("first") != self.First.FEW:
            self.errors.pop("canary", None)
            data["canary"] = 0 if data.get("first") else None
        return data
