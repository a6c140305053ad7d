"""People bound by policies: found one at a time by support, listed for counsel."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from policies.admin.base import ReadOnlyAdmin, may
from policies.models import Person


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Counsel sees the list and whole addresses; support searches for one person and sees a masked address."""

    list_display = ("__str__", "external_id", "masked_address", "language", "audience_tag", "joined_at", "closed_at")
    list_filter = ("language", "audience_tag")
    search_fields = ("external_id__iexact", "address__iexact", "name__iexact")
    search_help_text = _("The whole name, e-mail address or external id of one person.")
    ordering = ("id",)
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        address = "address" if may(request, "view_evidence") else "masked_address"
        return (
            "name",
            "external_id",
            address,
            "language",
            "audience_tag",
            "guardian",
            "joined_at",
            "closed_at",
            "legal_hold",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
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
        return mask(person.address)


def mask(address: str) -> str:
    """Such as “u***@example.org”: enough to confirm an address somebody reads out, too little to write to it."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}" if address else "–"
