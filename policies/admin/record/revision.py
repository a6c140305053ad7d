"""Revisions: every saved edit of a draft. They are compared and restored from the page of their version."""

from django.contrib import admin

from policies.admin.desk.base import ReadOnlyAdmin
from policies.models import Revision


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "version", "number", "remark")
    list_filter = ("version__policy",)
    list_select_related = ("by", "version__policy")
    ordering = ("-id",)
    fields = ("version", "number", "by", "at", "remark", "content")
