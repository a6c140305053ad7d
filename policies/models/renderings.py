"""
What a renderer made of a text or a pair of texts: outside the immutable rows, so that a fix reaches old pages.

Of what is published each is bound: a row says what it has to be, and that row has a leaf.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.fields import sha256_field
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
