"""Record a reading of a version's change clause, with what was found in its text beside the form."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from policies.authoring import TierReading
from policies.models import Acceptance, ChangeClass, Channel, Policy, Promise, PromiseTier, Version
from policies.templatetags.site import Wrong, wrong
from policies.text.meaning import promises
from policies.text.meaning.promises import FoundPromise, Tier

# What the text package calls it, and the word the record has for it. The rest is left to the reader.
ACCEPTANCES = {
    "continued_use": Acceptance.CONTINUED_USE,
    "explicit_where_required": Acceptance.EXPLICIT,
    "explicit_may_be_required": Acceptance.EXPLICIT,
}
MOST_TIERS = 4
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


class PromiseForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the clause says about every change."""

    class Meta:
        model = Promise
        fields = ("effective", "never_retroactive", "remark")
        widgets = {"effective": forms.RadioSelect}


class TierForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the clause promises for one class or tier."""

    applies_to = forms.ChoiceField(label=_("For changes that are"))
    channels = forms.MultipleChoiceField(
        label=_("People are told by"), choices=Channel, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PromiseTier
        fields = (
            "applies_to",
            "quote",
            "channels_known",
            "channels",
            "logic",
            "prior",
            "notice_days",
            "acceptance",
            "anchor",
        )
        widgets = {
            "quote": forms.Textarea(attrs={"rows": 3}),
            "logic": forms.RadioSelect,
            "prior": forms.RadioSelect,
            "anchor": forms.HiddenInput,
        }

    def __init__(self, *args: Any, policy: Policy, **options: Any) -> None:
        super().__init__(*args, **options)
        tiers = [(tier.name, tier.name) for tier in policy.tiers.all()]
        classes = [(value, str(label).split(":")[0]) for value, label in ChangeClass.choices]
        open_choice = [] if self["applies_to"].value() else [("", _("choose one"))]
        self.fields["applies_to"].choices = [  # type: ignore[attr-defined]
            *open_choice,
            ("all", _("of any kind")),
            *classes,
            *tiers,
        ]

    @property
    def reading(self) -> TierReading:
        return TierReading(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class ReadingForms:
    """The promise and its tiers, as one form. `start` pre-fills the first tier where somebody asked for it."""

    def __init__(self, version: Version, data: QueryDict | None = None, start: FoundPromise | None = None) -> None:
        formset = forms.formset_factory(
            TierForm, extra=0 if start else 1, max_num=MOST_TIERS, validate_max=True, can_delete=True
        )
        self.promise = PromiseForm(data, initial={"effective": start.effective} if start else None)
        self.tiers = formset(
            data,
            prefix="tier",
            form_kwargs={"policy": version.policy},
            initial=initials_of(start, version) if start else None,
        )

    def is_valid(self) -> bool:
        return all([self.promise.is_valid(), self.tiers.is_valid()])

    @property
    def errors(self) -> list[Wrong]:
        """Everything that is wrong, with the way there, and with which promise it is about where there are several."""
        found = wrong(self.promise) + [Wrong(str(message)) for message in self.tiers.non_form_errors()]
        for number, form in enumerate(self.tiers, start=1):
            found += wrong(form, of=f" ({number})" if len(self.tiers.forms) > 1 else "")
        return found

    @property
    def readings(self) -> Sequence[TierReading]:
        return [form.reading for form in self.tiers if form.has_changed() and form not in self.tiers.deleted_forms]


@dataclass(frozen=True)
class Found:
    """What was found in the text, in words, for the side of the form."""

    promise: FoundPromise
    rows: tuple[tuple[str, str], ...]


def found_in(version: Version) -> Found | None:
    """Read the change clause of the authoritative text."""
    text = version.texts.filter(authoritative=True).first()
    promise = promises.find(text.body) if text else None
    return Found(promise, tuple(_rows(promise))) if promise else None


def initials_of(found: FoundPromise, version: Version) -> list[dict[str, Any]]:
    """A found promise as the first values of the tiers' forms; somebody reads, corrects and saves them."""
    known = {"all", *ChangeClass.values, *version.policy.tiers.values_list("name", flat=True)}
    period = found.notice_period
    common = {
        "anchor": found.anchor,
        "channels_known": found.channels_known,
        "prior": found.prior_notice,
        "notice_days": period.n * DAYS[period.unit] if period and period.unit in DAYS else None,
        "acceptance": ACCEPTANCES.get(found.acceptance, Acceptance.NONE),
    }
    tiers = found.tiers or (Tier(found.applies_to, found.channels, found.channels_logic, "", found.quote),)
    return [
        {
            **common,
            "applies_to": name,
            "quote": tier.quote,
            "channels": list(tier.channels) if found.channels_known else [],
            "logic": tier.channels_logic if tier.channels_logic in PromiseTier.Logic.values else PromiseTier.Logic.ALL,
        }
        for tier, name in zip(tiers[:MOST_TIERS], _names(tiers[:MOST_TIERS], known), strict=True)
    ]


def _names(tiers: Sequence[Tier], known: Collection[str]) -> list[str]:
    """
    What each tier is for: in the text's own word where the policy knows it, else material changes.

    Where another tier is for those already, somebody has to choose, and may have to give the policy such a tier first.
    """
    names = [tier.name if tier.name in known else "" for tier in tiers]
    for at, name in enumerate(names):
        if not name and ChangeClass.MATERIAL not in names:
            names[at] = ChangeClass.MATERIAL
    return names


def show(form: forms.BaseForm, error: ValidationError) -> None:
    """Put the verb's refusal where it belongs."""
    for name, messages in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        label = label_for_field(name, PromiseTier) if name in {"quote", "channels"} else ""
        form.add_error(None, [f"{label}: {message}" if label else message for message in messages])


def _rows(found: FoundPromise) -> list[tuple[str, str]]:
    channels = [str(Channel(channel).label) for channel in found.channels if channel in Channel.values]
    period = found.notice_period
    return [
        (str(_("Channels")), ", ".join(channels) if found.channels_known else str(_("lost in the text, so unknown"))),
        (str(_("Of these")), found.channels_logic),
        (str(_("For changes that are")), found.applies_to),
        (str(_("Notice before effect")), found.prior_notice),
        (str(_("Period")), f"{period.n} {period.unit}" if period else "–"),
        (str(_("Acceptance")), found.acceptance),
    ]
