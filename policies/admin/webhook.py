"""Webhooks: where other programs hear what happened; how their calls fare; test, send again, turn off."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock, tasks
from policies.admin import secret_page, webhook_page
from policies.admin.base import ReadOnlyAdmin, frame, may, number_in, user_of
from policies.admin.forms import ReasonForm
from policies.admin.verbs import Act, Outcome, VerbPage, confirm
from policies.models import WebhookDelivery, WebhookEndpoint, WebhookKind
from policies.models.fields import validate_single_line
from policies.webhooks import endpoints

LIST = "admin:policies_webhookendpoint_changelist"
KINDS = [(kind.value, f"{kind.value}: {kind.label}") for kind in WebhookKind if kind != WebhookKind.TEST]


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[validate_single_line])
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("https://…, where your program takes POST requests.")
    )
    kinds = forms.MultipleChoiceField(label=_("It hears when"), choices=KINDS, widget=forms.CheckboxSelectMultiple)


@admin.register(WebhookEndpoint)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("name", "url", "state", "created_at")
    ordering = ("id",)
    verb_names = ("edit", "secret", "off", "on", "test")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        again = path("<int:pk>/again/<int:number>/", view(self.again), name="policies_webhookendpoint_again")
        return [*self.verb_urls(*self.verb_names), again, *super().get_urls()]

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
            return self._show(request, endpoint, secret)

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
            form_class=WebhookForm,
        )
        new = WebhookEndpoint(name=gettext("Webhooks"))
        return confirm(request, page=page, of=self, obj=new, act=act, back=reverse(LIST))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change where it leads and what it hears."""
        endpoint = _endpoint(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            endpoints.change(endpoint=endpoint, **data, by=user_of(request), at=clock.now())
            return Outcome(gettext("Saved. What waits goes to this address."), webhook_page.url(endpoint))

        page = VerbPage(
            title=gettext("Change this webhook"),
            button=gettext("Save"),
            permission="change_webhookendpoint",
            is_binding=True,
            form_class=WebhookForm,
            initial={"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds},
        )
        return self._confirm(request, endpoint, page, act)

    def secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give it a new secret and show it, once."""
        endpoint = _endpoint(pk)

        def act(_data: Mapping[str, Any]) -> HttpResponse:
            secret = endpoints.change_secret(endpoint=endpoint, by=user_of(request), at=clock.now())
            return self._show(request, endpoint, secret)

        page = VerbPage(
            title=gettext("Change the secret"),
            button=gettext("Make a new secret"),
            permission="change_webhookendpoint",
            is_binding=True,
            paragraphs=(
                gettext("The next page shows the new secret, once. For 24 hours every call is signed with both."),
            ),
        )
        return self._confirm(request, endpoint, page, act)

    def off(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call it no more."""
        endpoint = _endpoint(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            endpoints.turn_off(endpoint=endpoint, reason=data["reason"], by=user_of(request), at=clock.now())
            return Outcome(gettext("Off: nothing is sent there any more."), webhook_page.url(endpoint))

        page = VerbPage(
            title=gettext("Turn this webhook off"),
            button=gettext("Turn off"),
            permission="change_webhookendpoint",
            paragraphs=(gettext("What waits is cancelled. What happens while it is off is not told later."),),
            is_grave=True,
            form_class=ReasonForm,
        )
        return self._confirm(request, endpoint, page, act)

    def on(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call it again."""
        endpoint = _endpoint(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            endpoints.turn_on(endpoint=endpoint, by=user_of(request), at=clock.now())
            return Outcome(gettext("On: what happens from now on is told."), webhook_page.url(endpoint))

        page = VerbPage(
            title=gettext("Turn this webhook on"),
            button=gettext("Turn on"),
            permission="change_webhookendpoint",
            paragraphs=(gettext("Calls that were cancelled can be sent again one by one."),),
        )
        return self._confirm(request, endpoint, page, act)

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call it once, with a message that says it is a test."""
        endpoint = _endpoint(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            endpoints.test(endpoint=endpoint, at=clock.now())
            tasks.ring()
            return Outcome(gettext("The test is on its way: reload to see the answer."), webhook_page.url(endpoint))

        page = VerbPage(
            title=gettext("Send a test"),
            button=gettext("Send a test"),
            permission="change_webhookendpoint",
            paragraphs=(gettext("One call of the type webhook.test, signed like all others."),),
        )
        return self._confirm(request, endpoint, page, act)

    def again(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Send one message once more."""
        endpoint = _endpoint(pk)
        found = WebhookDelivery.objects.select_related("message", "endpoint")
        delivery = get_object_or_404(found, pk=number, endpoint=endpoint)

        def act(_data: Mapping[str, Any]) -> Outcome:
            endpoints.send_again(delivery=delivery, by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("It is on its way again."), webhook_page.url(endpoint))

        page = VerbPage(
            title=gettext("Send this message again"),
            button=gettext("Send again"),
            permission="change_webhookendpoint",
            paragraphs=(
                f"{delivery.message.kind}, {delivery.message.message_id}",
                gettext("The same bytes under the same id: a receiver that has it already ignores it."),
            ),
        )
        return self._confirm(request, endpoint, page, act)

    def _show(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        shown = secret_page.Secret(
            title=gettext("The secret of %(name)s") % {"name": endpoint.name},
            value=secret,
            words=gettext("Your program checks the signature of every call with it. It is kept nowhere."),
            then=webhook_page.url(endpoint),
        )
        return secret_page.show(request, shown, of=self, obj=endpoint)

    def _confirm(self, request: HttpRequest, endpoint: WebhookEndpoint, page: VerbPage, act: Act) -> HttpResponse:
        return confirm(request, page=page, of=self, obj=endpoint, act=act, back=webhook_page.url(endpoint))


def _endpoint(pk: int) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint, pk=pk)
