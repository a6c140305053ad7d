"""A translation that comes after publication waits for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import policies.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0009_terms_on_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="TranslationProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what_changed", models.TextField(blank=True, max_length=2000, verbose_name="what changed")),
                ("why", models.TextField(blank=True, max_length=2000, verbose_name="why")),
                ("impact", models.TextField(blank=True, max_length=2000, verbose_name="what it means for you")),
                ("what_you_can_do", models.TextField(blank=True, max_length=2000, verbose_name="what you can do")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        max_length=200, validators=[policies.models.fields.validate_single_line], verbose_name="title"
                    ),
                ),
                ("body", models.TextField(verbose_name="text")),
                ("short_version", models.TextField(blank=True, max_length=2000, verbose_name="the short version")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField()),
                ("sent_back", models.TextField(blank=True, max_length=2000, verbose_name="comment")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposed_translations",
                        to="policies.version",
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "language"), name="one_proposal_per_language")
                ],
            },
        ),
    ]
