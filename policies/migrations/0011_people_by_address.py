"""Whoever asks for a code to sign in by is found by their address."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0010_proposed_translations"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(django.db.models.functions.text.Upper("address"), name="people_by_address"),
        ),
    ]
