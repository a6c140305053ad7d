"""Looks: the name, logo, colors, links and words of the organization."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import policies.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0024_told_once_more"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[policies.models.fields.validate_single_line],
                        verbose_name="name",
                    ),
                ),
                ("accent", models.CharField(blank=True, max_length=7, verbose_name="color")),
                ("accent_dark", models.CharField(blank=True, max_length=7, verbose_name="color on dark screens")),
                ("logo", models.BinaryField(blank=True, default=bytes)),
                ("logo_sha256", models.CharField(blank=True, db_index=True, max_length=64)),
                ("words", models.JSONField(blank=True, default=dict)),
                ("prepared_at", models.DateTimeField()),
                ("at", models.DateTimeField(db_index=True, null=True, verbose_name="in use since")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "look",
                "verbose_name_plural": "look and words",
                "ordering": ["-id"],
            },
        ),
    ]
