"""The audit record: who did what at the desk, when."""

import json

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies.admin.desk.base import ReadOnlyAdmin
from policies.models import AuditEvent
from policies.models.audit import DELETED


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "policy_name", "version_name", "details")
    list_filter = ("verb", "policy", "actor")
    list_select_related = ("actor", "policy")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("at", "actor", "verb", "policy_name", "version_name", "details")
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup in {"policy__id__exact", "version__id__exact", "user__id__exact"} or super().lookup_allowed(
            lookup,
            value,
            request,  # type: ignore[arg-type]
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """With the name of a policy that is gone, as the event of its deletion has it."""
        deletion = AuditEvent.objects.filter(verb=DELETED, policy=OuterRef("policy_id"))
        events: QuerySet[AuditEvent] = super().get_queryset(request)
        return events.annotate(deleted_title=Subquery(deletion.values("data__title")[:1]))

    @admin.display(description=_("policy"), ordering="policy")
    def policy_name(self, event: AuditEvent) -> str:
        title = getattr(event, "deleted_title", None)
        if title is not None:
            return gettext("%(title)s (deleted)") % {"title": title}
        return str(event.policy) if event.policy_id else "–"

    @admin.display(description=_("version"))
    def version_name(self, event: AuditEvent) -> str:
        # A draft that was discarded leaves its events behind.
        return str(event.version) if event.version_id and hasattr(event.version, "pk") else "–"

    @admin.display(description=_("details"))
    def details(self, event: AuditEvent) -> str:
        return json.dumps(event.data, ensure_ascii=False, sort_keys=True) if event.data else "–"
