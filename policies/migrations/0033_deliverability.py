"""Whether mail from here can be accepted: what was found last, and what a notice was planned with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0032_what_notices_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliverabilityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("findings", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="deliverability",
            field=models.JSONField(default=dict, editable=False, verbose_name="deliverability when planned"),
        ),
    ]
