"""The audit record: who did what at the desk, when."""

import json

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from policies.admin.desk.base import ReadOnlyAdmin
from policies.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "policy", "version_name", "details")
    list_filter = ("verb", "policy", "actor")
    list_select_related = ("actor", "policy")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("at", "actor", "verb", "policy", "version_name", "details")
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup in {"policy__id__exact", "version__id__exact", "user__id__exact"} or super().lookup_allowed(
            lookup,
            value,
            request,  # type: ignore[arg-type]
        )

    @admin.display(description=_("version"))
    def version_name(self, event: AuditEvent) -> str:
        # A draft that was discarded leaves its events behind.
        return str(event.version) if event.version_id and hasattr(event.version, "pk") else "–"

    @admin.display(description=_("details"))
    def details(self, event: AuditEvent) -> str:
        return json.dumps(event.data, ensure_ascii=False, sort_keys=True) if event.data else "–"
