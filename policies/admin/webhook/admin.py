"""Webhooks: where other programs hear what happened; how their calls fare; test, send again, turn off."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock
from policies.admin.desk.base import ReadOnlyAdmin, frame, may, number_in, user_of
from policies.admin.desk.verb_page import VerbPage, WithVerbs, confirm
from policies.admin.webhook import page as webhook_page
from policies.admin.webhook import verbs as webhook_verbs
from policies.models import WebhookEndpoint
from policies.webhooks import endpoints

LIST = "admin:policies_webhookendpoint_changelist"


@admin.register(WebhookEndpoint)
class WebhookAdmin(WithVerbs, ReadOnlyAdmin):
    list_display = ("name", "url", "state", "created_at")
    ordering = ("id",)
    verbs = {
        "edit": webhook_verbs.edit,
        "secret": webhook_verbs.secret,
        "off": webhook_verbs.off,
        "on": webhook_verbs.on,
        "test": webhook_verbs.test,
        "again/<int:number>": webhook_verbs.again,
    }

    def back_to(self, obj: WebhookEndpoint) -> str:
        return webhook_page.url(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super(ReadOnlyAdmin, self).has_add_permission(request)

    @admin.display(description=_("state"))
    def state(self, endpoint: WebhookEndpoint) -> str:
        return webhook_page.state_of(endpoint)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How its calls fare."""
        endpoint = _endpoint(number_in(object_id))
        if not self.has_view_permission(request, endpoint):
            raise PermissionDenied
        page = webhook_page.build(endpoint, may_change=may(request, "change_webhookendpoint"))
        context = {**frame(self, request, endpoint, endpoint.name), "page": page}
        return render(request, "admin/policies/webhookendpoint/change_form.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add a webhook and show its secret, once."""

        def act(data: Mapping[str, Any]) -> HttpResponse:
            endpoint, secret = endpoints.add(**data, by=user_of(request), at=clock.now())
            return webhook_verbs.show_secret(request, endpoint, secret)

        page = VerbPage(
            title=gettext("Add a webhook"),
            button=gettext("Add the webhook"),
            permission="add_webhookendpoint",
            is_binding=True,
            paragraphs=(
                gettext(
                    "Your program is called when something happens. Every call is signed; the secret is shown once,"
                    " on the next page."
                ),
            ),
            form_class=webhook_verbs.WebhookForm,
        )
        new = WebhookEndpoint(name=gettext("Webhooks"))
        return confirm(request, page=page, of=self, obj=new, act=act, back=reverse(LIST))


def _endpoint(pk: int) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint, pk=pk)
