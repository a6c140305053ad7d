"""People bound by policies: found one at a time by support, listed for counsel."""

from itertools import chain
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from policies import clock, language_names
from policies.acceptance.sessions.open_sessions import Whose
from policies.admin.desk import ending_sessions
from policies.admin.desk.base import ReadOnlyAdmin, frame, may, number_in
from policies.admin.desk.evidence_pack import hand_out
from policies.admin.desk.verb_page import confirm
from policies.admin.person import claiming, people_import
from policies.admin.person import page as person_page
from policies.admin.person import waiving as person_waiving
from policies.evidence.pack import packing
from policies.models import MailTemplate, Person, Policy, VersionText
from policies.notices.returns.mail_addresses import masked


class InLanguage(admin.SimpleListFilter):
    """People of one language, however it is spoken."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those of our own words, of texts and of mails: a look at everybody would take long where there are many."""
        written = (each.objects.values_list("language", flat=True).distinct() for each in (VersionText, MailTemplate))
        tags = [*dict(settings.LANGUAGES), *chain.from_iterable(written)]
        spoken = {tag.partition("-")[0] for tag in tags}
        return sorted(((tag, language_names.name_of(tag)) for tag in spoken), key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        chosen = self.value()
        return queryset.filter(Q(language=chosen) | Q(language__startswith=f"{chosen}-")) if chosen else queryset


class InAudience(admin.SimpleListFilter):
    """People in one audience, whatever others they are in."""

    title = _("audience")
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(tag, tag) for tag in sorted(Policy.objects.known_audiences())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        return queryset.filter(audiences__any_of=(self.value(),)) if self.value() else queryset


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Counsel sees the list and whole addresses; support searches for one person and sees a masked address."""

    list_display = ("__str__", "external_id", "masked_address", "language", "audiences", "joined_at", "closed_at")
    list_filter = (InLanguage, InAudience)
    search_fields = ("external_id__iexact", "address__iexact", "name__iexact")
    search_help_text = _("The whole name, e-mail address or external id of one person.")
    ordering = ("id",)
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_people), name="policies_person_import"),
            path("<int:pk>/evidence/", view(self.evidence), name="policies_person_evidence"),
            path("<int:pk>/waive/", view(self.waive), name="policies_person_waive"),
            path("<int:pk>/claim/", view(self.claim), name="policies_person_claim"),
            path("<int:pk>/end-waiver/", view(self.end_waiver), name="policies_person_end_waiver"),
            path("<int:pk>/end-sessions/", view(self.end_sessions), name="policies_person_end_sessions"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What applied to this person at an instant, and what they were told, shown and answered."""
        person = get_object_or_404(Person, pk=number_in(object_id))
        if not self.has_view_permission(request, person):
            raise PermissionDenied
        context = {
            **frame(self, request, person, str(person)),
            "language": language_names.name_of(person.language),
            "person": person_page.build(person, request.GET, now=clock.now()),
            "address": person.address if may(request, "view_evidence") else masked(person.address) or "–",
        }
        return render(request, "admin/policies/person/read.html", context)

    def evidence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything about this person as a pack that verifies itself."""
        person = get_object_or_404(Person, pk=pk)
        back = reverse("admin:policies_person_change", args=[pk])
        return hand_out(request, scope=packing.of_person(person), of=self, obj=person, back=back)

    def import_people(self, request: HttpRequest) -> HttpResponse:
        """Add and change people from a file."""
        return people_import.bring_in(request, of=self)

    def claim(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record what this person answered on paper or by phone."""
        return claiming.claim(request, get_object_or_404(Person, pk=pk), of=self)

    def waive(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let this person off one answer."""
        return person_waiving.waive(request, get_object_or_404(Person, pk=pk), of=self)

    def end_waiver(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask this person again what they were let off."""
        return person_waiving.end_waiver(request, get_object_or_404(Person, pk=pk), of=self)

    def end_sessions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign this person out wherever they are; a user that they are stays signed in."""
        person = get_object_or_404(Person, pk=pk)
        back = reverse("admin:policies_person_change", args=[pk])
        asked = ending_sessions.verb(request, Whose(None, person), name=str(person), then=back)
        return confirm(request, page=asked.page, of=self, obj=person, act=asked.act, back=back)

    def columns(self, request: HttpRequest) -> tuple[str, ...]:
        address = "address" if may(request, "view_evidence") else "masked_address"
        return tuple(address if name == "masked_address" else name for name in self.list_display)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Person], search_term: str
    ) -> tuple[QuerySet[Person], bool]:
        """Without a search, support sees nobody: one person at a time."""
        if not search_term and not may(request, "view_evidence"):
            return queryset.none(), False
        # One whole term: names have blanks in them, and half a name would list half the people.
        return super().get_search_results(request, queryset, f'"{search_term}"' if search_term else "")

    @admin.display(description=_("e-mail address"))
    def masked_address(self, person: Person) -> str:
        return masked(person.address) or "–"
