"""Policies: the list, the settings of one, and the verbs about it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import authoring, clock, publishing
from policies.admin import policy_page
from policies.admin.base import DeskAdmin, may, user_of
from policies.admin.forms import ConfirmUnchangedForm, ImportForm, RenameForm
from policies.admin.places import policy_url, version_url
from policies.admin.verbs import Outcome, VerbPage, confirm
from policies.models import Policy, Tier

# How people are asked, how long they have, and by when whoever leaves is answered.
ASKING = ("acceptance", "grace_period_days", "renewal_months", "is_optional", "deletion_days")


class TierInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Tier
    extra = 0


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a policy. Its address changes only through its own verb, so that the old one redirects."""

    class Meta:
        model = Policy
        fields = (
            "title",
            "slug",
            "contact",
            "language",
            "time_zone",
            "date_precision",
            "audience_tag",
            "has_accounts",
            "acceptance",
            "grace_period_days",
            "renewal_months",
            "is_optional",
            "deletion_days",
            "review_interval_months",
            "solo",
        )


@admin.register(Policy)
class PolicyAdmin(DeskAdmin):
    """A policy: settings and tiers by form; everything with a consequence by a verb of its own."""

    form = PolicyForm
    inlines = (TierInline,)
    list_display = ("title", "status", "upcoming", "next_review", "address")
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}
    change_form_template = "admin/policies/policy/change_form.html"
    fieldsets = (
        (None, {"fields": ("title", "slug", "contact")}),
        (_("Dates"), {"fields": ("time_zone", "date_precision", "review_interval_months")}),
        (_("People"), {"fields": ("audience_tag", "has_accounts")}),
        (
            _("Asking"),
            {"fields": ("acceptance", "grace_period_days", "renewal_months", "is_optional", "deletion_days")},
        ),
        (_("Text and review"), {"fields": ("language", "solo")}),
    )

    @admin.display(description=_("status"))
    def status(self, policy: Policy) -> str:
        return policy_page.status_line(policy, at=clock.now())

    @admin.display(description=_("next"))
    def upcoming(self, policy: Policy) -> str:
        return policy_page.upcoming_line(policy, at=clock.now())

    @admin.display(description=_("next review"))
    def next_review(self, policy: Policy) -> str:
        return policy_page.review_line(policy, at=clock.now())

    @admin.display(description=_("address"), ordering="slug")
    def address(self, policy: Policy) -> str:
        return f"/p/{policy.slug}/"

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A policy is retired, never deleted: its address has to answer for ever."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: models.Model | None = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/new-version/", view(self.new_version), name="policies_policy_new_version"),
            path("<int:pk>/rename/", view(self.rename), name="policies_policy_rename"),
            path("<int:pk>/retire/", view(self.retire), name="policies_policy_retire"),
            path("<int:pk>/confirm/", view(self.confirm_unchanged), name="policies_policy_confirm"),
            path("<int:pk>/import/", view(self.import_text), name="policies_policy_import"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        policy = options.get("obj")
        if policy is not None:
            context["desk"] = policy_page.build(policy, at=clock.now(), may=lambda right: may(request, right))
        return super().render_change_form(request, context, **options)

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a draft from the latest standing text."""
        policy = get_object_or_404(Policy, pk=pk)

        def act(_data: Any) -> Outcome:
            draft = authoring.start_draft(policy=policy, by=user_of(request), at=clock.now())
            return Outcome(gettext("A draft was started."), version_url(draft))

        page = VerbPage(
            title=gettext("New version of %(policy)s") % {"policy": policy},
            button=gettext("Start a draft"),
            permission="add_version",
            paragraphs=(gettext("You get a draft with the text of the latest version. Only the desk sees it."),),
        )
        return confirm(request, page=page, of=self, obj=policy, act=act, back=policy_url(policy))

    def rename(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the policy another address; the old one redirects for ever."""
        policy = get_object_or_404(Policy, pk=pk)

        def act(data: Any) -> Outcome:
            publishing.rename(policy=policy, slug=data["slug"], by=user_of(request), at=clock.now())
            return Outcome(gettext("The policy now answers at /p/%s/.") % data["slug"], policy_url(policy))

        page = VerbPage(
            title=gettext("Rename the address of %(policy)s") % {"policy": policy},
            button=gettext("Rename"),
            permission="publish_version",
            paragraphs=(
                gettext("Now it is /p/%(slug)s/. That address, and every one before it, will redirect for ever.")
                % {"slug": policy.slug},
            ),
            form_class=RenameForm,
        )
        return confirm(request, page=page, of=self, obj=policy, act=act, back=policy_url(policy))

    def retire(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the policy: its versions stay readable, and it gets no further one."""
        policy = get_object_or_404(Policy, pk=pk)

        def act(_data: Any) -> Outcome:
            publishing.retire(policy=policy, by=user_of(request), at=clock.now())
            return Outcome(gettext("The policy is retired. Its pages stay."), policy_url(policy))

        page = VerbPage(
            title=gettext("Retire %(policy)s") % {"policy": policy},
            button=gettext("Retire this policy"),
            permission="publish_version",
            paragraphs=(
                gettext("All versions stay readable at their addresses, marked as retired."),
                gettext("It gets no further version. This cannot be undone."),
            ),
            is_grave=True,
            is_binding=True,
        )
        return confirm(request, page=page, of=self, obj=policy, act=act, back=policy_url(policy))

    def confirm_unchanged(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record that somebody read the text in force and found it still right."""
        policy = get_object_or_404(Policy, pk=pk)

        def act(data: Any) -> Outcome:
            publishing.confirm_unchanged(policy=policy, by=user_of(request), at=clock.now(), remark=data["remark"])
            return Outcome(gettext("Recorded. Readers see “Last reviewed” with today's date."), policy_url(policy))

        page = VerbPage(
            title=gettext("Confirm %(policy)s as reviewed, unchanged") % {"policy": policy},
            button=gettext("Confirm: reviewed, unchanged"),
            permission="publish_version",
            paragraphs=(
                gettext("You say that you read the text in force and that it still describes what you do."),
                gettext("“Last reviewed” moves to today. “Last updated” does not move."),
            ),
            form_class=ConfirmUnchangedForm,
        )
        return confirm(request, page=page, of=self, obj=policy, act=act, back=policy_url(policy))

    def import_text(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a draft of a text that was written elsewhere."""
        policy = get_object_or_404(Policy, pk=pk)

        def act(data: Any) -> Outcome:
            imported = authoring.import_draft(
                policy=policy,
                source=data["source"],
                filename=data["filename"],
                language=data["language"],
                title=data["title"],
                by=user_of(request),
                at=clock.now(),
            )
            return Outcome(policy_page.import_report(imported.reading), version_url(imported.version))

        page = VerbPage(
            title=gettext("Import a text for %(policy)s") % {"policy": policy},
            button=gettext("Import as a draft"),
            permission="add_version",
            paragraphs=(
                gettext("Markdown with or without front matter, plain text or an HTML page; UTF-8, at most 256 KB."),
                gettext("You get a draft. What was lost on the way is reported there; nothing is invented."),
            ),
            form_class=ImportForm,
        )
        return confirm(request, page=page, of=self, obj=policy, act=act, back=policy_url(policy))
