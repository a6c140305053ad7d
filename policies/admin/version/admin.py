"""Versions: the list, the page of a draft with its editor, the page of a published version, and every verb."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from policies import clock
from policies.admin.desk.base import may, number_in
from policies.admin.desk.page_links import version_url
from policies.admin.desk.verb_page import WithVerbs
from policies.admin.policy import page as policy_page
from policies.admin.version.draft import editor as version_editor
from policies.admin.version.draft import verbs as version_drafting
from policies.admin.version.publication import mail_page, roll_page, translation
from policies.admin.version.publication import rehearsal as version_rehearsal
from policies.admin.version.publication import verbs as version_publication
from policies.admin.version.shared import version_or_404
from policies.models import Version


@admin.register(Version)
class VersionAdmin(WithVerbs):
    """A version: edited while it is a draft, read for ever once it is published."""

    list_display = ("__str__", "state", "short_class", "takes_effect", "edited_at")
    list_filter = ("policy", "status", "change_class")
    list_select_related = ("policy",)
    search_fields = ("policy__title", "texts__title")
    ordering = ("-edited_at",)
    verbs = {
        "submit": version_drafting.submit,
        "review": version_drafting.answer,
        "correct": version_drafting.correct,
        "rebase": version_drafting.rebase,
        "discard": version_drafting.discard,
        "restore/<int:number>": version_drafting.restore,
        "tidy": version_drafting.tidy,
        "publish": version_publication.publish,
        "check-deliverability": version_publication.check_deliverability,
        "postpone": version_publication.postpone,
        "bring-forward": version_publication.bring_forward,
        "withdraw": version_publication.withdraw,
        "start-from": version_drafting.start_from,
        "test-mail": mail_page.trial_mail,
        "translate": translation.translate,
        "translation/<str:language>": translation.answer,
        "take-translation-back/<str:language>": translation.take_back,
    }
    pages = {
        "revisions": version_drafting.revisions,
        "rehearsal": version_rehearsal.rehearsal,
        "rehearsed": version_rehearsal.rehearsed,
        "promise": version_publication.promise,
        "evidence": version_publication.evidence,
        "roll": roll_page.roll,
        "roll-csv": roll_page.roll_csv,
        "mail/<str:language>": mail_page.mail,
    }

    @admin.display(description=_("state"))
    def state(self, version: Version) -> str:
        return str(policy_page.state_of(version, clock.now())[0])

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Version]:
        """With the answer to “is it in force”, which the list would otherwise ask row by row."""
        now_in_force = Version.objects.in_force(clock.now()).filter(pk=models.OuterRef("pk"))
        versions: models.QuerySet[Version] = super().get_queryset(request)
        return versions.annotate(is_in_force=models.Exists(now_in_force))

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

    def row(self, pk: int) -> Version:
        return version_or_404(pk)

    def back_to(self, obj: Version) -> str:
        return version_url(obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """
        The page of one version. Django's own view is not called: it would wrap the save in a transaction.
        """
        version = version_or_404(number_in(object_id))
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        if version.is_published or not may(request, "change_version"):
            if request.method == "POST":
                return version_editor.too_late(self, request, version)
            return version_editor.read(self, request, version)
        if request.method == "POST":
            return version_editor.save(self, request, version)
        return version_editor.edit(self, request, version)
