"""A translation may answer the four questions of the summary in its own language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0004_give_new_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="versiontext",
            name="impact",
            field=models.TextField(blank=True, max_length=2000, verbose_name="what it means for you"),
        ),
        migrations.AddField(
            model_name="versiontext",
            name="what_changed",
            field=models.TextField(blank=True, max_length=2000, verbose_name="what changed"),
        ),
        migrations.AddField(
            model_name="versiontext",
            name="what_you_can_do",
            field=models.TextField(blank=True, max_length=2000, verbose_name="what you can do"),
        ),
        migrations.AddField(
            model_name="versiontext",
            name="why",
            field=models.TextField(blank=True, max_length=2000, verbose_name="why"),
        ),
        migrations.AddConstraint(
            model_name="versiontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("authoritative", False),
                    models.Q(("impact", ""), ("what_changed", ""), ("what_you_can_do", ""), ("why", "")),
                    _connector="OR",
                ),
                name="authors_answers_stand_in_the_version",
            ),
        ),
    ]
