"""Promises: attributed readings of change clauses. A new reading is recorded from the page of its version."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from policies.admin.desk.base import ReadOnlyAdmin
from policies.models import Promise, PromiseTier


class PromiseTierInline(admin.StackedInline):  # type: ignore[type-arg]
    model = PromiseTier
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Promise)
class PromiseAdmin(ReadOnlyAdmin):
    list_display = ("version", "effective", "never_retroactive", "read_by", "read_at")
    list_filter = ("version__policy",)
    list_select_related = ("version__policy", "read_by")
    inlines = (PromiseTierInline,)
    ordering = ("-id",)
