"""Who declined, was let off or could not be reached is found side by side, in the order of people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0016_several_audiences"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["failed", "uncertain", "suppressed", "expired", "cancelled"])),
                fields=["id", "recipient_id"],
                name="delivery_lost",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("declined_number__gt", 0)), fields=["policy", "person"], name="declined_standings"
            ),
        ),
        migrations.RemoveIndex(model_name="standing", name="waived_standings"),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("waived_number__gt", 0)), fields=["policy", "person"], name="waived_standings"
            ),
        ),
    ]
