"""The index that claims use, without the key: what is due at one instant shares its entries, in a sixth of the space."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0005_answers_in_each_language"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_due",
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["notice", "next_attempt_at"], name="delivery_due"
            ),
        ),
    ]
