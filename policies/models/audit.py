"""AuditEvent: the editors' side of the record: who did what, to what, when; and what is mailed of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.access import User
from policies.models.fields import AddressField, LanguageField
from policies.models.policies import Policy
from policies.models.versions import Version

# A database whose people and policies the demo made up.
DEMO_LOADED = "demo.loaded"
# What has the name of a policy that is no more.
DELETED = "policy.deleted"


class AuditEvent(models.Model):
    """
    Append-only. `verb` is "noun.done", such as "version.published".

    What it is about may be gone: a draft that was discarded, a policy that never published anything and was deleted.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("what"), max_length=60)
    policy = models.ForeignKey(
        Policy,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="audit_events",
        verbose_name=_("policy"),
    )
    version = models.ForeignKey(
        Version,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="audit_events",
        verbose_name=_("version"),
    )
    data = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], condition=models.Q(verb="person.address_changed"), name="moved_people")]

    def __str__(self) -> str:
        return self.verb

    @staticmethod
    def file_name(given: str) -> str:
        """The name that a file came with, as events keep it: what nobody sees in it is shown to be there."""
        return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in given[:200])

    @classmethod
    def record(
        cls,
        verb: str,
        *,
        by: User | None,
        at: datetime,
        policy: Policy | None = None,
        version: Version | None = None,
        **data: object,
    ) -> "AuditEvent":
        """Write one line into the record; `data` has to be JSON."""
        return cls.objects.create(
            actor=by,
            verb=verb,
            policy=policy or (version.policy if version else None),
            version=version,
            data=data,
            at=at,
        )


class DeskMail(models.Model):
    """An audit event whose people have been told by mail; events for the desk without a row are still to be told."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="desk_mail")
    recipients = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()


class AccountMail(models.Model):
    """
    A mail about a change of somebody's account that is still to go out, to the address from before the change.

    `words` names its templates. The row is deleted when it went: then DeskMail has the event, and nothing the address.
    """

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="account_mail")
    address = AddressField()
    language = LanguageField()
    words = models.CharField(max_length=60)
    due_at = models.DateTimeField(db_index=True)
