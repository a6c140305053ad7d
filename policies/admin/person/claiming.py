"""Putting on record what somebody answered on paper or by phone: a page of a person's, with one verb."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import acceptance, clock
from policies.acceptance.elsewhere import claimed_answers
from policies.admin.desk.base import ReadOnlyAdmin, user_of
from policies.admin.desk.form_fields import DayField
from policies.admin.desk.verb_page import Outcome, VerbPage, confirm
from policies.models import Act, Person
from policies.models.fields import validate_single_line
from policies.views.people.signed_in import strength_of

ANSWERS = [(Act.Kind.AGREED.value, _("accepted")), (Act.Kind.DECLINED.value, _("declined"))]


def claim(request: HttpRequest, person: Person, *, of: ReadOnlyAdmin) -> HttpResponse:
    """Record an answer that somebody gave elsewhere, as the claim of whoever presses the button."""
    asked = {str(each.version.pk): each.version for each in acceptance.outstanding(person=person, at=clock.now())}
    back = reverse("admin:policies_person_change", args=[person.pk])

    def act(data: Mapping[str, Any]) -> Outcome:
        claimed_answers.record(
            person=person,
            version=asked[data["about"]],
            answer=Act.Kind(data["answer"]),
            medium=claimed_answers.Medium(data["medium"]),
            on=data["on"],
            remark=data["remark"],
            scan_sha256=data["scan_sha256"].lower(),
            strength=strength_of(request),
            by=user_of(request),
            at=clock.now(),
        )
        return Outcome(gettext("Recorded, as what you claim. They get a receipt that says so."), back)

    page = VerbPage(
        title=gettext("Record an answer that %(person)s gave on paper or by phone") % {"person": person},
        button=gettext("Record it as my claim"),
        permission="record_answer",
        is_binding=True,
        paragraphs=(
            gettext(
                "It counts as their answer, and everywhere says that you recorded it and that it was not their click."
            ),
            gettext("They get a receipt by mail and can take the answer back for 24 hours."),
            gettext("Keep the paper. With the fingerprint of its scan nobody can exchange it later."),
        ),
        form_class=_form_of([(key, str(version)) for key, version in asked.items()]),
    )
    return confirm(request, page=page, of=of, obj=person, act=act, back=back)


def _form_of(choices: list[tuple[str, str]]) -> type[forms.Form]:
    """A form that offers what is asked of this person."""
    hex_digits = RegexValidator("^[0-9a-fA-F]{64}$", _("Enter 64 hexadecimal digits, as sha256sum prints them."))
    fields = {
        "about": forms.ChoiceField(
            label=_("Version"),
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose one. With none to choose this person is asked nothing now.")},
        ),
        "answer": forms.ChoiceField(label=_("They"), choices=ANSWERS, widget=forms.RadioSelect),
        "medium": forms.ChoiceField(label=_("How"), choices=claimed_answers.Medium.choices, widget=forms.RadioSelect),
        "on": DayField(label=_("On which day")),
        "remark": forms.CharField(
            label=_("Remark"),
            required=False,
            max_length=claimed_answers.REMARK_LENGTH,
            validators=[validate_single_line],
            help_text=_("Such as where the paper is kept. The person can read it."),
        ),
        "scan_sha256": forms.CharField(
            label=_("Fingerprint (sha256) of the scan"),
            required=False,
            validators=[hex_digits],
            help_text=_("Of the file, where there is one. The file itself is not uploaded."),
        ),
    }
    return cast("type[forms.Form]", type("ClaimForm", (forms.Form,), fields))
