"""Policy: a named living document with a stable URL, its terms, its old addresses and its own tiers of change."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.mail import answer_link
from policies.models.fields import (
    Acceptance,
    AudienceField,
    ChangeClass,
    Kind,
    LanguageField,
    Precision,
    validate_single_line,
)

ADDRESS_TAKEN = _("The address “%(slug)s” is, or once was, in use: its links must keep working.")
REASON_LENGTH = 500


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name such as Europe/Berlin."),
            code="unknown-time-zone",
            params={"name": name},
        )


def validate_answer_at(address: str) -> None:
    """Refuse what mails cannot lead to, and say why."""
    try:
        answer_link.checked(address)
    except answer_link.NotAnAddress as error:
        raise ValidationError(str(error), code="no-address") from error


class Terms(models.Model):
    """What every version of a policy is published under, and what decides whom it asks."""

    time_zone = models.CharField(
        _("legal time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Names the dates of this policy. A version takes effect at midnight here."),
    )
    language = LanguageField(
        _("authoritative language"), default="en", help_text=_("Its tag, such as de, pt-BR or zh-Hans.")
    )
    audiences = AudienceField(
        _("audiences"),
        help_text=_("Tags, parted by commas. Empty: everybody. Otherwise the people who have one of them at least."),
    )
    has_accounts = models.BooleanField(
        _("people have accounts"),
        default=True,
        help_text=_("Off where nobody signs in: changes are then announced on the page, by feed and to followers."),
    )
    acceptance = models.CharField(
        _("material changes ask for"), max_length=13, choices=Acceptance, default=Acceptance.NONE
    )
    grace_period_days = models.PositiveSmallIntegerField(_("days of grace after effect"), default=0)
    renewal_months = models.PositiveSmallIntegerField(
        _("months until an acceptance is asked again"), default=0, help_text=_("0: an acceptance does not expire.")
    )
    is_optional = models.BooleanField(
        _("an optional consent"),
        default=False,
        help_text=_("Asked apart from everything else; declining it has no consequence, and nothing is gated by it."),
    )
    solo = models.BooleanField(
        _("solo mode"),
        default=False,
        help_text=_("One editor approves their own work; the evidence says that there was no second person."),
    )

    class Meta:
        abstract = True

    @property
    def zone(self) -> ZoneInfo:
        """The legal time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def terms(self) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The terms by their names, in the order in which they are shown; all of them JSON."""
        return {name: getattr(self, name) for name in TERMS}

    def is_for(self, audiences: Collection[str]) -> bool:
        """Whether whoever is in these audiences is asked: everybody, where none is named."""
        return not self.audiences or not set(self.audiences).isdisjoint(audiences)


TERMS = tuple(str(field.name) for field in Terms._meta.local_fields)


def is_for(audiences: Collection[str], *, of: str = "") -> Q:
    """The same as `Terms.is_for` for the database; `of` leads to the policy, such as "policy__"."""
    return Q(**{f"{of}audiences": ()}) | Q(**{f"{of}audiences__any_of": tuple(audiences)})


class PolicyQuerySet(models.QuerySet["Policy"]):
    def shown(self, at: datetime) -> Self:
        """Policies that have something to show at `at`, in the order of their titles."""
        seen = Q(versions__withdrawn_at=None) | Q(versions__withdrawn_at__gte=F("versions__published_at"))
        # Of what was under no embargo the past may be asked too: there was nothing yet.
        is_known = Q(versions__published_at__lte=at) | Q(versions__visible_from=None)
        return self.filter(seen & is_known, versions__published_at__isnull=False).distinct().order_by("title")

    def at_address(self, slug: str) -> "Policy | None":
        """The policy that has this address, or once had it: each is written down when it is given."""
        return self.filter(addresses__slug=slug).first()

    def are_for(self, audiences: Collection[str]) -> Self:
        """Policies for whoever is in these audiences."""
        return self.filter(is_for(audiences))

    def known_audiences(self) -> frozenset[str]:
        """Every audience that a policy names, proposes or once named, and those the organization lists."""
        tables: tuple[type[Terms], ...] = (Policy, PolicyTerms, TermsProposal)
        named = [
            tags for table in tables for tags in table._base_manager.values_list("audiences", flat=True).distinct()
        ]
        return frozenset(settings.PEOPLE_AUDIENCES).union(*named)

    def locked(self, pk: int) -> "Policy":
        """Lock one policy: numbers and dates are given by one publisher at a time (SQLite locks the file)."""
        return self.select_for_update().get(pk=pk)


class Policy(Terms):
    """
    A named living document with a stable URL, under terms.

    :ivar uid: how records name it, wherever they are read: random, and never changed
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(
        _("address"),
        max_length=80,
        unique=True,
        help_text=_("The part after /p/. Old addresses redirect for ever."),
    )
    title = models.CharField(_("title"), max_length=200, validators=[validate_single_line])
    kind = models.CharField(
        _("what it is"),
        max_length=15,
        choices=Kind,
        default=Kind.OTHER,
        help_text=_("Said to browsers, crawlers and programs. No rule depends on it."),
    )
    date_precision = models.CharField(
        _("dates are shown to the"), max_length=5, choices=Precision, default=Precision.DAY
    )
    answer_at = models.CharField(
        _("mails lead for an answer to"),
        max_length=answer_link.LONGEST,
        blank=True,
        validators=[validate_answer_at],
        help_text=_(
            "A page of your own product, such as https://app.example.org/terms?of={policy}&v={version}, which hands"
            " people over. Empty: what the site is set to, else the answer page here. For mails written from now on."
        ),
    )
    deletion_days = models.PositiveSmallIntegerField(_("days to answer a deletion request"), default=30)
    contact = models.EmailField(_("contact"), validators=[validate_single_line])
    review_interval_months = models.PositiveSmallIntegerField(_("months between reviews"), default=12)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def relation(self) -> str:
        """How links say that they lead to it; empty where no relation is registered for what it is."""
        return Kind(self.kind).relation

    @property
    def is_published(self) -> bool:
        """Whether anything of it was ever published."""
        return self.versions.filter(published_at__isnull=False).exists()

    def clean(self) -> None:
        """Say at the form what the database holds by itself: an address is given once."""
        super().clean()
        if PolicyAddress.objects.filter(slug=self.slug).exclude(policy_id=self.pk).exists():
            raise ValidationError({"slug": ADDRESS_TAKEN % {"slug": self.slug}})


class PolicyTerms(Terms):
    """
    Append-only: the terms of a policy from an instant on. Number 1 are those under which it was first published.

    :ivar proposed_by: None where it was done on the command line of the database's owner, as `approved_by`
    :ivar alone: no second person looked at it
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="terms_on_record")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=REASON_LENGTH)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    alone = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["policy", "number"]
        get_latest_by = "number"
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="one_number_per_terms")]

    def __str__(self) -> str:
        return f"{self.policy}, terms {self.number}"


class TermsProposal(Terms):
    """Other terms that somebody proposes. The row goes when they are approved or taken back; the audit record stays."""

    policy = models.OneToOneField(Policy, on_delete=models.CASCADE, related_name="proposed_terms")
    reason = models.CharField(
        _("reason"),
        max_length=REASON_LENGTH,
        validators=[validate_single_line],
        help_text=_("Why. Kept for the evidence, with the old and the new values."),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.policy}, proposed terms"

    @property
    def changed(self) -> dict[str, tuple[object, object]]:
        """What would change: each name with the value now and the value proposed."""
        now = self.policy.terms
        return {name: (now[name], value) for name, value in self.terms.items() if now[name] != value}


class PolicyAddress(models.Model):
    """An address that a policy has or once had: a trigger writes it down when it is given, and it is given once."""

    slug = models.SlugField(max_length=80, primary_key=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="addresses")

    def __str__(self) -> str:
        return self.slug


class Tier(models.Model):
    """A policy's own word for how much a change matters, such as "significant" above "material"."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="tiers")
    name = models.SlugField(_("name"), max_length=40, help_text=_("As the text says it, such as “significant”."))
    change_class = models.CharField(_("class"), max_length=9, choices=ChangeClass, default=ChangeClass.MATERIAL)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [models.UniqueConstraint(fields=["policy", "name"], name="one_tier_per_name")]

    def __str__(self) -> str:
        return self.name


class PolicyReview(models.Model):
    """Somebody confirmed the text unchanged: shown as "Last reviewed", never as "Last updated"."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    remark = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at"]
        get_latest_by = "at"
