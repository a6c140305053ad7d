"""Whose address was changed is found without a look at all other events."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0021_where_mails_lead"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("verb", "person.address_changed")), fields=["at"], name="moved_people"
            ),
        ),
    ]
