"""Person: bound by policies. Follower: a visitor who follows by mail. Standing: what a person agreed to last."""

import secrets
from datetime import datetime
from typing import Self

from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf, Upper
from django.utils.translation import gettext_lazy as _

from policies.models.fields import AddressField, AudienceField, LanguageField, validate_single_line
from policies.models.policies import Policy


def new_token() -> str:
    """22 characters, 128 bits: short enough that a List-Unsubscribe header is never folded (RFC 8058)."""
    return secrets.token_urlsafe(16)


def has_joined(at: datetime) -> Q:
    return Q(joined_at__lte=at)


def has_not_left(at: datetime) -> Q:
    return Q(closed_at=None) | Q(closed_at__gt=at)


def is_in_audience(policy: Policy) -> Q:
    return Q(audiences__any_of=policy.audiences) if policy.audiences else Q()


# Any number that no other lock has: guardians are given one transaction after the other.
GUARDIANS_LOCK = 7_061_701
IN_CIRCLES = """
    WITH RECURSIVE above(person, guardian) AS (
        SELECT id, guardian_id FROM policies_person WHERE id IN ({these})
        UNION
        SELECT above.person, p.guardian_id FROM above JOIN policies_person p ON p.id = above.guardian
        WHERE p.guardian_id IS NOT NULL
    )
    SELECT person FROM above WHERE person = guardian
"""


def account_of(pk: int, external_id: str | None) -> str:
    """How a mail names an account, since a mailbox may have several: by a key that never changes, as a name may."""
    return external_id or f"#{pk}"


class PersonQuerySet(models.QuerySet["Person"]):
    def bound_at(self, at: datetime) -> Self:
        """Everybody who has joined and not left at `at`."""
        return self.filter(has_joined(at), has_not_left(at))

    def bound_by(self, policy: Policy, at: datetime) -> Self:
        """Everybody whom `policy` binds at `at`: all, or those in one of its audiences."""
        return self.bound_at(at).filter(is_in_audience(policy))

    def in_circles(self) -> list[int]:
        """
        The keys of those who are their own guardian, over however many others, in ascending order.

        Asked after guardians were written and before that is committed. Of two who write at the same moment, each half
        of a circle, the later one waits here and sees what the earlier one wrote.
        """
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GUARDIANS_LOCK])
            query, values = self.filter(guardian__isnull=False).values_list("pk").query.sql_with_params()
            cursor.execute(IN_CIRCLES.format(these=query), values)
            return sorted(pk for (pk,) in cursor.fetchall())

    def called(self, term: str) -> Self:
        """Whoever has this whole name, address or external id."""
        if "\0" in term:  # nobody has, and PostgreSQL takes no such text
            return self.none()
        return self.filter(Q(address__iexact=term) | Q(external_id__iexact=term) | Q(name__iexact=term)).order_by("pk")


class Person(models.Model):
    """Somebody bound by policies, whether or not they ever sign in."""

    external_id = models.CharField(
        _("external id"),
        max_length=200,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_single_line],
        help_text=_("The key of this person in your own product."),
    )
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_single_line])
    address = AddressField(_("e-mail address"), blank=True, validators=[validate_single_line])
    language = LanguageField(_("language"), default="en")
    audiences = AudienceField(_("audiences"))
    guardian = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="wards",
        verbose_name=_("guardian"),
        help_text=_("For a minor: who is told and who accepts for them."),
    )
    joined_at = models.DateTimeField(_("joined"))
    closed_at = models.DateTimeField(_("left"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    legal_hold = models.BooleanField(
        _("legal hold"), default=False, help_text=_("While set, this person cannot be erased.")
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            ("import_people", _("Can add and change people from a file")),
            ("waive_requirement", _("Can waive an answer for one person")),
            ("record_answer", _("Can record an answer given on paper or by phone")),
        ]
        indexes = [
            # Whoever asks for a code to sign in by; written as Django writes "iexact".
            models.Index(Upper("address"), name="people_by_address"),
            models.Index(fields=["id"], condition=Q(closed_at__isnull=False), name="people_who_left"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=models.F("joined_at")),
                name="nobody_leaves_before_joining",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.external_id or f"#{self.pk}"

    @property
    def account(self) -> str:
        """How mails name it: `account_of`."""
        return account_of(self.pk, self.external_id)


# The address at which somebody is told: a minor's guardian is told in their place, where one can be; "" is nobody.
REACH = Coalesce(NullIf(F("guardian__address"), Value("")), F("address"))


class Standing(models.Model):
    """The number a person agreed to last, per policy: a cache that can be rebuilt from the acts at any time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="standings", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+", db_index=False)
    agreed_number = models.PositiveIntegerField(_("agreed to version"), default=0)
    agreed_at = models.DateTimeField(_("agreed"), null=True)
    declined_number = models.PositiveIntegerField(_("declined version"), default=0)
    declined_at = models.DateTimeField(_("declined"), null=True)
    waived_number = models.PositiveIntegerField(
        _("waived up to version"), default=0, help_text=_("No answer is asked up to here. Never counted as agreed.")
    )

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = [models.UniqueConstraint(fields=["person", "policy"], name="one_standing_per_person_and_policy")]
        indexes = [
            # For pages, and for counting: without the person the index holds each number once and is a tenth as long.
            models.Index(fields=["policy", "agreed_number", "person"], name="standing_by_agreed_number"),
            models.Index(fields=["policy", "agreed_number"], name="standings_to_count"),
            models.Index(fields=["policy", "person"], condition=Q(waived_number__gt=0), name="waived_standings"),
            models.Index(fields=["policy", "person"], condition=Q(declined_number__gt=0), name="declined_standings"),
        ]


class UseSeen(models.Model):
    """
    The first and the last day on which a person was seen using the product after a version took effect. Days only.

    A claim of whoever reports it, and no act: it never counts as agreed. Deleted when the person is erased.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="uses")
    version = models.ForeignKey("policies.Version", on_delete=models.PROTECT, related_name="+", db_index=False)
    first_on = models.DateField(_("first seen"))
    last_on = models.DateField(_("last seen"))
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="one_use_per_person_and_version"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="use_goes_forward"),
        ]


class DeletionRequest(models.Model):
    """Somebody asked to be deleted: mailed to the policy's contact with its deadline, shown until it is closed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="deletion_requests")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(_("asked"))
    due_on = models.DateField(_("to be answered by"))
    mailed_at = models.DateTimeField(_("mailed to the contact"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("deletion request")
        verbose_name_plural = _("deletion requests")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at=None), name="one_open_deletion_request_per_person"
            )
        ]

    def __str__(self) -> str:
        return str(_("Deletion request of %(day)s") % {"day": f"{self.asked_at:%Y-%m-%d}"})


class Follower(models.Model):
    """A visitor who follows one policy, or all of them, by mail. Nothing else is known of them."""

    address = AddressField(_("e-mail address"), validators=[validate_single_line])
    language = LanguageField(_("language"), default="en")
    policy = models.ForeignKey(
        Policy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("policy"),
    )
    token = models.CharField(_("token"), max_length=22, unique=True, default=new_token, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [
            models.UniqueConstraint(fields=["address", "policy"], name="one_follower_per_address_and_policy"),
            models.UniqueConstraint(
                fields=["address"], condition=Q(policy=None), name="one_follower_of_everything_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address[:1]}***"
