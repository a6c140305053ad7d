"""Version: one numbered text of a policy, sealed at approval. Revision: one saved edit of a draft."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies import language_names
from policies.models.fields import (
    Acceptance,
    ChangeClass,
    Label,
    LanguageField,
    Precision,
    sha256_field,
    validate_single_line,
)
from policies.models.policies import Policy
from policies.models.summaries import ANSWERS, MAX_ANSWER_LENGTH, Answers, Summary
from policies.text.words import language_tags

if TYPE_CHECKING:
    from policies.models.promises import PromiseCheck


class VersionQuerySet(models.QuerySet["Version"]):
    def drafts(self) -> Self:
        """Not published: being written, in review or approved."""
        return self.filter(published_at=None)

    def published(self) -> Self:
        """On the record for ever, withdrawn ones too; the newest first, corrections before what they correct."""
        return self.filter(published_at__isnull=False).order_by("-number", "-correction")

    def visible(self, at: datetime) -> Self:
        """Published for readers by `at`; what was withdrawn while it was under embargo never is."""
        return self.published().filter(published_at__lte=at).exclude(withdrawn_at__lt=F("published_at"))

    def standing(self) -> Self:
        """Published and not withdrawn."""
        return self.published().filter(withdrawn_at=None)

    def in_force(self, at: datetime) -> Self:
        """Per policy at most one: the highest label, not withdrawn, that is published and effective by `at`."""
        due = Q(published_at__lte=at, effective_at__lte=at, withdrawn_at=None)
        newer = Version.objects.filter(
            Q(number__gt=models.OuterRef("number"))
            | Q(number=models.OuterRef("number"), correction__gt=models.OuterRef("correction")),
            policy=models.OuterRef("policy"),
            published_at__lte=at,
            effective_at__lte=at,
            withdrawn_at=None,
        )
        return self.filter(due).filter(~models.Exists(newer))

    def upcoming(self, at: datetime) -> Self:
        """Published, not withdrawn, not yet in effect at `at`, as corrected last; the next one first."""
        ahead = {"published_at__lte": at, "effective_at__gt": at, "withdrawn_at": None}
        same = Q(policy=models.OuterRef("policy"), number=models.OuterRef("number"))
        corrected = Version.objects.filter(same, correction__gt=models.OuterRef("correction"), **ahead)
        return self.filter(~models.Exists(corrected), **ahead).order_by("number", "correction")

    def asking(self, at: datetime) -> Self:
        """Standing versions published by `at` that ask each person for an answer, by policy, the oldest first."""
        asks = Q(acceptance=Acceptance.EXPLICIT, policy__retired_at=None)
        return self.filter(asks, published_at__lte=at, withdrawn_at=None).order_by("policy_id", "number")

    def labelled(self, label: Label) -> Self:
        """The version of this label, where there is one."""
        return self.filter(number=label.number, correction=label.correction)

    def newer_than(self, label: Label) -> Self:
        """Later numbers, and later corrections of the same number."""
        return self.filter(Q(number__gt=label.number) | Q(number=label.number, correction__gt=label.correction))

    def up_to(self, label: Label) -> Self:
        """This label, and everything before it."""
        return self.filter(Q(number__lt=label.number) | Q(number=label.number, correction__lte=label.correction))

    def with_summaries(self) -> Self:
        """Ready for `summary_in`: one query more, which leaves the texts' words in the database."""
        return self.prefetch_related(models.Prefetch("texts", VersionText.objects.defer("body")))

    def approved(self) -> Self:
        return self.filter(status=Version.Status.APPROVED)

    def awaiting_notice(self, at: datetime) -> Self:
        """Witnessed, visible versions that tell people and have no legal notice yet: what `notices.planning` asks."""
        return (
            self.standing()
            .filter(imported=False, tells_people=True, published_at__lte=at)
            .exclude(notices__stream="legal", notices__kind="change")
        )


class Version(Answers):
    """One numbered text of a policy. A person's decisions are stored; what follows from dates is derived."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions", verbose_name=_("policy"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    # Counted within a number: a correction of version 2 is called 2.1. 0 is the version itself.
    correction = models.PositiveSmallIntegerField(_("correction"), default=0, editable=False)
    based_on = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("based on"),
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    # The same words corrected in an announced version: approved and published together with this draft.
    goes_with = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="companions",
        verbose_name=_("goes with"),
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT, editable=False)
    change_class = models.CharField(_("class"), max_length=9, choices=ChangeClass, default=ChangeClass.EDITORIAL)
    tier = models.SlugField(
        _("tier"),
        max_length=40,
        blank=True,
        db_index=False,
        help_text=_("The policy's own word, where it has one."),
    )
    reasons = models.JSONField(_("reason codes"), default=list, blank=True)
    written_reason = models.TextField(
        _("written reason"),
        blank=True,
        max_length=MAX_ANSWER_LENGTH,
        help_text=_("Why this class. Kept for the evidence."),
    )
    proposal = models.JSONField(_("proposal"), null=True, blank=True, editable=False)
    lowering_reason = models.TextField(
        _("reason for deciding lower than proposed"),
        blank=True,
        max_length=MAX_ANSWER_LENGTH,
        help_text=_("Needed when the comparison proposes material and you decide otherwise."),
    )
    retroactive = models.BooleanField(_("applies to what people gave us before"), default=False)
    acceptance = models.CharField(_("acceptance"), max_length=13, choices=Acceptance, default=Acceptance.NONE)
    tells_people = models.BooleanField(_("tells people"), default=False)
    date_precision = models.CharField(_("date shown to the"), max_length=5, choices=Precision, default=Precision.DAY)
    stated_date = models.DateField(
        _("date stated in the text"),
        null=True,
        blank=True,
        help_text=_("For imported texts whose own date differs from the day of publication."),
    )
    override_reason = models.TextField(
        _("reason for overriding the promise"),
        blank=True,
        max_length=MAX_ANSWER_LENGTH,
        help_text=_(
            "Only where the promise in force cannot be kept. The approver has to agree, and the evidence shows it."
        ),
    )
    effective_at = models.DateTimeField(
        _("takes effect"), null=True, blank=True, help_text=_("Empty: at the moment of publication.")
    )
    # What was sealed as the embargo: `published_at` is this instant then, and lies ahead of the press of the button.
    visible_from = models.DateTimeField(
        _("visible from"), null=True, blank=True, help_text=_("Empty: from the moment of publication.")
    )
    time_zone = models.CharField(_("legal time zone"), max_length=64, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    manifest = models.TextField(_("manifest"), blank=True, editable=False)
    manifest_sha256 = sha256_field(blank=True, editable=False)
    imported = models.BooleanField(_("imported, not witnessed"), default=False, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started"), editable=False)
    edited_at = models.DateTimeField(_("edited"), editable=False)

    objects = VersionQuerySet.as_manager()
    # What whoever read a whole time line found already (policies.timeline).
    loaded_texts: "list[VersionText] | None" = None

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["policy__title", "policy_id", "-number", "-correction", "-id"]  # two may have one title
        get_latest_by = ["number", "correction"]
        permissions = [
            ("approve_version", _("Can approve or send back versions")),
            ("publish_version", _("Can publish, postpone and withdraw versions")),
            ("view_evidence", _("Can read evidence about anybody")),
        ]
        indexes = [
            models.Index(
                fields=["policy", "number"],
                condition=Q(acceptance="explicit", published_at__isnull=False),
                name="versions_that_ask",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number", "correction"], name="one_label_per_policy"),
            models.CheckConstraint(
                condition=Q(corrects=None, correction=0)
                | Q(
                    corrects__isnull=False,
                    change_class=ChangeClass.EDITORIAL,
                    acceptance=Acceptance.NONE,
                    retroactive=False,
                    tier="",
                )
                & (Q(published_at=None, correction=0) | Q(published_at__isnull=False, correction__gte=1)),
                name="a_correction_is_editorial_and_asks_nobody",
            ),
            models.CheckConstraint(condition=Q(number=None) | Q(number__gte=1), name="numbers_start_at_one"),
            models.CheckConstraint(
                condition=Q(published_at=None, number=None)
                | Q(
                    published_at__isnull=False,
                    number__isnull=False,
                    effective_at__isnull=False,
                    status="published",
                )
                & ~Q(manifest_sha256="")
                & ~Q(time_zone=""),
                name="published_version_is_numbered_dated_and_sealed",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(effective_at__gte=F("published_at")) | Q(imported=True),
                name="nothing_takes_effect_before_publication",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(published_at__isnull=False, withdrawn_at__lt=F("effective_at")),
                name="withdrawn_only_before_effect",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "published"]) | ~Q(manifest_sha256=""),
                name="approved_version_is_sealed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}, {self.name}"

    @property
    def name(self) -> str:
        """How readers call it."""
        return _("version %(number)s") % {"number": self.label} if self.number else str(_("draft"))

    @property
    def label(self) -> Label:
        """Its number, and which correction of it this is; a draft has none yet, and stands before all."""
        return Label(self.number or 0, self.correction)

    @property
    def base_today(self) -> "Version | None":
        """What a draft has to be based on: the latest standing version, and for a correction that of its number."""
        standing = self.policy.versions.standing()
        return (standing.filter(number=self.corrects.number) if self.corrects else standing).first()

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def promise_check(self) -> "PromiseCheck | None":
        """How it stands against the promise: as it was published, or as its date was last brought forward."""
        return self.promise_checks.order_by("pk").last()

    @property
    def zone(self) -> ZoneInfo:
        """The zone that names its dates: once it is published, for ever the one it was published under."""
        return ZoneInfo(self.time_zone) if self.time_zone else self.policy.zone

    @property
    def last_updated_on(self) -> date | None:
        """The day shown as "Last updated": the one the text states of itself, else that of publication, there."""
        if self.stated_date or self.published_at is None:
            return self.stated_date
        return self.published_at.astimezone(self.zone).date()

    @property
    def all_texts(self) -> "list[VersionText]":
        """The authoritative one first."""
        return list(self.texts.all()) if self.loaded_texts is None else self.loaded_texts

    def text_in(self, *languages: str) -> "VersionText":
        """The text for readers of these languages, tried in turn (de-AT, else de), or the authoritative one."""
        texts = {text.language: text for text in self.all_texts}
        found = (language_tags.nearest(language, texts) for language in languages)
        chosen = next((each for each in found if each), None)
        return texts[chosen] if chosen else next(text for text in texts.values() if text.authoritative)

    def summary_in(self, language: str) -> Summary:
        """The four answers in `language`, or as their authors wrote them where the translation has none."""
        text = self.text_in(language)
        if text.answered:
            return Summary(text.language, **text.answers)
        authors = text if text.authoritative else self.text_in("")
        return Summary(authors.language, **self.answers)


class Wording(Answers):
    """A text in one language: canonical Markdown, the sha256 of its bytes, and what stands around it."""

    language = LanguageField(_("language"))
    title = models.CharField(_("title"), max_length=200, validators=[validate_single_line])
    body = models.TextField(_("text"))
    short_version = models.TextField(_("the short version"), blank=True, max_length=MAX_ANSWER_LENGTH)
    sha256 = sha256_field(editable=False)

    class Meta:
        abstract = True

    @property
    def language_name(self) -> str:
        """Its language in the language of the moment."""
        return language_names.name_of(self.language)

    @property
    def words(self) -> dict[str, str]:
        """Everything that is sealed of it, by its names."""
        return {name: getattr(self, name) for name in WORDS}


WORDS = tuple(str(field.name) for field in Wording._meta.local_fields)


class VersionText(Wording):
    """
    A version in one language.

    A translation may have the version's four answers in its language; those in the authors' are the version's own.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="texts", verbose_name=_("version"))
    authoritative = models.BooleanField(_("authoritative"), default=False)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["-authoritative", "language"]
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="one_text_per_language"),
            models.UniqueConstraint(fields=["version"], condition=Q(authoritative=True), name="one_authoritative_text"),
            models.CheckConstraint(
                condition=Q(authoritative=False) | Q(what_changed="", why="", impact="", what_you_can_do=""),
                name="authors_answers_stand_in_the_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The names of the answers given in only one of the two languages, where the translation has any at all."""
        return tuple(
            name for name in ANSWERS if self.answered and (name in self.answered) != (name in self.version.answered)
        )


class TranslationProposal(Wording):
    """
    A translation of a published version that somebody handed in: the desk's alone until another approves it.

    The row goes when it is approved or taken back; the audit record stays.

    :ivar sent_back: what the reviewer asks for, until it is handed in again
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="proposed_translations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sent_back = models.TextField(_("comment"), blank=True, max_length=MAX_ANSWER_LENGTH)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["version", "language"], name="one_proposal_per_language")]

    def __str__(self) -> str:
        return f"{self.version}, {self.language_name}"

    @property
    def text(self) -> VersionText:
        """The text as it would stand beside the others; not saved."""
        return VersionText(version=self.version, **self.words)


class DateChange(models.Model):
    """
    Append-only: a published version was moved to another instant, before it took effect: postponed, or brought forward.

    Its table has the name of a time when a version could only be postponed: what was bound of it then names it so.

    :ivar untold: no mail about the version had been tried; only then may it be brought forward
    :ivar override_reason: why it was brought forward although the promise in force is not kept by that
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="date_changes")
    effective_at = models.DateTimeField()
    was_effective_at = models.DateTimeField()
    untold = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    override_reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "policies_postponement"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_at__gt=F("was_effective_at"))
                | Q(untold=True, effective_at__lt=F("was_effective_at")),
                name="brought_forward_only_where_nobody_was_told",
            )
        ]

    @property
    def is_earlier(self) -> bool:
        """Brought forward, and not postponed."""
        return self.effective_at < self.was_effective_at


class Revision(models.Model):
    """One saved edit of a draft; no legal meaning. `content` is what `authoring.content_of` gives."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="revisions", verbose_name=_("version"))
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        get_latest_by = "number"
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="one_number_per_revision")]


class Review(models.Model):
    """Append-only: one reviewer's answer to one manifest."""

    class Answer(models.TextChoices):
        APPROVED = "approved", _("approved")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("version"))
    manifest_sha256 = sha256_field()
    answer = models.CharField(_("answer"), max_length=17, choices=Answer)
    comment = models.TextField(_("comment"), blank=True, max_length=MAX_ANSWER_LENGTH)
    agrees_to_override = models.BooleanField(_("agrees to overriding the promise"), default=False)
    solo = models.BooleanField(_("without a second person"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["at", "id"]
        get_latest_by = "id"
