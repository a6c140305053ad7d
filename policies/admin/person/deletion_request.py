"""Requests to be deleted: a list with the day by which each has to be answered, and closing one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock
from policies.acceptance import leaving
from policies.admin.desk.base import ReadOnlyAdmin, number_in, user_of
from policies.admin.desk.verb_page import Outcome, VerbPage, confirm
from policies.models import DeletionRequest


class OpenFilter(admin.SimpleListFilter):
    """Open ones, unless somebody asks for more."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("closed", _("closed")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("open")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeletionRequest]) -> QuerySet[DeletionRequest]:
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "closed")


class CloseForm(forms.Form):
    outcome = forms.CharField(
        label=_("Outcome"),
        max_length=leaving.OUTCOME_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was done, or on what ground it was refused. The person can read it."),
    )


@admin.register(DeletionRequest)
class DeletionRequestAdmin(ReadOnlyAdmin):
    """Support and counsel see what is open, the most pressing first, and close what was answered."""

    list_display = ("asked_on", "due", "policy", "who", "is_mailed", "state")
    list_display_links = ("asked_on",)
    list_filter = (OpenFilter, "policy")
    list_select_related = ("policy", "person")
    ordering = ("due_on", "id")

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(self.close)
        return [path("<int:pk>/close/", close, name="policies_deletionrequest_close"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A request has one page: where it is closed."""
        return redirect("admin:policies_deletionrequest_close", number_in(object_id))

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say how a request was answered: it is no longer shown as open."""
        found = get_object_or_404(DeletionRequest.objects.select_related("policy", "person"), pk=pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            leaving.close(request=found, outcome=data["outcome"], by=user_of(request), at=clock.now())
            return Outcome(gettext("Closed."), back)

        back = reverse("admin:policies_deletionrequest_changelist")
        page = VerbPage(
            title=gettext("Deletion request about the %(policy)s") % {"policy": found.policy},
            button=gettext("Close this request"),
            permission="change_deletionrequest",
            is_binding=True,
            paragraphs=tuple(_paragraphs(found)),
            form_class=CloseForm,
            template="admin/policies/deletionrequest/close.html",
            values={"found": found},
        )
        return confirm(request, page=page, of=self, obj=found, act=act, back=back)

    @admin.display(description=_("asked"), ordering="asked_at")
    def asked_on(self, found: DeletionRequest) -> str:
        return formats.date_format(found.asked_at.astimezone(found.policy.zone), "DATE_FORMAT")

    @admin.display(description=_("to be answered by"), ordering="due_on")
    def due(self, found: DeletionRequest) -> str:
        shown = formats.date_format(found.due_on, "DATE_FORMAT")
        is_late = found.closed_at is None and leaving.is_overdue(found, at=clock.now())
        return gettext("%s (overdue)") % shown if is_late else shown

    @admin.display(description=_("person"), ordering="person_id")
    def who(self, found: DeletionRequest) -> str:
        """By number: whoever answers opens one person at a time."""
        return f"#{found.person_id}"

    @admin.display(description=_("contact was mailed"), boolean=True)
    def is_mailed(self, found: DeletionRequest) -> bool:
        return found.mailed_at is not None

    @admin.display(description=_("state"))
    def state(self, found: DeletionRequest) -> str:
        return gettext("closed: %s") % found.outcome if found.closed_at else gettext("open")


def _paragraphs(found: DeletionRequest) -> list[str]:
    zone = found.policy.zone
    asked = formats.date_format(found.asked_at.astimezone(zone), "DATE_FORMAT")
    due = formats.date_format(found.due_on, "DATE_FORMAT")
    said = [gettext("Asked on %(asked)s; to be answered by %(due)s.") % {"asked": asked, "due": due}]
    if found.mailed_at:
        said.append(gettext("%(contact)s was mailed about it.") % {"contact": found.policy.contact})
    else:
        said.append(gettext("The mail to %(contact)s is still to go out.") % {"contact": found.policy.contact})
    if found.closed_at:
        said.append(gettext("Closed: %(outcome)s") % {"outcome": found.outcome})
    elif found.person.legal_hold:
        said.append(gettext("A legal hold is set for this person: nothing is erased until it is lifted."))
    else:
        said.append(
            gettext("Erasing is a command, so that nobody is erased by a click: manage.py erase_person #%(pk)d")
            % {"pk": found.person_id}
        )
    return said
