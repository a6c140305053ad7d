"""The desk: Django's admin behind allauth's sign-in, for staff who gave their second factor."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from policies.sign_in import desk_door, showing_again
from policies.sign_in.desk_door import Lacking

AT_THE_DESK = "policies"
PASSWORD_PAGES = {"password_change", "password_change_done"}


class Desk(AdminSite):
    """Where policies are written, reviewed and published."""

    site_title = _("Desk")
    site_header = _("The desk")
    index_title = _("Policies and their versions")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return desk_door.lacking(request) is None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """
        Leave out the tables of other apps, which keep neither our rules nor our record.

        Sign-in addresses and second factors are changed by their owners alone; what a role may do comes with `migrate`.
        """
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        kept = [model for model in models if model._meta.app_label == AT_THE_DESK]
        super().register(kept, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """No password is set here (`manage.py changepassword` does): a session that was stolen could set one."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in PASSWORD_PAGES]

    def admin_view(  # type: ignore[override]
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        return desk_door.at_the_desk(super().admin_view(view, cacheable))

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """
        Send everybody where they can show what is lacking; who has no place here is told so, and whom to ask.
        """
        wanted, lacking = _safe_next(request), desk_door.lacking(request)
        if lacking is Lacking.SIGN_IN:
            return showing_again.anew(request, then=wanted)
        if lacking is Lacking.PLACE:
            return render(request, "admin/no_desk.html", status=403)
        if lacking is Lacking.APP:
            return redirect("mfa_activate_totp")
        # Whatever else is lacking is asked for there.
        return HttpResponseRedirect(wanted)

    def logout(  # type: ignore[override]
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Hand over to allauth, which asks before it signs out."""
        return redirect("account_logout")


def _safe_next(request: HttpRequest) -> str:
    """The page of this site that was asked for, or the desk's first page."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if allowed else reverse("admin:index")
