"""Bringing people in from a file at the desk: a page that checks it, and one press that writes it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock, people_import
from policies.admin.desk.base import ReadOnlyAdmin, user_of
from policies.admin.desk.verb_page import Outcome, VerbPage, confirm
from policies.models import Person

LARGEST_FILE = 5 * 1024 * 1024


class PeopleForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"), help_text=_("As Excel saves it, too; its first line names the columns. At most 5 MB.")
    )
    is_dry_run = forms.BooleanField(
        label=_("Only check it: write nothing"), required=False, initial=True, help_text=_("Untick to write it.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("It is larger than 5 MB. Use manage.py import_people on the server."))
        return file


def bring_in(request: HttpRequest, *, of: ReadOnlyAdmin) -> HttpResponse:
    """Check a file, or write it: one verb, which writes nothing where a line is wrong."""
    back = reverse("admin:policies_person_changelist")

    def act(data: Mapping[str, Any]) -> Outcome:
        is_dry_run, at = data["is_dry_run"], clock.now()
        with people_import.reading(data["file"]) as source:
            report = (
                people_import.check(source, at=at)
                if is_dry_run
                else people_import.bring_in(source, name=data["file"].name, by=user_of(request), at=at)
            )
        if report.problems:
            raise ValidationError([gettext("Nothing was written."), *map(str, report.problems)])
        counts = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
        if is_dry_run:
            words = gettext("It would add %(created)d people, change %(changed)d, leave %(unchanged)d as they are.")
            return Outcome(f"{words % counts} {report.read_as}".strip(), request.path)
        words = gettext("Added %(created)d people, changed %(changed)d, left %(unchanged)d as they are.")
        return Outcome(f"{words % counts} {report.read_as}".strip(), back)

    page = VerbPage(
        title=gettext("Bring in people from a file"),
        button=gettext("Go on"),
        permission="import_people",
        is_binding=True,
        paragraphs=(
            gettext("Columns: %s. Only external_id is needed; an empty cell leaves what is there.")
            % ", ".join(people_import.COLUMNS),
            gettext("With one mistake in the file nothing is written. Users and their rights are never changed."),
        ),
        form_class=PeopleForm,
    )
    return confirm(request, page=page, of=of, obj=Person(name=gettext("People")), act=act, back=back)
