"""Notice: the announcement of one version to one audience. Delivery: one notice to one recipient by one channel."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.fields import LanguageField, sha256_field
from policies.models.versions import Version

MAX_REMARK_LENGTH = 2000


class Notice(models.Model):
    """One announcement by one stream. Its audience is frozen once, then topped up with late joiners until effect."""

    class Stream(models.TextChoices):
        LEGAL = "legal", _("legal notice to persons")
        ALERT = "alert", _("alert to followers")

    class Kind(models.TextChoices):
        CHANGE = "change", _("a new version")
        POSTPONED = "postponed", _("a later date")
        WITHDRAWN = "withdrawn", _("a withdrawal")
        REMINDER = "reminder", _("a reminder")
        CORRECTION = "correction", _("a correction")
        AGAIN = "again", _("once more, to one person")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="notices", verbose_name=_("version"))
    stream = models.CharField(_("stream"), max_length=5, choices=Stream)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CHANGE)
    occasion = models.PositiveIntegerField(
        _("occasion"),
        default=0,
        help_text=_("Tells repeated announcements of one kind apart: the postponement, or the person told once more."),
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    state_reason = models.CharField(_("reason for the state"), max_length=300, blank=True)
    rate_per_minute = models.PositiveIntegerField(_("mails per minute"))
    deliver_by = models.DateTimeField(_("deliver by"), null=True, blank=True)
    # The effect that it names; none where what it says stands whatever comes, as a withdrawal and a correction do.
    effective_at = models.DateTimeField(_("names the effect"), null=True, blank=True, editable=False)
    # Set by the first worker that takes mails of it in hand, before any is tried: until then it told nobody.
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    frozen_at = models.DateTimeField(_("audience frozen"), null=True, blank=True)
    remark = models.TextField(
        _("words of your own"),
        blank=True,
        max_length=MAX_REMARK_LENGTH,
        help_text=_("Why it was postponed, withdrawn or corrected; told in the mail."),
    )
    hold_after = models.PositiveIntegerField(
        _("hold after"),
        null=True,
        blank=True,
        help_text=_("A canary: pause by itself once so many mails were sent."),
    )
    deliverability = models.JSONField(_("deliverability when planned"), default=dict, editable=False)
    fan_out_cursor = models.BigIntegerField(default=0, editable=False)
    audience_count = models.PositiveIntegerField(_("people"), default=0)
    audience_sha256 = sha256_field(blank=True)
    late_count = models.PositiveIntegerField(_("joined later"), default=0)
    resumed_at = models.DateTimeField(_("resumed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "stream", "kind", "occasion"], name="one_notice_per_occasion")
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_kind_display()}"


class Delivery(models.Model):
    """
    One notice to one recipient through one channel. Lean, without foreign-key constraints: a million are made at once.

    `id` is derived (`key`), so that making the rows again makes no second one. `recipient_id` is a Person's id in the
    legal stream and a Follower's in the alert stream. `address` and `written_at` are fixed when a mail is first about
    to go out: with the notice's MailTemplate they give the exact bytes again. Erasing a person empties `address`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        CLAIMED = "claimed", _("claimed")
        SENDING = "sending", _("sending")
        ACCEPTED = "accepted", _("accepted by the mail server")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("uncertain")
        SUPPRESSED = "suppressed", _("suppressed")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")

    class Channel(models.IntegerChoices):
        MAIL = 0, _("mail")

    class Reason(models.TextChoices):
        """Why it ended without an answer of the mail server."""

        NO_ADDRESS = "no_address", _("no address is known")
        BAD_ADDRESS = "bad_address", _("the address cannot be written to")
        LEFT = "left", _("left before it was sent")
        BOUNCED = "bounced", _("mail to this address came back before")
        COMPLAINED = "complained", _("complained about mail before")
        BLOCKED = "blocked", _("taken off by hand")
        ERASED = "erased", _("erased")
        UNREADABLE = "unreadable", _("the mail could not be written in this language")
        TOO_LATE = "too_late", _("the time to send it was over")
        CANCELLED = "cancelled", _("the notice was cancelled")

    RECIPIENT_BITS = 36
    CHANNEL_BITS = 2

    id = models.BigIntegerField(primary_key=True)
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False
    )
    recipient_id = models.BigIntegerField()
    channel = models.PositiveSmallIntegerField(choices=Channel, default=Channel.MAIL)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    late = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    uncertain_tries = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    address = models.CharField(max_length=254, blank=True)
    written_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # Without the key: a million that are due at one instant then share their entries: a sixth of the space.
            models.Index(fields=["notice", "next_attempt_at"], name="delivery_due", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="delivery_leased", condition=Q(state__in=["claimed", "sending"])),
            # Whom no mail reached, side by side for each notice.
            models.Index(
                fields=["id", "recipient_id"],
                name="delivery_lost",
                condition=Q(state__in=["failed", "uncertain", "suppressed", "expired", "cancelled"]),
            ),
        ]

    @classmethod
    def key(cls, notice_id: int, recipient_id: int, channel: int) -> int:
        """The derived key: notice, recipient and channel side by side in 63 bits."""
        return (notice_id << (cls.RECIPIENT_BITS + cls.CHANNEL_BITS)) | (recipient_id << cls.CHANNEL_BITS) | channel

    @classmethod
    def first_key(cls, notice_id: int) -> int:
        """The lowest key a notice's deliveries can have: they lie side by side from here to the next notice's."""
        return cls.key(notice_id, 0, 0)

    @property
    def is_final(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.CLAIMED, self.State.SENDING}


class MailTemplate(models.Model):
    """
    Append-only: the mail of a notice in one language, complete but for what differs from recipient to recipient.

    `source` is the MIME message in ASCII with CRLF line ends; notices.write.mime says what is filled in. A language
    in which it could not be written has `error` and no source.
    """

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="templates")
    language = LanguageField()
    subject = models.CharField(max_length=250, blank=True)
    source = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "language"], name="one_template_per_language")]


class Tally(models.Model):
    """How many deliveries of a notice ended in one minute, by state: counts and curve without counting rows."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="tallies")
    minute = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=Delivery.State)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "minute", "state"], name="one_tally_per_minute")]


class MailRoute(models.Model):
    """
    A way out for mail (an SMTP server or a provider), shared by all workers: its allowance, and whether it is held.

    `allowance` is a token bucket refilled by database time. While `held_until` lies ahead nobody uses the route.
    """

    name = models.CharField(max_length=100, unique=True)
    allowance = models.FloatField(default=0)
    refilled_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    holds = models.PositiveSmallIntegerField(default=0)
    held_reason = models.CharField(max_length=300, blank=True)


class DomainPlace(models.Model):
    """One of the few mails that may go to a domain at the same time: which batch sends it, and until when at most."""

    domain = models.CharField(max_length=254)
    number = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=32, db_index=True)
    lease_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "number"], name="one_holder_per_place")]


class DeliveryAttempt(models.Model):
    """Append-only: what happened in one try, in the mail server's own words."""

    delivery_id = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()
    worker = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    phase = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12)
    code = models.PositiveSmallIntegerField(null=True)
    enhanced_code = models.CharField(max_length=12, blank=True)
    reply = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    body_sha256 = sha256_field(blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["delivery_id", "number", "id"]
        indexes = [models.Index(fields=["delivery_id", "id"], name="attempts_of_a_delivery")]


class DeliveryFact(models.Model):
    """
    Append-only: what became known after the mail server had accepted a mail. It never opens sending again.

    `event` is the provider's own id of what it reported, so that a report that comes twice is kept once.
    """

    class Kind(models.TextChoices):
        BOUNCED = "bounced", _("came back")
        DELAYED = "delayed", _("delayed")
        COMPLAINED = "complained", _("complained about")
        CONFIRMED = "confirmed", _("handed to the mailbox")

    delivery_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=60)
    event = models.CharField(max_length=200)
    code = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("delivery fact")
        verbose_name_plural = _("delivery facts")
        ordering = ["delivery_id", "at"]
        indexes = [models.Index(fields=["delivery_id", "at"], name="facts_of_a_delivery")]
        constraints = [models.UniqueConstraint(fields=["source", "event"], name="one_fact_per_event")]


class DeliverabilityCheck(models.Model):
    """
    The last examination of whether mail from here can be accepted, in one row; a notice keeps what was known.

    :ivar findings: the name, gravity and words of each fault (policies.deliverability.faults); none is good
    """

    ONLY = 1

    findings = models.JSONField(default=list)
    at = models.DateTimeField()

    @classmethod
    def known(cls) -> dict[str, object]:
        """What is known now, as a notice keeps it; empty where nobody ever looked."""
        last = cls.objects.filter(pk=cls.ONLY).first()
        return {"at": last.at.isoformat(), "findings": last.findings} if last else {}


class Suppression(models.Model):
    """An address that gets no mail, by a keyed hash, so that it can be kept after the person is erased."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("hard bounce")
        COMPLAINT = "complaint", _("complaint")
        MANUAL = "manual", _("by hand")
        ERASED = "erased", _("erased")

    address_hmac = sha256_field(unique=True)
    reason = models.CharField(max_length=11, choices=Reason)
    source = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()


class JobSlot(models.Model):
    """The last slot a periodic job ran in: of two beats that ring together, one runs it."""

    name = models.CharField(max_length=60, unique=True)
    last_slot = models.BigIntegerField(default=0)


class NoticeSeen(models.Model):
    """The fact that a person was first shown a version's prominent notice, and where; later, that they put it away."""

    class Place(models.TextChoices):
        SITE = "site", _("on this site")
        PRODUCT = "product", _("in the product")
        APP = "app", _("in the app")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="sights")
    person = models.ForeignKey("policies.Person", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=7, choices=Place, default=Place.SITE)
    at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="one_first_sight_per_person")]
