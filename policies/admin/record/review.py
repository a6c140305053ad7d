"""Reviews: what each reviewer answered to which manifest."""

from django.contrib import admin

from policies.admin.desk.base import ReadOnlyAdmin
from policies.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "answer", "version", "solo", "agrees_to_override")
    list_filter = ("answer", "version__policy", "solo")
    list_select_related = ("by", "version__policy")
    ordering = ("-id",)
