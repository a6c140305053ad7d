"""One person on one page: what applied to them at an instant, and what they were told, shown and answered."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from policies import acceptance, evidence
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.admin.desk.form_fields import InstantField
from policies.admin.person.waiving import waivers_of
from policies.models import DeletionRequest, Person


class InstantForm(forms.Form):
    """The instant that is asked about, in UTC."""

    at = InstantField(
        label=_("At this instant (UTC)"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Enter an instant as 2026-05-20 14:30, or a day as 2026-05-20.")},
    )


@dataclass(frozen=True)
class PersonPage:
    form: InstantForm
    at: datetime
    applied: tuple[evidence.Applied, ...]
    story: tuple[evidence.Entry, ...]
    questions: tuple[acceptance.Question, ...]
    has_waiver: bool
    has_sessions: bool
    deletion_requests: tuple[DeletionRequest, ...]


def build(person: Person, asked: QueryDict, *, now: datetime) -> PersonPage:
    """`asked` may name an instant as `at`; without one, and for one that cannot be read, it is now."""
    form = InstantForm(asked if "at" in asked else None, initial={"at": now.astimezone(UTC)})
    at = form.cleaned_data["at"] if form.is_bound and form.is_valid() else now
    return PersonPage(
        form=form,
        at=at.astimezone(UTC),
        applied=tuple(evidence.applied_at(person=person, at=at)),
        story=tuple(evidence.trail_of(person)),
        questions=acceptance.outstanding(person=person, at=now),
        has_waiver=bool(waivers_of(person)),
        has_sessions=bool(open_sessions.of(Whose(None, person), at=now)),
        deletion_requests=tuple(person.deletion_requests.filter(closed_at=None).select_related("policy")),
    )
