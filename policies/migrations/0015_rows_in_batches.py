"""Rows without a leaf of their own are bound in batches."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0014_open_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoundRows",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=63)),
                ("scope", models.BigIntegerField(default=0)),
                ("released", models.BooleanField(default=False)),
                ("count", models.PositiveIntegerField()),
                ("last", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField(max_length=32)),
                ("columns", models.TextField()),
                ("keys", models.TextField()),
                ("hashes", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["table", "scope", "last"], name="bound_rows_of_a_table")],
            },
        ),
    ]
