"""The terms of a policy at the desk: what is in force, what somebody proposes instead, and what was before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies import publishing
from policies.admin.desk.form_fields import TagInput, ZoneInput
from policies.admin.desk.instant_formats import in_zone
from policies.models import TERMS, Policy, PolicyTerms, TermsProposal, User
from policies.models.policies import Terms

LABELS = {field.name: field.verbose_name for field in TermsProposal._meta.local_fields if field.name in TERMS}


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Other terms for a published policy, with the reason; the fields show those in force."""

    class Meta:
        model = TermsProposal
        fields = (*TERMS, "reason")
        widgets = {"time_zone": ZoneInput, "language": TagInput}
        labels = {"reason": gettext_lazy("Reason")}


class SeenForm(forms.Form):
    """Which proposal the page showed: nobody approves another that took its place meanwhile."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True)
class Change:
    """One term with the value it has and the one it would have, or had and got."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Proposed:
    """
    Terms that wait for a second person.

    :ivar alone_from: when they come into force by themselves, where there is nobody else
    """

    by: str
    at: str
    reason: str
    changes: tuple[Change, ...]
    alone_from: str


@dataclass(frozen=True)
class OnRecord:
    """Terms that were put into force, with what they changed; the first ones changed nothing."""

    number: int
    at: str
    who: str
    reason: str
    changes: tuple[Change, ...]


def proposed(policy: Policy) -> Proposed | None:
    """What is proposed for a policy now."""
    found = TermsProposal.objects.filter(policy=policy).select_related("by", "policy").first()
    if found is None:
        return None
    alone_from = publishing.alone_from(found)
    return Proposed(
        by=str(found.by),
        at=_day(found.at, policy),
        reason=found.reason,
        changes=_changes(policy, found),
        alone_from=in_zone(alone_from, policy.zone) if alone_from else "",
    )


def who_approves(policy: Policy, by: User) -> str:
    """What has to happen before a change that `by` proposes comes into force."""
    if publishing.others_who_approve(by):
        return _("Somebody else approves the change. The record keeps the old and the new values, and your reason.")
    if policy.solo:
        return _("Nobody else can approve it: it comes into force after 24 hours, marked as made by one person alone.")
    return _("Nobody else can approve it. Only together with solo mode does it come into force, after 24 hours.")


def on_record(policy: Policy) -> tuple[OnRecord, ...]:
    """All terms a published policy had, the newest first."""
    rows = list(policy.terms_on_record.select_related("proposed_by", "approved_by").order_by("number"))
    before: list[PolicyTerms | None] = [None, *rows]
    return tuple(
        OnRecord(row.number, _day(row.at, policy), _who(row), row.reason, _changes(earlier, row) if earlier else ())
        for earlier, row in reversed(list(zip(before, rows, strict=False)))
    )


def _who(row: PolicyTerms) -> str:
    """Who made it so: two people, one, or the owner of the database."""
    if row.number == 1:
        return str(row.approved_by or "")
    if row.proposed_by is None:
        return _("on the command line")
    if row.alone:
        return _("%(name)s, without a second person") % {"name": row.proposed_by}
    return _("%(name)s, approved by %(other)s") % {"name": row.proposed_by, "other": row.approved_by}


def _changes(before: Terms, after: Terms) -> tuple[Change, ...]:
    return tuple(
        Change(str(LABELS[name]), _shown(before, name), _shown(after, name))
        for name in TERMS
        if getattr(before, name) != getattr(after, name)
    )


def _shown(terms: Terms, name: str) -> str:
    """A value as its form shows it."""
    value: Any = getattr(terms, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "audiences":
        return ", ".join(value) or _("everybody")
    display = getattr(terms, f"get_{name}_display", None)
    return str(display()) if display else str(value)


def _day(at: datetime, policy: Policy) -> str:
    return in_zone(at, policy.zone)
