"""Policies: the list, the settings of one, and the verbs about it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock, publishing
from policies.admin.desk.base import may, user_of
from policies.admin.desk.form_fields import TagInput, ZoneInput
from policies.admin.desk.page_links import policy_url
from policies.admin.desk.verb_page import WithVerbs
from policies.admin.policy import import_page
from policies.admin.policy import page as policy_page
from policies.admin.policy import verbs as policy_verbs
from policies.models import TERMS, Policy, PolicyTerms, Tier, User
from policies.models.policies import validate_time_zone


class TierInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Tier
    extra = 0


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a policy. Its address changes only through its own verb, so that the old one redirects."""

    class Meta:
        model = Policy
        fields = (
            "title",
            "kind",
            "slug",
            "contact",
            "language",
            "time_zone",
            "date_precision",
            "audiences",
            "has_accounts",
            "acceptance",
            "grace_period_days",
            "renewal_months",
            "is_optional",
            "answer_at",
            "deletion_days",
            "review_interval_months",
            "solo",
        )
        widgets = {"time_zone": ZoneInput, "language": TagInput}

    by: User

    def clean_solo(self) -> bool:
        """On only where nobody else could approve, before the first publication too."""
        given: bool = self.cleaned_data["solo"]
        try:
            publishing.refuse_solo(before=self.instance.solo, after=given, by=self.by)
        except publishing.Refused as error:
            raise ValidationError(str(error)) from error
        return given

    def clean_time_zone(self) -> str:
        """Before it gets to the policy, which is shown beside what was wrong: in no zone it has no dates."""
        given: str = self.cleaned_data["time_zone"]
        validate_time_zone(given)
        return given


@admin.register(Policy)
class PolicyAdmin(WithVerbs):
    """A policy: settings and tiers by form; everything with a consequence by a verb of its own."""

    form = PolicyForm
    inlines = (TierInline,)
    list_display = ("title", "status", "upcoming", "next_review", "address")
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}
    change_form_template = "admin/policies/policy/change_form.html"
    fieldsets = (
        (None, {"fields": ("title", "kind", "slug", "contact")}),
        (_("Dates"), {"fields": ("time_zone", "date_precision", "review_interval_months")}),
        (_("People"), {"fields": ("audiences", "has_accounts")}),
        (
            _("Asking"),
            {
                "fields": (
                    "acceptance",
                    "grace_period_days",
                    "renewal_months",
                    "is_optional",
                    "answer_at",
                    "deletion_days",
                )
            },
        ),
        (_("Text and review"), {"fields": ("language", "solo")}),
    )
    verbs = {
        "new-version": policy_verbs.new_version,
        "rename": policy_verbs.rename,
        "retire": policy_verbs.retire,
        "delete-unpublished": policy_verbs.delete_unpublished,
        "confirm": policy_verbs.confirm_unchanged,
        "import": import_page.import_text,
        "terms": policy_verbs.change_terms,
        "approve-terms": policy_verbs.approve_terms,
        "take-back-terms": policy_verbs.take_back_terms,
    }

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
        """Never in passing. What was published is retired; what never was has a verb of its own."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[str, ...]:
        """Once something was published, its address has a verb of its own, and so have its terms."""
        if not isinstance(obj, Policy) or not obj.is_published:
            return ()
        return ("slug", *TERMS) if PolicyTerms.objects.filter(policy=obj.pk).exists() else ("slug",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **options)
        form.by = user_of(request)
        return form

    def get_prepopulated_fields(self, request: HttpRequest, obj: models.Model | None = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def response_add(self, request: HttpRequest, obj: Policy, post_url_continue: str | None = None) -> HttpResponse:
        """Go on where the text is imported or written."""
        messages.success(request, gettext("The policy is there. Import the text you have, or start a new version."))
        return redirect(policy_url(obj))

    def back_to(self, obj: Policy) -> str:
        return policy_url(obj)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        policy = options.get("obj")
        if policy is not None:
            # As it is on record: a form that was refused has left on this one whatever was typed.
            policy = Policy.objects.get(pk=policy.pk)
            context["desk"] = policy_page.build(policy, at=clock.now(), may=lambda right: may(request, right))
        return super().render_change_form(request, context, **options)
