"""Act: what somebody did about a version. Append-only; who it was lies in a table that can be deleted."""

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.fields import LanguageField, sha256_field
from policies.models.people import Person
from policies.models.renderings import BoundRendering
from policies.models.summaries import Summary
from policies.models.versions import Version


class Screen(models.Model):
    """Append-only: the exact screen an act was done on, by the hash of its template and wording."""

    sha256 = sha256_field(unique=True)
    template = models.CharField(max_length=100)
    source = models.TextField()
    wording = models.JSONField(default=dict)
    first_used_at = models.DateTimeField()


class ActQuerySet(models.QuerySet["Act"]):
    def of(self, person: Person) -> Self:
        """Everything this person did; nothing is found once they are erased."""
        mine = ActSubject.objects.filter(person=person, subject_ref=models.OuterRef("subject_ref"))
        return self.filter(models.Exists(mine))

    def standing(self) -> Self:
        """Acts that were not undone."""
        return self.filter(undone_by=None)


class Act(models.Model):
    """A recorded deed about a version. `subject_ref` is random: only ActSubject knows whose it is."""

    class Kind(models.TextChoices):
        DISPLAYED = "displayed", _("displayed")
        AGREED = "agreed", _("agreed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        WAIVED = "waived", _("waived")

    class Strength(models.TextChoices):
        CODE = "code", _("code sent by mail")
        PASSWORD = "password", _("password")
        MFA = "mfa", _("several factors")
        API_KEY = "api_key", _("API key")
        HOST = "host", _("asserted by the host")
        UNKNOWN = "unknown", _("signed in, by a method not on record")

    class Trust(models.TextChoices):
        """Derived from method and strength; never stored."""

        WITNESSED = "witnessed", _("witnessed here")
        ASSERTED = "asserted", _("asserted by another system")
        CLAIMED = "claimed", _("claimed by the organization: given on paper or by phone")
        IMPORTED = "imported", _("brought from elsewhere, not witnessed")

    class Method(models.TextChoices):
        FORM = "form", _("the answer page")
        API = "api", _("the API")
        IMPORT = "import", _("an import")
        DESK = "desk", _("the desk")

    class Binding(models.IntegerChoices):
        """What an act's leaf commits to."""

        DEED = 1, _("what was done; whose it was is in a leaf of its own, made later")
        PERSON = 2, _("what was done, whose it was and who acted for them")
        RENDERING = 3, _("what was done, whose it was, who acted for them and the page of the text that was shown")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="acts", verbose_name=_("version"), db_index=False
    )
    language = LanguageField(_("language"))
    text_sha256 = sha256_field()
    manifest_sha256 = sha256_field()
    subject_ref = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by", db_index=False
    )
    compared_with = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("The version whose redline against this one was on the screen."),
    )
    rendering = models.ForeignKey(
        BoundRendering,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("The page of the text that was on the screen; empty where another system showed the text."),
    )
    on_behalf = models.BooleanField(default=False)
    imported = models.BooleanField(default=False)
    method = models.CharField(_("method"), max_length=6, choices=Method)
    strength = models.CharField(_("strength of sign-in"), max_length=8, choices=Strength)
    source = models.CharField(max_length=60, blank=True)
    screen = models.ForeignKey(Screen, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    wording = models.CharField(_("wording"), max_length=500, blank=True)
    locale = LanguageField(blank=True)
    render_id = models.CharField(max_length=64, blank=True)
    client_time = models.CharField(
        max_length=64, blank=True, help_text=_("What the browser's clock said (RFC 9557). A claim, never trusted.")
    )
    gpc = models.BooleanField(null=True)
    displayed_at = models.DateTimeField(
        null=True, help_text=_("When the text was put on the screen, from the signed token that the form brought back.")
    )
    at = models.DateTimeField(_("at"))
    binding = models.PositiveSmallIntegerField(choices=Binding, default=Binding.RENDERING, editable=False)

    @property
    def is_claimed(self) -> bool:
        """Whether the desk says that somebody answered elsewhere; `source` is who at the desk."""
        return self.method == Act.Method.DESK and self.kind in {Act.Kind.AGREED, Act.Kind.DECLINED}

    @property
    def trust(self) -> "Act.Trust":
        """How far the record itself vouches for the act: seen here, told by a program or by the desk, or brought."""
        if self.imported:
            return Act.Trust.IMPORTED
        if self.is_claimed:
            return Act.Trust.CLAIMED
        is_told = self.method == Act.Method.API or self.strength in {Act.Strength.API_KEY, Act.Strength.HOST}
        return Act.Trust.ASSERTED if is_told else Act.Trust.WITNESSED

    @property
    def told(self) -> Summary:
        """What the version's editors said in the language that was shown; a translation that came later was not."""
        text = self.version.text_in(self.language)
        return self.version.summary_in(text.language if text.sha256 == self.text_sha256 else "")

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ["id"]
        get_latest_by = "id"
        indexes = [models.Index(fields=["version", "kind"], name="acts_on_a_version")]
        constraints = [
            # A double click, a second tab's replay or a resent form finds the act that stands.
            models.UniqueConstraint(
                fields=["render_id", "kind"], condition=~models.Q(render_id=""), name="one_act_per_screen_shown"
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=models.Q(undoes__isnull=False), name="an_act_is_undone_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.version}"


class ActSubject(models.Model):
    """
    Whose act it was, the leaf's salt, and what the network told: deleted when a person is erased.

    The leaf binds the numbers of the person and of whoever acted for them. Neither number changes when its holder is
    erased: the holder's row stays, without a name.
    """

    subject_ref = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="act_subjects")
    salt = models.BinaryField(max_length=32)
    network_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    acted_by = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Who answered on behalf of this person, such as a guardian."),
    )
    remark = models.CharField(
        max_length=500,
        blank=True,
        help_text=_("By what right somebody answered on behalf; part of what the leaf hashes."),
    )
    receipt_due_at = models.DateTimeField(
        null=True, help_text=_("When the receipt is to be tried next; empty once it was handed to the mail server.")
    )
    receipt_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["receipt_due_at"], condition=models.Q(receipt_due_at__isnull=False), name="receipts_to_send"
            )
        ]


class GateEpoch(models.Model):
    """
    One row that counts withdrawals, in the order in which they were committed.

    A session remembers what its person agreed to; after a withdrawal anywhere every session looks once again.
    """

    number = models.BigIntegerField(default=0)
