"""Promise: an attributed reading of what a text says about its future changes. Amended by a new row, never edited."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.fields import Acceptance, Channel
from policies.models.summaries import MAX_ANSWER_LENGTH
from policies.models.versions import DateChange, Version


class PromiseQuerySet(models.QuerySet["Promise"]):
    def standing(self) -> Self:
        """Readings that no later one replaces."""
        return self.filter(replaced_by=None)

    def made_in(self, version: Version | None) -> "Promise | None":
        """What a version promises; a correction, of which there is no reading of its own, what it corrects does."""
        while version is not None:
            if found := self.standing().filter(version=version).first():
                return found
            version = version.corrects
        return None


class Promise(models.Model):
    """One reading of one version's change clause. No row at all means: unread."""

    class Effective(models.TextChoices):
        WHEN_POSTED = "when_posted", _("when posted")
        STATED_DATE = "stated_date", _("on a stated date")
        UNSPECIFIED = "unspecified", _("not said")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="promises", verbose_name=_("version"))
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    effective = models.CharField(
        _("changes take effect"), max_length=11, choices=Effective, default=Effective.UNSPECIFIED
    )
    never_retroactive = models.BooleanField(_("promises never to apply changes retroactively"), default=False)
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("read by")
    )
    read_at = models.DateTimeField(_("read at"))

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")


class PromiseTier(models.Model):
    """What the clause promises for one tier of change."""

    class Logic(models.TextChoices):
        ANY = "any", _("any of them")
        ALL = "all", _("all of them")

    class Prior(models.TextChoices):
        YES = "yes", _("before it takes effect")
        NO = "no", _("not before it takes effect")
        UNSPECIFIED = "unspecified", _("not said")

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="tiers")
    applies_to = models.SlugField(
        _("applies to"),
        max_length=40,
        help_text=_("A class or one of the policy's own tiers: “all”, “material”, “significant”."),
    )
    channels_known = models.BooleanField(
        _("channels are known"),
        default=True,
        help_text=_("Off where the source lost them. Never invent any."),
    )
    channels = models.JSONField(_("channels"), default=list, blank=True, help_text=", ".join(Channel.values))
    logic = models.CharField(_("of the channels"), max_length=3, choices=Logic, default=Logic.ALL)
    prior = models.CharField(_("notice"), max_length=11, choices=Prior, default=Prior.UNSPECIFIED)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), null=True, blank=True)
    acceptance = models.CharField(_("acceptance"), max_length=13, choices=Acceptance, default=Acceptance.NONE)
    quote = models.TextField(_("quote"), max_length=MAX_ANSWER_LENGTH)
    anchor = models.CharField(_("anchor"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("tier of a promise")
        verbose_name_plural = _("tiers of a promise")
        constraints = [models.UniqueConstraint(fields=["promise", "applies_to"], name="one_promise_per_tier")]


class PromiseCheck(models.Model):
    """
    Append-only: how a publication stood against the promise then in force, line by line.

    :ivar date_change: by which act it was judged anew; None as it was published
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="promise_checks")
    date_change = models.OneToOneField(DateChange, on_delete=models.PROTECT, null=True, related_name="promise_check")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, null=True, related_name="+")
    lines = models.JSONField(default=list)
    kept = models.BooleanField()
    overridden = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(date_change=None), name="one_promise_check_per_publication"
            )
        ]
