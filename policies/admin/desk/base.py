"""What every page of the desk shares: AuditEvent is the record, and nothing is deleted in passing."""

from functools import cache
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from policies import clock
from policies.admin.desk.instant_formats import in_utc
from policies.models import AuditEvent, Policy, User


def user_of(request: HttpRequest) -> User:
    """Whoever is signed in; the desk's views let nobody else through."""
    return cast("User", request.user)


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the person at the desk holds one of this app's permissions, such as `publish_version`."""
    return user_of(request).has_perm(f"policies.{permission}")


class DeskList(ChangeList):
    """A list that says of a filter nobody can mean, such as the year 9999, what Django says of one it cannot read."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        try:
            found = super().get_queryset(request, exclude_parameters)
            found.query.sql_with_params()
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        except EmptyResultSet:
            return found.none()
        return found


class DeskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page of the desk whose changes go into the audit record instead of Django's own log."""

    def get_changelist(self, request: HttpRequest, **_options: Any) -> type[ChangeList]:
        return DeskList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its own name, instead of “Select ... to change”."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """The columns; instants among them with their zone."""
        return tuple(self._with_zone(name) for name in self.columns(request))

    def columns(self, request: HttpRequest) -> tuple[str, ...]:
        """What is shown of each row to whoever asks."""
        return tuple(map(str, self.list_display))

    def _with_zone(self, name: str) -> Any:
        field = next((each for each in self.opts.get_fields() if each.name == name), None)
        if not isinstance(field, models.DateTimeField):
            return name

        return _zoned(field.verbose_name, name)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django refuses fields by which no row may be found, and takes an empty `_to_field` for one."""
        return super().get_object(request, object_id, from_field or None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No actions: many rows at once is how accidents happen here."""
        return {}

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        self._record(request, obj, "added", message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        self._record(request, obj, "changed", message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        for row in queryset:
            self._record(request, row, "deleted", [])

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the audit record of this row."""
        query = urlencode({f"{self.opts.model_name}__id__exact": object_id})
        return redirect(f"{reverse('admin:policies_auditevent_changelist')}?{query}")

    def _record(self, request: HttpRequest, obj: models.Model, done: str, message: Any) -> None:
        AuditEvent.record(
            f"{self.opts.model_name}.{done}",
            by=user_of(request),
            at=clock.now(),
            policy=obj if isinstance(obj, Policy) else None,
            object=obj.pk,
            changes=message,
        )


def number_in(given: str) -> int:
    """The key that an address names; 0, which no row has, where it names none."""
    return int(given) if given.isdecimal() and len(given) < 19 else 0


def frame(of: admin.ModelAdmin, request: HttpRequest, obj: models.Model, title: str) -> dict[str, Any]:  # type: ignore[type-arg]
    """What the desk's own pages about one row need of Django's frame."""
    return {
        **of.admin_site.each_context(request),
        "opts": of.opts,
        "original": obj,
        "title": title,
    }


@cache
def _zoned(label: str, name: str) -> Any:
    """An instant as the desk prints it; one function for each column, by which Django knows it again."""

    @admin.display(description=label, ordering=name)
    def shown(row: models.Model) -> str:
        instant = getattr(row, name)
        return in_utc(instant) if instant else "–"

    shown.__name__ = name
    return shown


class ReadOnlyAdmin(DeskAdmin):
    """Records that are kept for ever: to be read by those with the right, changed by nobody, superusers included."""

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        """All of a row; instants with their zone."""
        given = self.fields or [field.name for field in self.opts.fields if field.editable]
        return [self._with_zone(str(name)) for name in given]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
