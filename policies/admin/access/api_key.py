"""Keys for programs: made, their secret shown once, watched, revoked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import api_keys, clock
from policies.admin.desk import secret_page
from policies.admin.desk.base import ReadOnlyAdmin, user_of
from policies.admin.desk.verb_page import Outcome, VerbPage, confirm
from policies.models import ApiKey, Scope
from policies.models.fields import validate_single_line

LIST = "admin:policies_apikey_changelist"


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[validate_single_line],
        help_text=_("Which program it is for; the evidence shows it as the source of the answers it records."),
    )
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Empty: never. Revoke it when the program is given up."),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """What a key may do never changes: make a new one and revoke the old one."""

    list_display = ("name", "begins", "may", "state", "created_at", "last_used_at", "expires_at")
    list_display_links = None
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(self.revoke)
        return [path("<int:pk>/revoke/", revoke, name="policies_apikey_revoke"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super(ReadOnlyAdmin, self).has_add_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a key and show its secret, once."""

        def act(data: Mapping[str, Any]) -> HttpResponse:
            key, secret = api_keys.create(
                name=data["name"],
                scopes=data["scopes"],
                period=timedelta(days=data["days"]) if data["days"] else None,
                by=user_of(request),
                at=clock.now(),
            )
            shown = secret_page.Secret(
                title=gettext("The key of %(name)s") % {"name": key.name},
                value=secret,
                words=gettext("Send it with every call: Authorization: Bearer … Only its fingerprint is kept."),
                then=reverse(LIST),
            )
            return secret_page.show(request, shown, of=self, obj=key)

        page = VerbPage(
            title=gettext("Make an API key"),
            button=gettext("Make the key"),
            permission="add_apikey",
            is_binding=True,
            paragraphs=(gettext("Whatever a key may do, it can change no user’s address and no right."),),
            form_class=KeyForm,
        )
        return confirm(request, page=page, of=self, obj=ApiKey(name=gettext("API keys")), act=act, back=reverse(LIST))

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let no call through with this key any more."""
        key = get_object_or_404(ApiKey, pk=pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            api_keys.revoke(key=key, by=user_of(request), at=clock.now())
            return Outcome(gettext("Revoked: calls with this key are refused from now on."), reverse(LIST))

        page = VerbPage(
            title=gettext("Revoke this key"),
            button=gettext("Revoke for good"),
            permission="change_apikey",
            is_binding=False,
            paragraphs=(gettext("The program that uses it is refused at once. What it recorded stays on the record."),),
            is_grave=True,
        )
        return confirm(request, page=page, of=self, obj=key, act=act, back=reverse(LIST))

    @admin.display(description=_("begins with"))
    def begins(self, key: ApiKey) -> str:
        return f"{key.prefix}…" if key.prefix else "–"

    @admin.display(description=_("may"))
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description=_("state"))
    def state(self, key: ApiKey) -> SafeString:
        if key.revoked_at:
            return format_html("{}", gettext("revoked"))
        if key.expires_at and key.expires_at <= clock.now():
            return format_html("{}", gettext("expired"))
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:policies_apikey_revoke", args=[key.pk]), gettext("Revoke…")
        )
