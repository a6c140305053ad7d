"""A notice goes out once more to one person, as a notice of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0023_claimed_answers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("change", "a new version"),
                    ("postponed", "a later date"),
                    ("withdrawn", "a withdrawal"),
                    ("reminder", "a reminder"),
                    ("correction", "a correction"),
                    ("again", "once more, to one person"),
                ],
                default="change",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="occasion",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Tells repeated announcements of one kind apart: the postponement, or the person told once more.",
                verbose_name="occasion",
            ),
        ),
    ]
