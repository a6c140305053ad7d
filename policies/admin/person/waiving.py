"""Letting one person off an answer, and asking them again: two pages of a person's, each with one verb."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import acceptance, clock
from policies.acceptance import waiving
from policies.admin.desk.base import ReadOnlyAdmin, user_of
from policies.admin.desk.verb_page import Outcome, VerbPage, confirm
from policies.models import Act, Person
from policies.views.people.signed_in import strength_of

PERMISSION = "waive_requirement"


def waive(request: HttpRequest, person: Person, *, of: ReadOnlyAdmin) -> HttpResponse:
    """Let a person off one answer, by a named right and for a written reason."""
    asked = acceptance.outstanding(person=person, at=clock.now())
    # For an optional consent nothing waits, so there is nothing to let anybody off.
    form = _form_of([(q.policy.slug, str(q.version)) for q in asked if not q.policy.is_optional])

    def act(data: Mapping[str, Any]) -> Outcome:
        at = clock.now()
        questions = acceptance.outstanding(person=person, at=at)
        policy = next((question.policy for question in questions if question.policy.slug == data["about"]), None)
        if policy is None:
            raise acceptance.NotOpen(gettext("This policy asks this person nothing, so there is nothing to waive."))
        waiving.waive(
            person=person,
            policy=policy,
            right=waiving.Right(data["right"]),
            reason=data["reason"],
            strength=strength_of(request),
            by=user_of(request),
            at=at,
        )
        return Outcome(gettext("Recorded. This person is not asked about that version any more."), _back(person))

    page = VerbPage(
        title=gettext("Waive an answer of %(person)s") % {"person": person},
        button=gettext("Waive this answer"),
        permission=PERMISSION,
        is_binding=True,
        paragraphs=(
            gettext("This person need not answer about the version you choose: the product stops waiting for them."),
            gettext("It is no acceptance and is never counted as one. A later version asks them again."),
            gettext("They see it in their account, with the reason; it goes into the ledger and the evidence."),
        ),
        form_class=form,
        is_grave=True,
    )
    return confirm(request, page=page, of=of, obj=person, act=act, back=_back(person))


def end_waiver(request: HttpRequest, person: Person, *, of: ReadOnlyAdmin) -> HttpResponse:
    """Ask again what somebody was let off."""
    waivers = {str(act.subject_ref): act for act in waivers_of(person)}
    form = _form_of([(reference, _said(act)) for reference, act in waivers.items()], is_ending=True)

    def act(data: Mapping[str, Any]) -> Outcome:
        waiving.end(
            act=waivers[data["about"]],
            person=person,
            reason=data["reason"],
            strength=strength_of(request),
            by=user_of(request),
            at=clock.now(),
        )
        return Outcome(gettext("Recorded. This person is asked again."), _back(person))

    page = VerbPage(
        title=gettext("End a waiver of %(person)s") % {"person": person},
        button=gettext("End this waiver"),
        permission=PERMISSION,
        is_binding=True,
        paragraphs=(gettext("The version is asked again at once, and the product waits for an answer that is due."),),
        form_class=form,
    )
    return confirm(request, page=page, of=of, obj=person, act=act, back=_back(person))


def waivers_of(person: Person) -> list[Act]:
    """The waivers that stand."""
    acts = Act.objects.of(person).standing().filter(kind=Act.Kind.WAIVED)
    return list(acts.select_related("version__policy").order_by("id"))


def _said(act: Act) -> str:
    at: datetime = act.at
    return gettext("%(version)s, waived on %(day)s") % {"version": act.version, "day": f"{at:%Y-%m-%d}"}


def _form_of(choices: list[tuple[str, str]], *, is_ending: bool = False) -> type[forms.Form]:
    """A form that offers what there is to waive, or the waivers that stand."""
    about = forms.ChoiceField(
        label=_("Waiver") if is_ending else _("Version"),
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one. With none to choose there is nothing to do here.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=waiving.REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences. The person can read them."),
    )
    right = forms.ChoiceField(label=_("By what right"), choices=[("", _("Choose…")), *waiving.Right.choices])
    fields = {"about": about, "reason": reason} if is_ending else {"about": about, "right": right, "reason": reason}
    return cast("type[forms.Form]", type("WaiverForm", (forms.Form,), fields))


def _back(person: Person) -> str:
    return reverse("admin:policies_person_change", args=[person.pk])
