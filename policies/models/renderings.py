"""
What readers see. Rendering, Comparison: what a renderer made of a text or a pair of texts, outside the immutable rows,
so that a fix reaches old pages. Of what is published each is bound: a row says what it has to be, and that row has a
leaf. Appearance: the organization's name, logo, colors, links and words around them. PublicChange: that any of it, or
what it is made of, changed.
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.fields import sha256_field, validate_single_line
from policies.models.versions import VersionText


class BoundRendering(models.Model):
    """
    Append-only: what one renderer's page of a published text has to be, or its comparison with the text `before`.

    `parts` has the sha256 of each part by its name, `sha256` is that of the page, or of the comparison in line.
    """

    text = models.ForeignKey(VersionText, on_delete=models.PROTECT, related_name="bound")
    before = models.ForeignKey(VersionText, on_delete=models.PROTECT, null=True, related_name="+")
    text_sha256 = sha256_field()
    before_sha256 = sha256_field(blank=True)
    renderer = models.CharField(max_length=40)
    sha256 = sha256_field()
    parts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["text", "before", "renderer"], name="one_bound_comparison_per_renderer"),
            models.UniqueConstraint(
                fields=["text", "renderer"], condition=models.Q(before=None), name="one_bound_rendering_per_renderer"
            ),
        ]

    def __str__(self) -> str:
        compared = f" compared with {self.before.version}" if self.before else ""
        return f"{self.text.version}, {self.text.language}{compared}"


class Rendering(models.Model):
    """One text as safe HTML with its contents list (`[{level, text, number, anchor}]`), by one renderer version."""

    text = models.ForeignKey(VersionText, on_delete=models.CASCADE, related_name="renderings")
    renderer = models.CharField(max_length=40)
    html = models.TextField()
    plain = models.TextField()
    contents = models.JSONField(default=list)

    PARTS: ClassVar[tuple[str, ...]] = ("html", "plain", "contents")
    # The row that binds it; None for what is not published.
    bound: BoundRendering | None = None

    class Meta:
        verbose_name = _("rendering")
        verbose_name_plural = _("renderings")
        constraints = [models.UniqueConstraint(fields=["text", "renderer"], name="one_rendering_per_text_and_renderer")]


class Comparison(models.Model):
    """
    A pair of texts: its redline in every form it is shown, the counts, the changed sections and the facts.

    `summary` has the counts (sections and words), `sections` is `[{title, anchor, kind}]`, `facts` as in
    policies.text.meaning.facts.
    """

    before = models.ForeignKey(VersionText, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(VersionText, on_delete=models.CASCADE, related_name="comparisons")
    renderer = models.CharField(max_length=40)
    inline_html = models.TextField()
    side_html = models.TextField()
    changes_html = models.TextField()
    mail_html = models.TextField()
    plain = models.TextField()
    summary = models.JSONField(default=dict)
    sections = models.JSONField(default=list)
    facts = models.JSONField(default=list)

    PARTS: ClassVar[tuple[str, ...]] = (
        *("inline_html", "side_html", "changes_html", "mail_html", "plain"),
        *("summary", "sections", "facts"),
    )
    # The row that binds it; None where it was made on demand.
    bound: BoundRendering | None = None

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "renderer"], name="one_comparison_per_pair_and_renderer")
        ]


# What is told apart when one look follows another, in the order of the form.
CHOSEN = ("organization", "accent", "accent_dark", "logo_sha256", "words")


class AppearanceQuerySet(models.QuerySet["Appearance"]):
    def used(self) -> Self:
        """Those that were ever put into use, the newest first: it counts."""
        return self.filter(at__isnull=False).order_by("-at", "-pk")


class Appearance(models.Model):
    """
    How pages and mails look and what stands around them, from an instant on. Append-only once it was put into use.

    :ivar organization: empty where the name is the one of the settings
    :ivar accent: `#rrggbb` for light screens, and `accent_dark` for dark ones; empty where they are ours
    :ivar words: by language: `links` as pairs of label and address, `imprint`, `mail_footer`, `notice`
    :ivar logo: a PNG that we wrote, and its sha256
    :ivar at: when it was put into use; None while it is prepared
    """

    organization = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_single_line])
    accent = models.CharField(_("color"), max_length=7, blank=True)
    accent_dark = models.CharField(_("color on dark screens"), max_length=7, blank=True)
    logo = models.BinaryField(default=bytes, blank=True)
    logo_sha256 = sha256_field(blank=True, db_index=True)
    words = models.JSONField(default=dict, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("in use since"), null=True, db_index=True)

    objects = AppearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("look and words")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(_("Look and words, %(number)d")) % {"number": self.pk or 0}

    @property
    def described(self) -> dict[str, Any]:
        """What was chosen, as JSON: the logo by its hash."""
        return {name: getattr(self, name) for name in CHOSEN}


class PublicChange(models.Model):
    """Something changed that pages show which know no reader. Triggers add them; the oldest are deleted."""
