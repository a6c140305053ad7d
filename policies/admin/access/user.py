"""Users: the credentials of those at the desk, and of people who sign in. Made by superusers only."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from policies import account_mail, clock
from policies.admin.desk.base import DeskAdmin, user_of
from policies.models import AuditEvent, User
from policies.sign_in.showing_again import asking_again


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """No password: whoever has none signs in by a code sent to the address."""

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_staff", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


def rights_in(values: Mapping[str, Any]) -> set[str]:
    """What the values of a user's form let them do: their roles, working at the desk at all, signing in."""
    rights = {group.name for group in values.get("groups", ())}
    return rights | {name for name, field in (("desk", "is_staff"), ("signing in", "is_active")) if values.get(field)}


@admin.register(User)
class UserAdmin(DeskAdmin):
    form = UserForm
    list_display = ("email", "name", "is_staff", "is_active", "roles")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Roles are given by somebody who has just shown who they are."""
        return asking_again(super().changeform_view)(request, object_id, form_url, extra_context)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            event = AuditEvent.record("user.address_changed", by=user_of(request), at=clock.now(), user=obj.pk)
            account_mail.announce(event, user=obj, words="mail/user_address_changed", address=form.initial["email"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put on the record what somebody may do from now on, and what no more."""
        super().save_related(request, form, formsets, change)
        before, after = rights_in(form.initial if change else {}), rights_in(form.cleaned_data)
        for verb, rights in (("right.taken", before - after), ("right.given", after - before)):
            for right in sorted(rights):
                AuditEvent.record(verb, by=user_of(request), at=clock.now(), user=form.instance.pk, right=right)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Somebody who leaves is made inactive: their name stays on what they did."""
        return False
