"""Looks: the one in use, those before it, and what is prepared."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from policies.admin.desk.base import ReadOnlyAdmin, frame, may, number_in
from policies.admin.desk.verb_page import WithVerbs, confirm
from policies.admin.look import look_preview
from policies.admin.look import page as look_page
from policies.admin.look import verbs as look_verbs
from policies.models import Appearance


@admin.register(Appearance)
class AppearanceAdmin(WithVerbs, ReadOnlyAdmin):
    """Prepared by a form, seen in a frame, put into use by a verb. Those before are kept, and can be taken up again."""

    list_display = ("__str__", "state", "name", "at", "by")
    list_select_related = ("by",)
    ordering = ("-id",)
    verbs = {
        "edit": look_verbs.edit,
        "use": look_verbs.use,
        "again": look_verbs.again,
        "discard": look_verbs.discard,
    }
    pages = {
        "page/<str:language>": look_preview.page,
        "mail/<str:language>": look_preview.mail,
        "sheet": look_preview.sheet,
        "logo": look_preview.logo,
    }

    def row(self, pk: int) -> Appearance:
        return _look(pk)

    def back_to(self, obj: Appearance) -> str:
        return look_page.url(obj)

    @admin.display(description=_("state"))
    def state(self, look: Appearance) -> str:
        return look_page.state_of(look, Appearance.objects.used().first())[0]

    @admin.display(description=_("name"))
    def name(self, look: Appearance) -> str:
        return look.organization or settings.ORGANIZATION

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Whoever may change the terms of policies: these words stand around them."""
        return may(request, look_verbs.MAY)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, look_verbs.MAY)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Prepare a look."""
        verb = look_verbs.new(request)
        new = Appearance()
        return confirm(request, page=verb.page, of=self, obj=new, act=verb.act, back=reverse(look_page.LIST))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How it looks."""
        look = _look(number_in(object_id))
        if not self.has_view_permission(request, look):
            raise PermissionDenied
        asked = request.GET.get("language") or get_language() or ""
        language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        page = look_page.build(look, language=language, may_change=may(request, look_verbs.MAY))
        context = {
            **frame(self, request, look, str(look)),
            "page": page,
            "mail": look_preview.mail_of(look, language),
            "mail_url": look_page.url(look, "mail", language),
        }
        return render(request, "admin/policies/appearance/change_form.html", context)


def _look(pk: int) -> Appearance:
    return get_object_or_404(Appearance.objects.select_related("by", "prepared_by"), pk=pk)
