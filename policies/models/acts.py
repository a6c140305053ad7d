"""Act: what somebody did about a version. Append-only; who it was lies in a table that can be deleted."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.fields import sha256_field
from policies.models.people import Person
from policies.models.versions import Version


class Screen(models.Model):
    """Append-only: the exact screen an act was done on, by the hash of its template and wording."""

    sha256 = sha256_field(unique=True)
    template = models.CharField(max_length=100)
    source = models.TextField()
    wording = models.JSONField(default=dict)
    first_used_at = models.DateTimeField()


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

    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="acts", verbose_name=_("version"))
    language = models.CharField(_("language"), max_length=10)
    text_sha256 = sha256_field()
    manifest_sha256 = sha256_field()
    subject_ref = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    on_behalf = models.BooleanField(default=False)
    remark = models.CharField(max_length=500, blank=True)
    imported = models.BooleanField(default=False)
    method = models.CharField(_("method"), max_length=20)
    strength = models.CharField(_("strength of sign-in"), max_length=8, choices=Strength)
    source = models.CharField(max_length=60, blank=True)
    screen = models.ForeignKey(Screen, on_delete=models.PROTECT, null=True, related_name="+")
    wording = models.CharField(_("wording"), max_length=500, blank=True)
    locale = models.CharField(max_length=10, blank=True)
    render_id = models.CharField(max_length=64, blank=True)
    client_time = models.CharField(max_length=40, blank=True)
    gpc = models.BooleanField(null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ["id"]
        get_latest_by = "id"
        indexes = [models.Index(fields=["version", "kind"], name="acts_on_a_version")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.version}"


class ActSubject(models.Model):
    """Whose act it was, the leaf's salt, and what the network told: deleted when a person is erased."""

    subject_ref = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="act_subjects")
    salt = models.BinaryField(max_length=32)
    network_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
