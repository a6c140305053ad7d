"""The verbs about a webhook: what each page says, and what its button does."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock, tasks
from policies.admin.desk import secret_page
from policies.admin.desk.base import user_of
from policies.admin.desk.forms import ReasonForm
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.webhook import page as webhook_page
from policies.models import WebhookDelivery, WebhookEndpoint, WebhookKind
from policies.models.fields import validate_single_line
from policies.webhooks import endpoints

KINDS = [(kind.value, f"{kind.value}: {kind.label}") for kind in WebhookKind if kind != WebhookKind.TEST]


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[validate_single_line])
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("https://…, where your program takes POST requests.")
    )
    kinds = forms.MultipleChoiceField(label=_("It hears when"), choices=KINDS, widget=forms.CheckboxSelectMultiple)


def edit(request: HttpRequest, endpoint: WebhookEndpoint) -> Verb:
    """Change where it leads and what it hears."""

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
    return Verb(page, act)


def secret(request: HttpRequest, endpoint: WebhookEndpoint) -> Verb:
    """Give it a new secret and show it, once."""

    def act(_data: Mapping[str, Any]) -> HttpResponse:
        secret = endpoints.change_secret(endpoint=endpoint, by=user_of(request), at=clock.now())
        return show_secret(request, endpoint, secret)

    page = VerbPage(
        title=gettext("Change the secret"),
        button=gettext("Make a new secret"),
        permission="change_webhookendpoint",
        is_binding=True,
        paragraphs=(gettext("The next page shows the new secret, once. For 24 hours every call is signed with both."),),
    )
    return Verb(page, act)


def off(request: HttpRequest, endpoint: WebhookEndpoint) -> Verb:
    """Call it no more."""

    def act(data: Mapping[str, Any]) -> Outcome:
        endpoints.turn_off(endpoint=endpoint, reason=data["reason"], by=user_of(request), at=clock.now())
        return Outcome(gettext("Off: nothing is sent there any more."), webhook_page.url(endpoint))

    page = VerbPage(
        title=gettext("Turn this webhook off"),
        button=gettext("Turn off"),
        permission="change_webhookendpoint",
        is_binding=False,
        paragraphs=(gettext("What waits is cancelled. What happens while it is off is not told later."),),
        is_grave=True,
        form_class=ReasonForm,
    )
    return Verb(page, act)


def on(request: HttpRequest, endpoint: WebhookEndpoint) -> Verb:
    """Call it again."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        endpoints.turn_on(endpoint=endpoint, by=user_of(request), at=clock.now())
        return Outcome(gettext("On: what happens from now on is told."), webhook_page.url(endpoint))

    page = VerbPage(
        title=gettext("Turn this webhook on"),
        button=gettext("Turn on"),
        permission="change_webhookendpoint",
        is_binding=False,
        paragraphs=(gettext("Calls that were cancelled can be sent again one by one."),),
    )
    return Verb(page, act)


def test(_request: HttpRequest, endpoint: WebhookEndpoint) -> Verb:
    """Call it once, with a message that says it is a test."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        endpoints.test(endpoint=endpoint, at=clock.now())
        tasks.ring()
        return Outcome(gettext("The test is on its way: reload to see the answer."), webhook_page.url(endpoint))

    page = VerbPage(
        title=gettext("Send a test"),
        button=gettext("Send a test"),
        permission="change_webhookendpoint",
        is_binding=False,
        paragraphs=(gettext("One call of the type webhook.test, signed like all others."),),
    )
    return Verb(page, act)


def again(request: HttpRequest, endpoint: WebhookEndpoint, number: int) -> Verb:
    """Send one message once more."""
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
        is_binding=False,
        paragraphs=(
            f"{delivery.message.kind}, {delivery.message.message_id}",
            gettext("The same bytes under the same id: a receiver that has it already ignores it."),
        ),
    )
    return Verb(page, act)


def show_secret(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    """The page on which the secret is seen, once."""
    shown = secret_page.Secret(
        title=gettext("The secret of %(name)s") % {"name": endpoint.name},
        value=secret,
        words=gettext("Your program checks the signature of every call with it. It is kept nowhere."),
        then=webhook_page.url(endpoint),
    )
    return secret_page.show(request, shown, of=admin.site.get_model_admin(WebhookEndpoint), obj=endpoint)
