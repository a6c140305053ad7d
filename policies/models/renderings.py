"""What a renderer made of a text or a pair of texts: outside the immutable rows, so that a fix reaches old pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.versions import VersionText


class Rendering(models.Model):
    """One text as safe HTML with its contents list (`[{level, text, number, anchor}]`), by one renderer version."""

    text = models.ForeignKey(VersionText, on_delete=models.CASCADE, related_name="renderings")
    renderer = models.CharField(max_length=40)
    html = models.TextField()
    plain = models.TextField()
    contents = models.JSONField(default=list)

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

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "renderer"], name="one_comparison_per_pair_and_renderer")
        ]
