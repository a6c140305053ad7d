"""Versions: the list, the page of a draft with its editor, the page of a published version, and every verb."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import authoring, clock
from policies.admin import policy_page, problems, version_page
from policies.admin.base import DeskAdmin, frame, may, number_in, user_of
from policies.admin.conflict import Conflict, conflict_with
from policies.admin.places import version_url
from policies.admin.version_drafting import Drafting
from policies.admin.version_form import DraftForms
from policies.admin.version_publication import Publication
from policies.admin.version_rehearsal import Rehearsing
from policies.models import Version


@admin.register(Version)
class VersionAdmin(Drafting, Rehearsing, Publication, DeskAdmin):
    """A version: edited while it is a draft, read for ever once it is published."""

    list_display = ("__str__", "state", "short_class", "takes_effect", "edited_at")
    list_filter = ("policy", "status", "change_class")
    list_select_related = ("policy",)
    search_fields = ("policy__title", "texts__title")
    ordering = ("-edited_at",)

    @admin.display(description=_("state"))
    def state(self, version: Version) -> str:
        return str(policy_page.state_of(version, clock.now())[0])

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Version]:
        """With the answer to “is it in force”, which the list would otherwise ask row by row."""
        now_in_force = Version.objects.in_force(clock.now()).filter(pk=models.OuterRef("pk"))
        return super().get_queryset(request).annotate(is_in_force=models.Exists(now_in_force))

    @admin.display(description=_("class"), ordering="change_class")
    def short_class(self, version: Version) -> str:
        return version.get_change_class_display().split(":")[0]

    @admin.display(description=_("takes effect"), ordering="effective_at")
    def takes_effect(self, version: Version) -> str:
        return policy_page.day(version, version.effective_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version is started from its policy."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A draft is discarded by its own verb; what was published stays."""
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        verbs = self.verb_urls(*self.drafting_verbs, *self.rehearsal_pages, *self.publication_verbs)
        restore = path("<int:pk>/restore/<int:number>/", view(self.restore), name="policies_version_restore")
        return [*verbs, restore, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """
        The page of one version. Django's own view is not called: it would wrap the save in a transaction.
        """
        version = get_object_or_404(Version.objects.select_related("policy", "based_on"), pk=number_in(object_id))
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        if version.is_published or not may(request, "change_version"):
            if request.method == "POST":
                return self._too_late(request, version)
            return self._page(request, version, "admin/policies/version/read.html")
        if request.method == "POST":
            return self._save(request, version)
        forms = DraftForms(version, at=clock.now(), add=request.GET.get("language", ""))
        return self._editor(request, version, forms)

    def _save(self, request: HttpRequest, version: Version) -> HttpResponse:
        forms = DraftForms(version, at=clock.now(), data=request.POST)
        if not forms.is_valid():
            return self._editor(request, version, forms, status=422)
        goes_on = "_next" in request.POST
        if goes_on and not forms.has_changed():
            return redirect(version_url(version, "submit"))
        fields, texts = forms.for_verb
        try:
            revision = authoring.save_draft(
                version=version,
                by=user_of(request),
                at=clock.now(),
                fields=fields,
                texts=texts,
                expected_revision=forms.seen_revision,
            )
        except authoring.EditedMeanwhile as error:
            version.refresh_from_db()
            conflict = conflict_with(error.latest, texts)
            return self._editor(request, version, forms, conflict=conflict, status=409)
        except problems.EXPECTED as error:
            forms.draft.add_error(None, problems.explain(error))
            return self._editor(request, version, forms, status=409)
        messages.success(request, gettext("Saved as revision %d.") % revision.number)
        return redirect(version_url(version, "submit" if goes_on else "change"))

    def _too_late(self, request: HttpRequest, version: Version) -> HttpResponse:
        """A form of a draft that was published while somebody edited it: say so, and give the typed text back."""
        if not may(request, "change_version"):
            raise PermissionDenied
        typed = [(key, value) for key, value in request.POST.items() if key.endswith("-body")]
        messages.error(request, problems.explain(authoring.AlreadyPublished()))
        return self._page(request, version, "admin/policies/version/read.html", status=409, typed=typed)

    def _editor(
        self,
        request: HttpRequest,
        version: Version,
        forms: DraftForms,
        *,
        conflict: Conflict | None = None,
        status: int = 200,
    ) -> HttpResponse:
        media = self.media
        for form in (forms.draft, *forms.texts):
            media += form.media
        return self._page(
            request,
            version,
            "admin/policies/version/change_form.html",
            status=status,
            forms=forms,
            conflict=conflict,
            media=media,
        )

    def _page(
        self, request: HttpRequest, version: Version, template: str, *, status: int = 200, **values: Any
    ) -> HttpResponse:
        context = {
            **frame(self, request, version, str(version)),
            "desk": version_page.build(version, at=clock.now(), may=lambda right: may(request, right)),
            **values,
        }
        return render(request, template, context, status=status)
